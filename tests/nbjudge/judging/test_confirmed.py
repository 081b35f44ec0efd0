"""Points that a person gives: when they are asked for, and when they are to be confirmed."""

import base64
import io
from pathlib import Path
from typing import Any

import pytest
from nbformat.v4 import new_code_cell
from nbgrader.api import Gradebook
from nbgrader.coursedir import CourseDirectory
from PIL import Image

from nbjudge.batch import kept_gradebook
from nbjudge.course.course import Course
from nbjudge.course.notebooks import graded_cells, read, write
from nbjudge.results.gradebook import GRADED, MANUAL, REFUSED, open_gradebook, read_records
from tests.support.small_exercise import ONE, PROBE, cell, exercise

DRAW = "print(open('data/answer.txt').read())"
BESIDE = {"data/answer.txt": "an answer", "essay.png": "a picture", "code.txt": "print(1)"}


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory, nbgrader: Any) -> Course:
    root = tmp_path_factory.mktemp("confirmed")
    plot = new_code_cell("rate = 0.1", id="plot", metadata={"tags": ["ungraded"]})
    exercise(
        root / "source/small/n.ipynb",
        cell("f", "### BEGIN SOLUTION\ndef f(x):\n    return 2 * x\n### END SOLUTION"),
        cell("test_f", f"### BEGIN HIDDEN TESTS\n{PROBE}{ONE}\n### END HIDDEN TESTS", 1, solution=False),
        cell("essay", "my answer", 5, code=False),
        cell("draw", "### BEGIN SOLUTION\nprint(1)\n### END SOLUTION", 5),
        plot,
    )
    nbgrader("generate_assignment", "small", root=root)
    hand_in(root)
    nbgrader("autograde", "small", root=root)
    return Course(CourseDirectory(root=str(root)))


def png(color: str) -> str:
    data = io.BytesIO()
    Image.new("RGB", (4, 4), color).save(data, "PNG")
    return base64.b64encode(data.getvalue()).decode()


def pasted(root: Path, color: str) -> None:
    """Into the essay, in the words and under the name of any other picture."""
    path = root / "submitted/ada/small/n.ipynb"
    notebook = read(path)
    essay = graded_cells(notebook)["essay"]
    essay.source, essay.attachments = "See ![](attachment:p.png)", {"p.png": {"image/png": png(color)}}
    write(notebook, path)


def hand_in(root: Path, plot: str = "rate = 0.2", **more: str) -> None:
    notebook = read(root / "release/small/n.ipynb")
    cells = graded_cells(notebook)
    cells["f"].source = "def f(x):\n    return 2 * x"
    cells["essay"].source, cells["draw"].source = "See ![](essay.png)", DRAW
    notebook.cells[-1].source = plot
    write(notebook, root / "submitted/ada/small/n.ipynb")
    for name, text in {**BESIDE, **more}.items():
        path = root / "submitted/ada/small" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)


def decide(root: Path) -> None:
    with Gradebook(f"sqlite:///{root / 'gradebook.db'}") as gradebook:
        for name in ("essay", "draw"):
            grade = gradebook.find_grade(name, "n", "small", "ada")
            grade.manual_score, grade.needs_manual_grade = 5, False
        gradebook.db.commit()


def asked_about(root: Path) -> list[str]:
    with Gradebook(f"sqlite:///{root / 'gradebook.db'}") as gradebook:
        grades = {name: gradebook.find_grade(name, "n", "small", "ada") for name in ("essay", "draw")}
        return [name for name, grade in grades.items() if grade.needs_manual_grade]


def test_tasks_that_a_person_grades_are_graded_once(course: Course) -> None:
    """Neither before nor after the decision is there a reason to grade again."""
    assert kept_gradebook.graded(course, "small") == {"ada"}
    decide(course.root)
    assert kept_gradebook.graded(course, "small") == {"ada"}
    with Gradebook(f"sqlite:///{course.root / 'gradebook.db'}") as gradebook:
        gradebook.find_grade("test_f", "n", "small", "ada").auto_score = None  # as before nbgrader has looked
        gradebook.db.commit()
    assert kept_gradebook.graded(course, "small") == set()


CHANGES = [
    {"plot": "rate = 999  # another answer"},
    {"data/answer.txt": "another answer"},
    {"essay.png": "another picture"},
    {"code.txt": "print('copied')"},
    {"data/more.txt": ""},
]


def test_a_decision_stands_while_all_that_was_handed_in_stays(course: Course, nbgrader: Any) -> None:
    hand_in(course.root)
    nbgrader("autograde", "small", "--force", root=course.root)
    decide(course.root)
    (course.root / "submitted/ada/small/timestamp.txt").write_text("2026-05-08 15:00 UTC")
    nbgrader("autograde", "small", "--force", root=course.root)
    assert asked_about(course.root) == []
    handed_in: dict[str, str] = {}
    for change in CHANGES:  # each beside those before, which were decided on
        handed_in |= change
        hand_in(course.root, **handed_in)
        nbgrader("autograde", "small", "--force", root=course.root)
        assert asked_about(course.root) == ["essay", "draw"], change
        decide(course.root)


def test_another_picture_in_the_same_words_is_another_answer(course: Course, nbgrader: Any) -> None:
    hand_in(course.root)
    for color, asked in (("red", True), ("red", False), ("blue", True)):
        pasted(course.root, color)
        nbgrader("autograde", "small", "--force", root=course.root)
        assert bool(asked_about(course.root)) is asked, color
        decide(course.root)


def test_what_is_refused_keeps_the_points_of_a_person_who_is_asked_again(course: Course, nbgrader: Any) -> None:
    def record() -> tuple[str, float | None]:
        with open_gradebook(course) as gradebook:
            _, (one,) = read_records(gradebook, course, ["small"])
        return one.status, one.total

    hand_in(course.root)
    nbgrader("autograde", "small", "--force", root=course.root)
    decide(course.root)
    assert record() == (GRADED, 11)
    (course.root / "submitted/ada/small/n.ipynb").write_text("{")
    nbgrader("autograde", "small", "--force", root=course.root)
    assert record() == (MANUAL, 10)
    with Gradebook(f"sqlite:///{course.root / 'gradebook.db'}") as gradebook:
        for name in ("essay", "draw"):
            grade = gradebook.find_grade(name, "n", "small", "ada")
            grade.manual_score, grade.needs_manual_grade = 0, False
        gradebook.db.commit()
    assert record() == (REFUSED, 0)
