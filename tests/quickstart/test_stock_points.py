"""A course that exists, with one line and one setting: the points are those of nbgrader alone, and pages say more."""

import re
import shutil
from pathlib import Path

import nbformat
import pytest

from nbjudge.course.notebooks import graded_cells, read
from tests.support import quickstart
from tests.support.quickstart import SCHEME, SECRET, STUDENTS, SWITCHED_ON, TRUST, course, nbgrader

PLAIN = ["correct_squares", "squares_invalid_input", "correct_sum_of_squares", "partial", "sum_of_squares_uses_squares"]


@pytest.fixture(scope="module")
def stock(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The course, graded by nbgrader alone."""
    folder = tmp_path_factory.mktemp("stock") / "it is mine"
    quickstart.make(folder)
    made = nbgrader(folder, "generate_assignment", "ps1")
    assert made.returncode == 0, made.stderr
    for student, written in STUDENTS.items():
        quickstart.hand_in(folder, student, written)
    graded = nbgrader(folder, "autograde", "ps1")
    assert graded.returncode == 0, graded.stderr
    return folder


@pytest.fixture(scope="module")
def ours(stock: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same with the line and the setting, one submission with pictures more."""
    folder = tmp_path_factory.mktemp("ours") / "it is mine"
    quickstart.make(folder, SWITCHED_ON + TRUST)
    made = nbgrader(folder, "generate_assignment", "ps1")
    assert made.returncode == 0, made.stderr
    shutil.copytree(stock / "submitted", folder / "submitted")
    quickstart.hand_in(folder, "pasted", STUDENTS["right"])
    path = folder / "submitted/pasted/ps1/problem1.ipynb"
    notebook = nbformat.read(path, as_version=4)
    quickstart.paste(notebook, "sum_of_squares_equation")
    nbformat.write(notebook, path)
    graded = course(folder, "autograde", "ps1")
    assert graded.returncode == 0, graded.stderr
    return folder


def test_points_are_those_of_nbgrader_alone(stock: Path, ours: Path) -> None:
    own = quickstart.grades(ours)
    own.pop("pasted")
    assert own == quickstart.grades(stock)
    points = {student: [own[student][f"problem1/{name}"][0] for name in PLAIN] for student in own}
    assert points["right"] == [1, 1, 0.5, 2, 0.5]
    assert points["half"] == [1, 1, 0, 0.5, 0]
    assert points["hidden"][0] == 0
    assert points["loud"][0] == 0  # nbgrader takes a warning for a failure
    assert points["blank"] == [0, 0, 0, 0, 0]


def test_a_second_run_finds_everything_unchanged(ours: Path) -> None:
    again = course(ours, "autograde", "ps1")
    assert f"0 graded in 0 s, {len(STUDENTS) + 1} unchanged since the last time." in again.stderr


def test_an_answer_that_nobody_touched_gets_what_nbgrader_gives(ours: Path) -> None:
    blank = quickstart.grades(ours)["blank"]
    assert blank["problem1/sum_of_squares_equation"] == (0, False)
    assert blank["problem2/part-a"] == (0, False)
    assert quickstart.grades(ours)["right"]["problem2/part-a"] == (None, True)


def test_table_report_export_and_show_say_what_plain_tests_decided(ours: Path) -> None:
    shown = course(ours, "show", "ps1", "wrong").stdout
    assert "1 · Part A (correct squares) (plain test): 0 of 1 points" in shown
    assert "The test cell stopped with AssertionError at “assert squares(1) == [1]”." in shown
    done = course(ours, "export", "ps1", "--to=grades.csv")
    assert done.returncode == 0, done.stderr
    header = (ours / "grades.csv").read_text().splitlines()[0].split(",")
    assert [name for name in header if "(plain test)" in name] == [f"{name} (plain test)" for name in PLAIN]
    assert course(ours, "report", "ps1", "--to=report.html").returncode == 0
    report = (ours / "report.html").read_text()
    assert "Part A (correct squares) (plain test)" in report
    assert "its own asserts decided, in the process of the submission" in report
    assert '"plain": true' in course(ours, "table", "ps1", "--json").stdout


@pytest.fixture(scope="module")
def pages(ours: Path) -> dict[str, str]:
    """The feedback page of each student on the first notebook."""
    made = nbgrader(ours, "generate_feedback", "ps1")
    assert made.returncode == 0, made.stderr
    return {student: (ours / f"feedback/{student}/ps1/problem1.html").read_text() for student in [*STUDENTS, "pasted"]}


def test_no_page_shows_hidden_lines_or_mark_schemes(pages: dict[str, str]) -> None:
    for page in pages.values():
        assert "secret 169" not in page
        assert "squares(13)" not in page
        assert SECRET not in page
        assert SCHEME not in page
        assert "HIDDEN TESTS" not in page
        assert "MARK SCHEME" not in page
    assert "The test cell stopped with AssertionError." in pages["hidden"]
    assert "The asserts of the notebook&#39;s test decided this" in pages["wrong"].replace("'", "&#39;")


def test_a_page_says_what_still_waits_for_a_person(pages: dict[str, str]) -> None:
    assert "3 tasks are still to be read by your instructor: 7 points." in pages["right"]
    assert "There is no answer here." in pages["blank"]


def test_pasted_pictures_formulas_and_own_cells_are_on_the_page(pages: dict[str, str]) -> None:
    page = pages["pasted"]
    own = [picture for picture in re.findall("<img[^>]*>", page) if "picture 1" in picture]
    assert len(own) == 2  # with the task, and in the notebook below
    assert all("data:image/png;base64," in picture for picture in own)
    assert "<msub><mi>a</mi><mi>n</mi></msub>" in page
    assert "<mi>n</mi><msub><mi>a</mi><mn>1</mn></msub>" in page  # of the cell below the task
    assert "image.png" not in page


def test_pictures_are_in_the_notebook_that_formgrader_shows(ours: Path) -> None:
    answer = graded_cells(read(ours / "autograded/pasted/ps1/problem1.ipynb"))["sum_of_squares_equation"]
    assert "![picture 1](attachment:picture-1.png)" in answer.source
    assert list(answer.attachments) == ["picture-1.png"]
    task = next(cell for cell in read(ours / "autograded/pasted/ps1/problem1.ipynb").cells if SCHEME in cell.source)
    assert task.metadata.nbgrader.task  # whoever grades reads it there


def test_code_that_a_person_reads_has_run(ours: Path) -> None:
    cells = read(ours / "autograded/pasted/ps1/problem1.ipynb").cells
    assert graded_cells(read(ours / "autograded/right/ps1/problem1.ipynb"))["sum_of_squares_application"].outputs
    assert cells[-1].outputs[0].text == "3\n"
