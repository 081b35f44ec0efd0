"""Makes the page that a student gets back: what counts on top, nothing hidden in it, formulas that need no network."""

import math
import re
from pathlib import Path
from typing import Any

import nbgrader
from nbconvert.exporters import HTMLExporter
from nbconvert.preprocessors import Preprocessor
from nbformat import NotebookNode
from nbgrader.utils import is_grade, is_solution
from traitlets import default
from traitlets.config import Config

from nbjudge.course import notebooks
from nbjudge.course.graded import INTAKE, read_verdict
from nbjudge.pages.formulas import with_mathml
from nbprobe.table import points_of
from nbprobe.verdict import Verdict

SCRIPT = re.compile(r"<script\b.*?</script\s*>", re.DOTALL | re.IGNORECASE)
NBGRADERS_OWN = "No response."
"""The comment that nbgrader writes below an answer that wasn't touched."""
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
        resources["refused"] = nb.metadata.get(INTAKE, {}).get("refused", "")
        resources["commented"] = []
        hidden = hidden_lines(nb)
        for cell in nb.cells:
            if is_grade(cell) and not is_solution(cell):
                cell.source = notebooks.HIDDEN.sub("", cell.source)
            if comment := is_solution(cell) and cell.metadata.nbgrader.get("comment"):
                resources["commented"] += [cell.metadata.nbgrader.grade_id] if comment != NBGRADERS_OWN else []
                cell.metadata.nbgrader.comment = with_mathml(comment)
            if cell.cell_type == "markdown":
                cell.source = with_mathml(cell.source)
            elif cell.cell_type == "code":
                graded = is_grade(cell) and not is_solution(cell)
                shown = [output for output in cell.outputs if not (graded and output.output_type == "execute_result")]
                cell.outputs = [without(output, hidden) for output in shown]
        return nb, resources


def summary_of(cell: NotebookNode) -> dict[str, Any]:
    """What the top of the page says of one task: its name, points and the first thing to know."""
    grading, verdict = cell.metadata.nbgrader, read_verdict(cell)
    name = grading.grade_id.removeprefix("test_").replace("_", " ")
    says = _first_to_know(verdict, grading.score) if verdict else ""
    return {"id": grading.grade_id, "name": name, "score": grading.score, "points": grading.points, "says": says}


def _first_to_know(verdict: Verdict, score: float) -> str:
    """``score`` is what counts; it isn't the verdict's if a person has set it."""
    if not math.isclose(score, verdict.score, abs_tol=1e-6):
        return f"Set by your instructor; the tests alone gave {points_of(verdict)}."
    return verdict.diagnosis or next((row.reason.text for row in verdict.rows if row.reason), "")


def hidden_lines(nb: NotebookNode) -> list[str]:
    """The lines of all hidden tests that are long enough to be recognised."""
    tests = (cell.source for cell in nb.cells if is_grade(cell) and not is_solution(cell))
    regions = [region for test in tests for region in notebooks.HIDDEN.findall(test)]
    lines = {line.strip() for region in regions for line in region.splitlines()}
    return sorted(line for line in lines if len(line) >= LONG_ENOUGH and "HIDDEN TESTS" not in line)


def without(output: NotebookNode, hidden: list[str]) -> NotebookNode:
    """The output, or a remark in its place if it quotes a hidden test."""
    texts = [str(output.get(key, "")) for key in ("text", "evalue", "traceback")] + [str(output.get("data", ""))]
    plain = re.sub(r"\x1b\[[0-9;]*m", "", "\n".join(texts)).replace("\\x1b", "")
    if not any(line in plain for line in hidden):
        return output
    return NotebookNode(output_type="stream", name="stdout", text="(an output that quoted hidden tests was left out)\n")
