"""Takes everything alive out of a graded notebook, so that it can be shown on any page.

The outputs come from a student's process: parsed JSON, and otherwise anything.
"""

import base64
import binascii
import html
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from nbconvert.preprocessors import Preprocessor
from nbformat import NotebookNode
from nbformat.v4 import new_output
from nbgrader.preprocessors import NbGraderPreprocessor
from nbgrader.utils import is_grade, is_solution

from nbjudge.course.characters import BLANK, UNSEEN_MARKS
from nbjudge.course.graded import UNFINISHED
from nbjudge.pages.images import bare_jpeg, bare_png
from nbjudge.pages.markup import clean_html, clean_latex, clean_markdown, visible
from nbprobe.marks import with_few_marks

__all__ = ["BUDGET", "Budget", "Clean", "EscapeNames", "Shorten", "clean_image", "clean_markdown", "clean_outputs"]

BUDGET = "budget"
"""Key in nbgrader's resources: what the outputs of a notebook may still hold."""
MAX_TEXT = 500_000
MAX_IMAGE = 12 * 2**20
MAX_RICH = 20
"""Outputs of one cell whose HTML, markdown or formulas are looked at; of further ones the plain text stays."""
MAX_CODE, MAX_ALL_CODE = 50_000, 200_000
"""Characters that pages show of one code cell, and of all."""
MAX_GAP = 20
"""Empty lines in a row."""
MAX_LINE = 1_000
"""Characters of one line of code. Highlighting looks for the end of many a sign in all of the line."""
NOT_ASCII = re.compile("[^\n\t -~]")
THE_REST = "\n… (the rest was left out)\n"
IMAGES = {"image/png": bare_png, "image/jpeg": bare_jpeg}
MARKUP = {"text/html": clean_html, "text/markdown": clean_markdown, "text/latex": clean_latex}
LEFT_OUT = "(an output that can't be shown safely was left out)"

COLOUR = re.compile(r"\x1b\[((?:[0-9]{0,3};){0,20}[0-9]{0,3})m")
LENGTHS = {5: 3, 2: 5}
"""Of a code for one of 256 colours, such as 38;5;9, and of one by red, green and blue, by what follows the 38."""
ESCAPE = re.compile(r"\x1b(?:\[[0-?]{0,64}[ -/]{0,8}[@-~]|\][^\x07\x1b]{0,500}(?:\x07|\x1b\\))?")


@dataclass
class Budget:
    """What all outputs of one notebook may hold together, so that its page stays one that a browser can open."""

    outputs: int = 3000
    text: int = 1_000_000
    """characters"""
    colours: int = 10_000
    behind_colours: int = 500_000_000
    """characters of text behind changes of colour: a page copies them again at each"""
    markup: int = 400_000
    """characters of HTML, markdown and formulas"""
    pictures: int = 32 * 2**20
    """characters of base64"""
    pixels: int = 500_000_000

    def take(self, what: str, amount: int) -> bool:
        """Whether so much is left; if so, it no longer is."""
        left = getattr(self, what)
        if amount <= left:
            setattr(self, what, left - amount)
        return amount <= left


class Clean(NbGraderPreprocessor):
    """Cleans the outputs of every code cell, except those that the judge wrote. Runs right after it."""

    def preprocess(self, nb: NotebookNode, resources: dict[str, Any]) -> tuple[NotebookNode, dict[str, Any]]:
        nb.metadata.pop("widgets", None)  # a page would take scripts and the state of widgets from there
        nb.metadata.pop(UNFINISHED, None)  # from here on nothing of a student's runs
        budget = resources.pop(BUDGET, None) or Budget()
        for cell in nb.cells:
            if cell.cell_type == "code" and (is_solution(cell) or not is_grade(cell)):
                cell.outputs = clean_outputs(cell.outputs, budget)
        return nb, resources


