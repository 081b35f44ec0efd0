"""Grading again: what is forgotten, and what an instructor decided."""

import shutil
from pathlib import Path

import pytest
from nbformat.v4 import new_code_cell
from nbgrader.api import Gradebook

from nbjudge.course.graded import read_submission
from nbjudge.course.notebooks import graded_cells, read, write
from nbprobe.reason import Reason
from tests.support import SOURCE, measured
from tests.support.gradebooks import scores


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("regrading")
    shutil.copytree(SOURCE.parent, root / "source/ex04")
    measured.put(root)
    return root


def hand_in(root: Path, bce: str | None = None, own: str = "") -> None:
    notebook = read(SOURCE)
    if own:
        notebook.cells.insert(3, new_code_cell(own))
    if bce is not None:
        graded_cells(notebook)["bce"].source = bce
    write(notebook, root / "submitted/ada/ex04" / SOURCE.name)


def decide(root: Path) -> None:
    """Give 1.5 points by hand, as formgrader does."""
    with Gradebook(f"sqlite:///{root / 'gradebook.db'}") as gradebook:
        grade = gradebook.find_grade("test_sigmoid", SOURCE.stem, "ex04", "ada")
        grade.manual_score, grade.needs_manual_grade = 1.5, False
        gradebook.db.commit()


def needs_review(root: Path) -> bool:
    with Gradebook(f"sqlite:///{root / 'gradebook.db'}") as gradebook:
        return bool(gradebook.find_grade("test_sigmoid", SOURCE.stem, "ex04", "ada").needs_manual_grade)


def test_a_new_grading_leaves_no_old_score_behind(course: Path, nbgrader) -> None:
    nbgrader("generate_assignment", "ex04", root=course)
    hand_in(course)
    nbgrader("autograde", "ex04", root=course)
    graded = read_submission(course / "autograded/ada/ex04")
    assert graded is not None
    assert sum(verdict.score for verdict in graded.verdicts.values()) == 20
    assert sum(scores(course, "ex04")[1]["ada"].values()) == 20

    # an instructor's own decision outlives a new grading
    decide(course)
    assert not needs_review(course)
    nbgrader("autograde", "ex04", "--force", root=course)
    assert sum(scores(course, "ex04")[1]["ada"].values()) == 19.5
    assert not needs_review(course), "nothing has changed about it"

    hand_in(course, own="def of_my_own():\n    return 1")
    nbgrader("autograde", "ex04", "--force", root=course)
    assert needs_review(course), "there is a cell that nobody has seen"
    decide(course)
    hand_in(course, bce="import os\nos._exit(1)")
    nbgrader("autograde", "ex04", "--force", root=course)
    assert sum(scores(course, "ex04")[1]["ada"].values()) == 20 - 3 - 3 - 0.5
    assert needs_review(course), "there is another answer"
    nbgrader("autograde", "ex04", "--force", root=course)
    assert needs_review(course), "nobody has looked at it yet"
    graded = read_submission(course / "autograded/ada/ex04")
    assert graded is not None
    verdict = graded.verdicts[SOURCE.stem, "test_bce_forward"]
    assert (verdict.score, verdict.maximum) == (0, 3)
    notebook = read(course / "autograded/ada/ex04" / SOURCE.name)
    kind = graded_cells(notebook)["bce"].outputs[-1].ename
    stopped = "This was not reached: a cell that it needs doesn't run: bce ({})."
    assert verdict.rows[0].reason == Reason(stopped.format(kind), stopped.format("another error"))


def test_a_source_that_cannot_measure_stops_the_grading_with_one_sentence(tmp_path: Path, nbgrader) -> None:
    source = tmp_path / "source/ex04" / SOURCE.name
    notebook = read(SOURCE)
    test = graded_cells(notebook)["test_bce_forward"]
    test.source = test.source.replace("points=1.5", "points=1.25")
    write(notebook, source)
    nbgrader("generate_assignment", "ex04", root=tmp_path)
    hand_in(tmp_path)
    done = nbgrader("autograde", "ex04", root=tmp_path, fails=True)
    assert (
        "Nothing was graded: the probes of test_bce_forward give 2.75 points, but the cell is worth 3." in done.stderr
    )
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "autograded/ada/ex04").exists()
