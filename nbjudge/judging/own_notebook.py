"""Runs a notebook of the course's own as a submission would run: in the sandbox, with what lies beside it."""

import copy
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from nbjudge.course.cells import is_grade, is_solution
from nbjudge.course.course import Course
from nbjudge.course.regions import withheld
from nbjudge.course.whole_notebook import whole_notebook
from nbjudge.judging.oracle import Answers
from nbjudge.judging.written_rules import Written
from nbjudge.sandbox.step import SandboxedExecute
from nbprobe.evidence import Raw, published
from nbprobe.judge import judge


def evidence(
    course: Course,
    assignment: str,
    path: Path,
    answers: Answers,
    isolation: str,
    instead: Mapping[str, str] = MappingProxyType({}),
    seconds: float | None = None,
) -> dict[str, Raw]:
    """Evidence of the hidden probes, by ``grade_id`` of the test cell.

    Parameters
    ----------
    path
        Of the source notebook.
    isolation
        The wall, as in ``SandboxedExecute``.
    instead
        Texts in place of those of solution cells, by their ``grade_id``.
    seconds
        What the whole may take, if less than a submission.

    Raises
    ------
    SandboxError, SystemExit
        If there is no sandbox to run it in.
    """
    notebook = copy.deepcopy(whole_notebook(course, assignment, path))  # others read the same
    for cell in filter(is_solution, notebook.cells):
        cell.source = instead.get(cell.metadata.nbgrader.grade_id, cell.source)
    about = {"notebook": path.stem, "assignment": assignment, "student": ".", "db_url": course.db_url}
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder, "notebook")  # the step removes it where no sandbox starts
        shutil.copytree(path.parent, place, ignore=shutil.ignore_patterns("*.ipynb", "__pycache__"), symlinks=True)
        resources = {"nbgrader": about, "metadata": {"name": path.stem, "path": str(place)}}
        step = SandboxedExecute(parent=course.app, isolation=isolation)
        if seconds is not None:
            step.notebook_seconds = min(step.notebook_seconds, seconds)
        ran, _ = step.preprocess(notebook, resources)
    written = Written(ran, withheld(course.config))
    return {
        name: written.judged(cell, right, published(cell.outputs))
        for cell in ran.cells
        if is_grade(cell)
        if (right := answers.solution.get(name := cell.metadata.nbgrader.grade_id)) is not None
    }


def is_full(answers: Answers, test: str, raws: Raw) -> bool:
    """Whether evidence earns all points of a test."""
    return judge(answers.solution[test], raws, answers.points[test], [], fragile=answers.fragile[test]).is_full
