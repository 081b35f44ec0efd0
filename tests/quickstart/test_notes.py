"""The notes for authors on the quickstart course: their code is taken from the page, and does what the page says."""

import re
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode

from nbjudge.course.graded import read_graded
from nbprobe.verdict import Verdict
from tests.support import ROOT, quickstart
from tests.support.quickstart import RIGHT, SQUARES, SWITCHED_ON, TRUST, course, nbgrader

BLOCKS = re.findall(r"```python\n(.*?)```", (ROOT / "docs/own-course.md").read_text(), re.DOTALL)
EQUAL = "class Equal(list):\n    __eq__ = lambda self, other: True\n\n\ndef squares(n):\n    return Equal()"
FROM_ZERO = SQUARES.replace("range(1, n + 1)", "range(n)")


def cells(notebook: NotebookNode) -> dict[str, NotebookNode]:
    return {cell.metadata.get("nbgrader", {}).get("grade_id"): cell for cell in notebook.cells}


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The course after all steps of the notes."""
    folder = tmp_path_factory.mktemp("notes") / "course"
    quickstart.make(folder, SWITCHED_ON + TRUST, more=False)
    path = folder / "source/ps1/problem1.ipynb"
    notebook = nbformat.read(path, as_version=4)
    own = cells(notebook)
    shown = (ROOT / "docs/own-course.md").read_text()
    for line in own["correct_squares"].source.splitlines():
        assert f"    {line}\n" in shown  # the page starts with what nbgrader gives
    probes, refuses, check = BLOCKS
    own["correct_squares"].source = probes.replace("### BEGIN", f"{check}### BEGIN").strip()
    own["squares_invalid_input"].source = refuses.strip()
    nbformat.write(notebook, path)
    for command in ("outputs", "release"):
        done = course(folder, command, "ps1")
        assert done.returncode == 0, done.stderr
    quickstart.hand_in(folder, "right", RIGHT)
    quickstart.hand_in(folder, "zero", {**RIGHT, "squares": FROM_ZERO})
    quickstart.hand_in(folder, "equal", {**RIGHT, "squares": EQUAL})
    done = nbgrader(folder, "autograde", "ps1")
    assert done.returncode == 0, done.stderr
    return folder


def verdicts(folder: Path, student: str) -> dict[str, Verdict]:
    read = read_graded(folder / f"autograded/{student}/ps1/problem1.ipynb")
    assert read
    return {name: verdict for (_, name), verdict in read.verdicts.items()}


def test_probes_give_the_points_and_the_rest_stays_plain(graded: Path) -> None:
    right = verdicts(graded, "right")
    assert [(name, one.score, one.plain) for name, one in right.items()] == [
        ("correct_squares", 1, False),
        ("squares_invalid_input", 1, False),
        ("correct_sum_of_squares", 0.5, True),
        ("sum_of_squares_uses_squares", 0.5, True),
    ]


def test_whoever_starts_at_zero_reads_why(graded: Path) -> None:
    verdict = verdicts(graded, "zero")["correct_squares"]
    assert verdict.score == 0
    assert all(row.reason for row in verdict.rows)


def test_a_class_that_is_equal_to_everything_gets_nothing(graded: Path) -> None:
    assert verdicts(graded, "equal")["correct_squares"].score == 0


def test_students_have_the_check_and_what_it_judges_by(graded: Path) -> None:
    release = nbformat.read(graded / "release/ps1/problem1.ipynb", as_version=4)
    assert cells(release)["correct_squares"].source.rstrip().endswith("check_squares()")
    assert (graded / "release/ps1/problem1.checks.json").is_file()
