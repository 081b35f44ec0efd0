"""Draws formulas without help from the network: TeX becomes MathML, which browsers know."""

import html
import re
from typing import Any
from xml.etree.ElementTree import tostring

from latex2mathml.converter import Converter
from nbconvert.preprocessors import Preprocessor
from nbformat import NotebookNode

from nbjudge.course.characters import unescaped
from nbjudge.pages.markup import PARTS, clean_latex, visible

CODE = re.compile(r"(```.*?```|`[^`\n]*`)", re.DOTALL)
FORMULA = re.compile(r"\$\$(.+?)\$\$|\$([^$\n]+?)\$", re.DOTALL)
SYMBOL = re.compile(r"&#x[0-9A-F]{4,5};")
"""As latex2mathml writes one. Any other reference in a formula was written by whoever wrote the formula."""
A_SIGN = re.compile(r"&(?:amp|lt|gt);|[^\w\s]|_")
THIN = '<mspace width="0.17em" />'


class Formulas(Preprocessor):
    """Draws the formulas of the text cells on formgrader's grading page."""

    enabled = True

    def preprocess(self, nb: NotebookNode, resources: dict[str, Any]) -> tuple[NotebookNode, dict[str, Any]]:
        for cell in nb.cells:
            if cell.cell_type == "markdown":
                cell.source = with_mathml(cell.source)
        return nb, resources


def with_mathml(markdown: str) -> str:
    """Markdown with its formulas as MathML, which browsers draw without help. Code spans stay as they are.

    Markdown is read again when it is drawn, so what was a formula holds nothing that would mean something there.
    """
    parts = CODE.split(markdown)
    parts[::2] = [FORMULA.sub(_mathml, part) for part in parts[::2]]
    return "".join(parts)


def _mathml(match: re.Match[str]) -> str:
    block, inline = match.groups()
    formula = unescaped(block or inline)  # in cleaned markdown it stands within HTML
    try:
        if not clean_latex(formula):
            raise ValueError("a command isn't known to be harmless")
        drawing = Converter(display="block" if block else "inline").convert_to_element(formula)
    except Exception:  # a student's own formula can be anything; latex2mathml's errors have no common base
        return f"<code>{_inert(html.escape(formula, quote=False))}</code>"
    for element in drawing.iter():
        element.text = visible(SYMBOL.sub(_letter, element.text or ""))  # tostring escapes it
    mathml = tostring(drawing, encoding="unicode")
    parts = PARTS.split(mathml)
    parts[::2] = map(_inert, parts[::2])
    return "".join(parts).replace("<mi>ln</mi>", f"{THIN}<mi>ln</mi>{THIN}")


def _letter(symbol: re.Match[str]) -> str:
    return unescaped(symbol[0])


def _inert(text: str) -> str:
    """Escaped text in one line, with each sign in a form that markdown passes over."""
    return A_SIGN.sub(_by_number, re.sub(r"\s", " ", text))


def _by_number(sign: re.Match[str]) -> str:
    return sign[0] if len(sign[0]) > 1 else f"&#{ord(sign[0])};"
