"""Makes the page that a student gets back: what counts on top, nothing hidden in it, formulas that need no network."""

import math
import re
import secrets
import shutil
from pathlib import Path
from typing import Any, cast

import nbgrader
from nbconvert.exporters import HTMLExporter
from nbconvert.preprocessors import Preprocessor
from nbformat import NotebookNode
from nbgrader.converters import GenerateFeedback
from nbgrader.utils import is_grade, is_solution
from traitlets import default
from traitlets.config import Config

from nbjudge.course import notebooks
from nbjudge.course.graded import INTAKE, read_verdict
from nbjudge.course.timestamps import TIMESTAMP
from nbjudge.pages.formulas import with_mathml
from nbprobe.table import points_of
from nbprobe.verdict import Verdict

SCRIPT = re.compile(r"<script\b.*?</script\s*>", re.DOTALL | re.IGNORECASE)
NBGRADERS_OWN = "No response."
"""The comment that nbgrader writes below an answer that wasn't touched."""
LONG_ENOUGH = 20
"""Shorter lines of hidden tests could stand anywhere by chance."""


SECRET = "submission_secret.txt"
FOR_THE_EXCHANGE = (TIMESTAMP, SECRET)
"""What `nbgrader release_feedback` needs beside the pages; by the time, an older page is known, too."""
A_SECRET = re.compile(rb"[!-~]{1,1000}\s*")
"""What that command can read. nbgrader itself writes 128 letters and digits."""


class FeedbackExporter(HTMLExporter):
    """Makes the page from our template, which extends nbgrader's.

    nbgrader makes one for each run, just before it begins, with the converter that is to run as ``parent``. Left alone,
    that one would copy whatever a student handed in into ``feedback/``, where it could stand in the place of a page.
    """

    def __init__(self, config: Config | None = None, **kwargs: Any) -> None:
        nbgraders = Path(nbgrader.__file__).parent / "server_extensions" / "formgrader" / "templates"
        ours = Config()  # nbgrader names its folder in the configuration, which a default couldn't override
        ours.FeedbackExporter.extra_template_basedirs = [str(Path(__file__).parent / "templates"), str(nbgraders)]
        super().__init__(config=Config(config or {}, **ours), **kwargs)
        if isinstance(self.parent, GenerateFeedback):
            converter = cast(Any, self.parent)
            self._is_to_be_made = converter.init_destination
            converter.init_destination, converter.init_assignment = self._clear, self._copy

    @default("template_file")
    def _our_page(self) -> str:
        return "course.html.j2"

    def from_notebook_node(self, nb: NotebookNode, *args: Any, **kwargs: Any) -> tuple[str, dict[str, Any]]:
        """The page, without scripts: it needs none, and MathJax would ask the network."""
        page, resources = super().from_notebook_node(nb, *args, **kwargs)
        return SCRIPT.sub("", page), resources

    def _clear(self, assignment: str, student: str) -> bool:
        """Remove a folder in the place of a page, which nbgrader takes for one or ends at. Whether to go on."""
        converter = cast(Any, self.parent)
        for notebook in converter.notebooks:
            page = Path(converter._format_dest(assignment, student), f"{Path(notebook).stem}.html")
            if page.is_dir():
                shutil.rmtree(page)
        return bool(self._is_to_be_made(assignment, student))

    def _copy(self, assignment: str, student: str) -> None:
        """Copy no more than what nbgrader itself reads there."""
        converter = cast(Any, self.parent)
        source, folder = (Path(of(assignment, student)) for of in (converter._format_source, converter._format_dest))
        folder.mkdir(parents=True, exist_ok=True)
        for name in FOR_THE_EXCHANGE:
            if (source / name).is_file():
                (folder / name).unlink(missing_ok=True)
                shutil.copy(source / name, folder / name)
                if name == SECRET and not A_SECRET.fullmatch((folder / name).read_bytes()):
                    (folder / name).write_text(secrets.token_hex(64))  # or nobody's page after this one is released


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
