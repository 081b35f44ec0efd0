"""Whether an exercise can be graded where there are no namespaces: its own solution runs behind the second wall."""

import shutil
import tempfile
from pathlib import Path

from nbjudge.authoring.exercise import Exercise
from nbjudge.authoring.proof import Doubt
from nbjudge.course.cells import is_grade
from nbjudge.course.isolation import LANDLOCK
from nbjudge.course.whole_notebook import whole_notebook
from nbjudge.judging import oracle
from nbjudge.judging.written_rules import with_rules
from nbjudge.sandbox.bubblewrap import SandboxError
from nbjudge.sandbox.step import SandboxedExecute
from nbjudge.sandbox.walls import Landlock
from nbprobe.evidence import published
from nbprobe.judge import judge


def doubts(exercise: Exercise) -> list[str]:
    """What is to be said, if anything; nothing is said where this machine has no such wall to try it."""
    answers = oracle.load(exercise.course, exercise.assignment, exercise.source_notebook)
    if Landlock().missing() or not answers.solution:
        return []
    try:
        lost = _lost(exercise, answers)
    except (SandboxError, SystemExit):  # what the step raises where no submission has been graded
        return []
    if not lost:
        return []
    return [
        Doubt(
            "This exercise can't be graded without namespaces: behind the second wall, where a submission is one "
            f"process, its own solution doesn't get all points of {', '.join(lost)}."
        )
    ]


def _lost(exercise: Exercise, answers: oracle.Oracle) -> list[str]:
    """The tests of which the solution doesn't get all points there, by ``grade_id``."""
    course, path = exercise.course, exercise.source_notebook
    notebook = whole_notebook(course, exercise.assignment, path)
    about = {"notebook": path.stem, "assignment": exercise.assignment, "student": ".", "db_url": course.db_url}
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder, "notebook")  # the step removes it where no sandbox starts
        shutil.copytree(path.parent, place, ignore=shutil.ignore_patterns("*.ipynb", "__pycache__"), symlinks=True)
        resources = {"nbgrader": about, "metadata": {"name": path.stem, "path": str(place)}}
        ran, _ = SandboxedExecute(parent=course.app, isolation=LANDLOCK).preprocess(notebook, resources)
    lost = []
    for cell in filter(is_grade, ran.cells):
        name = cell.metadata.nbgrader.grade_id
        if (right := answers.solution.get(name)) is not None:
            raws = with_rules(ran, cell, right, published(cell.outputs))
            if not judge(right, raws, answers.points[name], [], fragile=answers.fragile[name]).is_full:
                lost.append(str(name))
    return lost
