"""Draws formulas without help from the network: TeX becomes MathML, which browsers know."""

import html
import re
from typing import Any
from xml.etree.ElementTree import tostring

from latex2mathml.converter import Converter
from nbconvert.preprocessors import Preprocessor
from nbformat import NotebookNode

from nbjudge.course.characters import unescaped
from nbjudge.pages.markup import clean_latex

CODE = re.compile(r"(```.*?```|`[^`\n]*`)", re.DOTALL)
FORMULA = re.compile(r"\$\$(.+?)\$\$|\$([^$\n]+?)\$", re.DOTALL)
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
    """Markdown with its formulas as MathML, which browsers draw without help. Code spans stay as they are."""
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
        return f"<code>{html.escape(formula)}</code>"
    for element in drawing.iter():
        element.text = unescaped(element.text or "")  # it writes symbols as entities; tostring escapes the rest
    mathml = tostring(drawing, encoding="unicode").replace("\n", " ")
    return mathml.replace("<mi>ln</mi>", f"{THIN}<mi>ln</mi>{THIN}")