class Shorten(Preprocessor):
    """Readies the code of a student for pages: whoever reads it sees each of its letters, in their order.

    It is shortened, since highlighting takes long over text that was made for it. What runs stays as it is.
    """

    enabled = True

    def preprocess(self, nb: NotebookNode, resources: dict[str, Any]) -> tuple[NotebookNode, dict[str, Any]]:
        nb.metadata.language_info = {"name": "python"}  # or else nbconvert takes a lexer that is slow at some texts
        left = MAX_ALL_CODE
        for cell in nb.cells:
            if cell.cell_type == "code" and (is_solution(cell) or not is_grade(cell)):
                most = min(MAX_CODE, left)
                text = without_gaps(seen(cell.source[:most]))
                rest = len(cell.source) > most or len(text) > most
                left -= min(len(text), most)
                cell.source = text[:most] + ("\n# … (the rest isn't shown here; it is in the notebook)" if rest else "")
        return nb, resources


def without_gaps(code: str) -> str:
    """Code with at most a few empty lines in a row, and without the rest of very long ones.

    Highlighting takes long over thousands of them, and over lines that were made for it.
    """
    lines, gap = list[str](), 0
    for line in map(str.rstrip, code.split("\n")):
        gap = 0 if line else gap + 1
        if gap <= MAX_GAP:
            lines.append(line if len(line) <= MAX_LINE else f"{line[:MAX_LINE]} # … (the rest of the line isn't shown)")
        elif gap == MAX_GAP + 1:
            lines.append("# … (more empty lines)")
    return "\n".join(lines)


def seen(code: str) -> str:
    """Code in which every letter can be seen: those that can't, or that turn others around, show as ``\\u202e``."""
    lines = code.replace("\r\n", "\n").replace("\r", "\n")  # Python ends a line at each of them
    return with_few_marks(NOT_ASCII.sub(_seen, lines), _escaped)


def _seen(match: re.Match[str]) -> str:
    letter, before = match[0], match.string[max(0, match.start() - 1) : match.start()]
    if "\ufe00" <= letter <= "\ufe0f" and before and unicodedata.category(before).startswith("S"):
        return letter  # it says that the sign before it is to be a picture
    is_seen = letter.isprintable() and letter not in BLANK and not UNSEEN_MARKS.match(letter)
    return letter if is_seen else _escaped(letter)


def _escaped(letter: str) -> str:
    return letter.encode("unicode_escape").decode()


class EscapeNames(Preprocessor):
    """Escapes the names of a student for formgrader's grading page, which shows them as they are."""

    enabled = True

    def preprocess(self, nb: NotebookNode, resources: dict[str, Any]) -> tuple[NotebookNode, dict[str, Any]]:
        for key in ("student", "first_name", "last_name", "notebook_path"):
            if isinstance(resources.get(key), str):
                resources[key] = html.escape(resources[key])
        return nb, resources


def clean_outputs(outputs: list[NotebookNode], budget: Budget | None = None) -> list[NotebookNode]:
    """The outputs of one cell without anything alive: texts, pictures, tables and formulas.

    An output that isn't of the form that the notebook format asks for is dropped.
    """
    budget = budget or Budget()
    kept: list[NotebookNode] = []
    rich = MAX_RICH
    for output in outputs if isinstance(outputs, list) else []:
        if not isinstance(output, dict) or not budget.take("outputs", 1):
            continue
        kind = output.get("output_type")
        if kind == "stream":
            name = "stderr" if output.get("name") == "stderr" else "stdout"
            kept.append(new_output("stream", name=name, text=clean_text(output.get("text"), budget)))
        elif kind == "error":
            lines = output.get("traceback")
            texts = [line for line in lines if isinstance(line, str)] if isinstance(lines, list) else []
            about = {key: visible(_joined(output.get(key))[:2000]) for key in ("ename", "evalue")}
            kept.append(new_output("error", **about, traceback=[clean_text(line, budget) for line in texts]))
        elif kind in ("display_data", "execute_result") and isinstance(output.get("data"), dict):
            kept.append(_rich(kind, output, budget, rich > 0))
            rich -= any(mime in MARKUP for mime in output["data"])
    return kept


