"""Points that a person gives: when they are asked for, and when they are to be confirmed."""

import base64
import hashlib
import io
import json
from pathlib import Path
from typing import Any

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell
from nbgrader.api import Gradebook
from nbgrader.coursedir import CourseDirectory
from PIL import Image

from nbjudge.batch import kept_gradebook
from nbjudge.course.course import Course
from nbjudge.course.kept_names import handed_in_name
from nbjudge.course.notebooks import graded_cells, read, write
from nbjudge.judging import confirmed
from nbjudge.results.gradebook import GRADED, MANUAL, REFUSED, open_gradebook, read_records
from nbprobe.wire import digest_of_text
from tests.support.small_exercise import ONE, PROBE, cell, exercise

DRAW = "print(open('data/answer.txt').read())"
PARTS = ("## Part A", "## Part B")
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
        *map(new_markdown_cell, PARTS),
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


def slid(root: Path, *texts: str, answer: str) -> None:
    """One text after the other, below each other; the one that is the ``answer`` stands in the essay's cell."""
    hand_in(root)
    path = root / "submitted/ada/small/n.ipynb"
    notebook = read(path)
    essay = graded_cells(notebook)["essay"]
    place, essay.source = notebook.cells.index(essay), answer
    notebook.cells[place : place + 1] = [essay if text == answer else new_markdown_cell(text) for text in texts]
    write(notebook, path)


def test_the_same_texts_in_other_places_are_other_answers(course: Course, nbgrader: Any) -> None:
    """What a person gave points for stands in a cell of the student's own, and the answer is what stood there."""
    for answer, asked in (("good", True), ("good", False), ("bad", True), ("bad", False), ("good", True)):
        slid(course.root, "good", "bad", answer=answer)
        nbgrader("autograde", "small", "--force", root=course.root)
        assert bool(asked_about(course.root)) is asked, answer
        decide(course.root)


def test_a_text_below_another_heading_is_another_answer(course: Course, nbgrader: Any) -> None:
    for part, asked in ((PARTS[0], True), (PARTS[0], False), (PARTS[1], True)):
        hand_in(course.root)
        path = course.root / "submitted/ada/small/n.ipynb"
        notebook = read(path)
        place = next(index for index, cell in enumerate(notebook.cells) if cell.source == part)
        notebook.cells.insert(place + 1, new_markdown_cell("What I mean."))
        write(notebook, path)
        nbgrader("autograde", "small", "--force", root=course.root)
        assert bool(asked_about(course.root)) is asked, part
        decide(course.root)


def test_no_answer_depends_on_when_it_came_in(course: Course, nbgrader: Any) -> None:
    hand_in(course.root)
    path = course.root / "submitted/ada/small/n.ipynb"
    notebook = read(path)
    graded_cells(notebook)["draw"].source = "import os\nprint(sorted(os.listdir()))"
    write(notebook, path)
    path.with_name("timestamp.txt").write_text("2026-05-08 15:00 UTC" + " " * 500)
    nbgrader("autograde", "small", "--force", root=course.root)
    graded = graded_cells(read(course.root / "autograded/ada/small/n.ipynb"))
    assert graded["draw"].outputs[0].text == "['code.txt', 'data', 'essay.png']\n"


def test_a_text_does_not_stand_for_a_file(course: Course, nbgrader: Any) -> None:
    """What is summed up of a file can be written into the last cell by anybody."""
    hand_in(course.root)
    nbgrader("autograde", "small", "--force", root=course.root)
    decide(course.root)
    path = course.root / "submitted/ada/small/n.ipynb"
    notebook, file = read(path), path.with_name("code.txt")
    notebook.cells.append(new_code_cell(repr((file.name, hashlib.sha256(file.read_bytes()).hexdigest()))))
    write(notebook, path)
    file.unlink()
    nbgrader("autograde", "small", "--force", root=course.root)
    assert asked_about(course.root) == ["essay", "draw"]


def test_extra_points_are_asked_about_when_another_answer_comes(course: Course, nbgrader: Any) -> None:
    """Also where the autograder gives the others."""

    def extra(points: float | None = None) -> bool:
        with Gradebook(f"sqlite:///{course.root / 'gradebook.db'}") as gradebook:
            grade = gradebook.find_grade("test_f", "n", "small", "ada")
            if points is not None:
                grade.extra_credit, grade.needs_manual_grade = points, False
                gradebook.db.commit()
            return bool(grade.needs_manual_grade)

    hand_in(course.root)
    nbgrader("autograde", "small", "--force", root=course.root)
    extra(5)
    nbgrader("autograde", "small", "--force", root=course.root)
    assert not extra()
    hand_in(course.root, plot="rate = 0.7")
    nbgrader("autograde", "small", "--force", root=course.root)
    assert extra()
    extra(0)


def test_a_file_of_the_exercises_name_is_an_answer_beside_the_exercises_own(tmp_path: Path) -> None:
    """The one that was handed in has a longer name there. Both count, whatever order their folder has."""
    for name in ("a.yml", "b.yml"):
        (tmp_path / name).write_text("to be filled in")
        (tmp_path / f"{name}.handed-in.txt").write_text("filled in")
    before = confirmed._files(tmp_path)
    assert len(before) == 4
    for name in ("a.yml", "b.yml"):
        (tmp_path / f"{name}.handed-in.txt").write_text("filled in otherwise")
        now = confirmed._files(tmp_path)
        assert now != before
        before = now


def without_places(root: Path) -> None:
    """The grounds as they were summed up before places counted: texts and files in a row, and the scores."""
    folder = root / "autograded/ada/small"
    cells = graded_cells(read(folder / "n.ipynb"))
    texts = [cells[name].source for name in ("f", "essay", "draw")] + ["rate = 0.2"]
    beside = {handed_in_name(path.relative_to(folder)): path for path in folder.rglob("*") if path.is_file()}
    sums = {str(name): hashlib.sha256(beside[name].read_bytes()).hexdigest() for name in sorted(beside)}
    texts += [repr(pair) for pair in sums.items() if pair[0] not in ("n.ipynb", "timestamp.txt")]
    kept = next((root / ".grading/small/grounds").iterdir())
    grounds = json.loads(kept.read_text())
    with Gradebook(f"sqlite:///{root / 'gradebook.db'}") as gradebook:
        for name in grounds["n"]:
            grade = gradebook.find_grade(name, "n", "small", "ada")
            grounds["n"][name] = digest_of_text(repr((texts, grade.auto_score, grade.max_score)))
    kept.write_text(json.dumps(grounds))


def test_what_was_decided_before_places_counted_stands(course: Course, nbgrader: Any) -> None:
    hand_in(course.root, **{"plan": "A", "plan-b.csv": "B"})  # whatever order the names that they have now have
    nbgrader("autograde", "small", "--force", root=course.root)
    decide(course.root)
    without_places(course.root)
    nbgrader("autograde", "small", "--force", root=course.root)
    assert asked_about(course.root) == []
    without_places(course.root)
    hand_in(course.root, plot="rate = 0.3")
    nbgrader("autograde", "small", "--force", root=course.root)
    assert asked_about(course.root) == ["essay", "draw"]


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
