"""Makes the page that a student gets back: what counts on top, nothing hidden in it, formulas that need no network."""

import html
import re
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import tostring

import nbgrader
from latex2mathml.converter import Converter
from nbconvert.exporters import HTMLExporter
from nbconvert.preprocessors import Preprocessor
from nbformat import NotebookNode
from nbgrader.utils import is_grade, is_solution
from traitlets import default
from traitlets.config import Config

from grading.markup import clean_latex

SCRIPT = re.compile(r"<script\b.*?</script\s*>", re.DOTALL | re.IGNORECASE)
HIDDEN = re.compile(r"^[^\n]*BEGIN HIDDEN TESTS.*?END HIDDEN TESTS[^\n]*\n?", re.DOTALL | re.MULTILINE)
CODE = re.compile(r"(```.*?```|`[^`\n]*`)", re.DOTALL)
FORMULA = re.compile(r"\$\$(.+?)\$\$|\$([^$\n]+?)\$", re.DOTALL)
THIN = '<mspace width="0.17em" />'
LONG_ENOUGH = 20
"""Shorter lines of hidden tests could stand anywhere by chance."""


class FeedbackExporter(HTMLExporter):
    """Makes the page from our template, which extends nbgrader's."""

    def __init__(self, config: Config | None = None, **kwargs: Any) -> None:
        nbgraders = Path(nbgrader.__file__).parent / "server_extensions" / "formgrader" / "templates"
        ours = Config()  # nbgrader names its folder in the configuration, which a default couldn't override
        ours.FeedbackExporter.extra_template_basedirs = [str(Path(__file__).parent / "templates"), str(nbgraders)]
        super().__init__(config=Config(config or {}, **ours), **kwargs)

    @default("template_file")
    def _our_page(self) -> str:
        return "course.html.j2"

    def from_notebook_node(self, nb: NotebookNode, *args: Any, **kwargs: Any) -> tuple[str, dict[str, Any]]:
        """The page, without scripts: it needs none, and MathJax would ask the network."""
        page, resources = super().from_notebook_node(nb, *args, **kwargs)
        return SCRIPT.sub("", page), resources


class PrepareFeedback(Preprocessor):
    """Readies a graded notebook for its feedback page. Runs after nbgrader's GetGrades."""

    enabled = True

    def preprocess(self, nb: NotebookNode, resources: dict[str, Any]) -> tuple[NotebookNode, dict[str, Any]]:
        resources["tasks"] = [summary_of(cell) for cell in nb.cells if is_grade(cell)]
        hidden = hidden_lines(nb)
        for cell in nb.cells:
            cell.source = HIDDEN.sub("", cell.source)
            if cell.cell_type == "markdown":
                cell.source = with_mathml(cell.source)
            elif cell.cell_type == "code":
                graded = is_grade(cell) and not is_solution(cell)
                cell.outputs = [each for each in cell.outputs if not (graded and each.output_type == "execute_result")]
                cell.outputs = [without(each, hidden) for each in cell.outputs]
        return nb, resources


def summary_of(cell: NotebookNode) -> dict[str, Any]:
    """What the top of the page says of one task: its name, points and the first thing to know."""
    grading = cell.metadata.nbgrader
    lines = []
    for output in cell.get("outputs", []):
        if output.output_type == "display_data":
            lines = output.data.get("text/plain", "").splitlines()[1:]
            break
    said = next((line.strip() for line in lines if line.strip() and line.strip()[0] not in "✓✗!"), "")
    name = grading.grade_id.removeprefix("test_").replace("_", " ")
    return {"id": grading.grade_id, "name": name, "score": grading.score, "points": grading.points, "says": said}


def hidden_lines(nb: NotebookNode) -> list[str]:
    """The lines of all hidden tests that are long enough to be recognised."""
    regions = [region for cell in nb.cells for region in HIDDEN.findall(cell.source)]
    lines = {line.strip() for region in regions for line in region.splitlines()}
    return sorted(line for line in lines if len(line) >= LONG_ENOUGH and "HIDDEN TESTS" not in line)


def without(output: NotebookNode, hidden: list[str]) -> NotebookNode:
    """The output, or a remark in its place if it quotes a hidden test."""
    texts = [str(output.get(key, "")) for key in ("text", "evalue", "traceback")] + [str(output.get("data", ""))]
    plain = re.sub(r"\x1b\[[0-9;]*m", "", "\n".join(texts)).replace("\\x1b", "")
    if not any(line in plain for line in hidden):
        return output
    return NotebookNode(output_type="stream", name="stdout", text="(an output that quoted hidden tests was left out)\n")


def with_mathml(markdown: str) -> str:
    """Markdown with its formulas as MathML, which browsers draw without help. Code spans stay as they are."""
    parts = CODE.split(markdown)
    parts[::2] = [FORMULA.sub(_mathml, part) for part in parts[::2]]
    return "".join(parts)


def _mathml(match: re.Match[str]) -> str:
    block, inline = match.groups()
    formula = html.unescape(block or inline)  # in cleaned markdown it stands within HTML
    try:
        if not clean_latex(formula):
            raise ValueError("a command isn't known to be harmless")
        drawing = Converter(display="block" if block else "inline").convert_to_element(formula)
    except Exception:  # a student's own formula can be anything; latex2mathml's errors have no common base
        return f"<code>{html.escape(formula)}</code>"
    for element in drawing.iter():
        element.text = html.unescape(element.text or "")  # it writes symbols as entities; tostring escapes the rest
    mathml = tostring(drawing, encoding="unicode").replace("\n", " ")
    return mathml.replace("<mi>ln</mi>", f"{THIN}<mi>ln</mi>{THIN}")