def _rich(kind: str, output: dict[str, Any], budget: Budget, with_markup: bool) -> NotebookNode:
    cleaned: dict[str, str] = {}
    for mime, value in output["data"].items():
        if mime == "text/plain":
            cleaned[mime] = clean_text(value, budget)
        elif mime in IMAGES:
            cleaned[mime] = clean_image(mime, _joined(value), budget)
    has_picture = any(cleaned.get(mime) for mime in IMAGES)  # then HTML says the same
    for mime, value in output["data"].items():
        if mime in MARKUP and with_markup and not has_picture and budget.take("markup", len(_joined(value))):
            cleaned[mime] = MARKUP[mime](_joined(value))
    data = {mime: value for mime, value in cleaned.items() if value} or {"text/plain": LEFT_OUT}
    metadata = {mime: about for mime in data if mime in IMAGES and (about := _about(output.get("metadata"), mime))}
    if kind == "display_data":
        return new_output(kind, data, metadata=metadata)
    count = output.get("execution_count")
    number = count if type(count) is int and 0 <= count < 2**31 else None
    return new_output(kind, data, metadata=metadata, execution_count=number)


def clean_text(value: Any, budget: Budget | None = None) -> str:
    """Plain text; of control characters only line breaks, tabs and ANSI colours stay."""
    budget = budget or Budget()
    text = _joined(value)
    most = min(MAX_TEXT, budget.text)
    if len(text) > most:
        text = text[:most] + (THE_REST if most else "")  # said once
    budget.take("text", min(len(text), most))
    pieces, done = list[str](), 0
    for escape in ESCAPE.finditer(text):
        colour = COLOUR.fullmatch(escape[0])
        codes = ";".join(_well_formed(colour[1].split(";"))) if colour else ""
        shown = codes and budget.take("colours", 1) and budget.take("behind_colours", len(text) - escape.end())
        if escape.start() > done:
            pieces.append(visible(text[done : escape.start()]))
        if shown:
            pieces.append(f"\x1b[{codes}m")
        done = escape.end()
    return "".join([*pieces, visible(text[done:])])


def _well_formed(codes: list[str]) -> Iterator[str]:
    """Those codes of a change of colour that mean something. nbconvert fails at a 38 or 48 without its colour."""
    numbers = [int(code or 0) for code in codes]
    while numbers:
        extended = numbers[0] in (38, 48)
        length = LENGTHS.get(numbers[1], 1) if extended and len(numbers) > 1 else 1
        code, numbers = numbers[:length], numbers[length:]
        is_whole = len(code) == length > 1 and max(code) <= 255 if extended else code[0] <= 107
        if is_whole:
            yield ";".join(map(str, code))


def _joined(value: Any) -> str:
    """Text, also where the notebook format has it as a list of lines; anything else is none."""
    if isinstance(value, list) and all(isinstance(line, str) for line in value):
        return "".join(value)
    return value if isinstance(value, str) else ""


def clean_image(mime: str, text: str, budget: Budget) -> str:
    """The picture in base64, or "" if it isn't one of that kind, or larger than what is left."""
    if len(text) > MAX_IMAGE or not budget.take("pictures", len(text)):
        return ""
    try:
        content, pixels = IMAGES[mime](base64.b64decode(text.replace("\n", ""), validate=True))
    except (ValueError, binascii.Error):
        return ""
    return base64.b64encode(content).decode() if budget.take("pixels", pixels) else ""


def _about(metadata: Any, mime: str) -> dict[str, Any]:
    """What a page needs to know of a picture: its size on the page, and a text for those who can't see it."""
    own = metadata.get(mime) if isinstance(metadata, dict) else None
    if not isinstance(own, dict):
        return {}
    sizes = {key: own[key] for key in ("width", "height") if type(own.get(key)) is int and 0 < own[key] <= 4000}
    alt = re.sub("[<>\"'&`\\\\$\\s]+", " ", visible(_joined(own.get("alt"))[:500])).strip()
    return sizes | ({"alt": alt} if alt else {})
