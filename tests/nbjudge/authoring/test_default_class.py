"""The sample class of an exercise that has none of its own."""

from pathlib import Path

import pytest

from nbjudge.authoring import default_class, sample_class
from nbjudge.course.errors import CourseError
from nbjudge.course.notebooks import graded_cells
from tests.support.exercises import course_in, exercise_in
from tests.support.small_exercise import PROBE, cell, exercise

CONFIG = (
    "import nbjudge\n\nc = get_config()\nnbjudge.configure(c)\nc.ClearSolutions.begin_solution_delimeter = 'ANSWER'\n"
)
MISTAKE = """
from nbjudge.judging.misconception import Misconception

CATALOGUE = [
    Misconception("test_f", "enough", {"return 2 * x": "return 2.0 * x"}, fragile=True),
    Misconception("test_f", "once", {"return 2 * x": "return x"}),
    Misconception("test_f", "thrice", {"return 2 * x": "return 3 * x"}),
]
"""


@pytest.fixture
def course(tmp_path: Path) -> Path:
    (tmp_path / "nbgrader_config.py").write_text(CONFIG)
    test = cell("test_f", f"{PROBE}probe('a number', f, 2.0, points=1)", 1, solution=False)
    region = "def f(x):\n    # ANSWER\n    y = x\n    return 2 * x\n    ### END SOLUTION"
    texts = (cell("f", region), test, cell("whole", "g = f"), cell("words", "because", code=False))
    for folder in ("source", "release"):  # of the release only what stays as it is matters here
        exercise(tmp_path / folder / "ex01/1.ipynb", *texts)
    return tmp_path


def handed_in(course: Path) -> dict[str, list[str]]:
    """The two answers of each, by what is said of them."""
    made = default_class.of(exercise_in(course, "ex01"))
    paths = [course / folder / "ex01/1.ipynb" for folder in ("source", "release")]
    cells = {each.what: graded_cells(sample_class.submission_of(each, *paths)) for each in made.students}
    return {what: [cells[what][name].source for name in ("f", "whole")] for what in cells}


def test_it_is_made_from_the_solution_whatever_its_form(course: Path) -> None:
    right = "def f(x):\n    # ANSWER\n    y = x\n    return 2 * x"
    stub = "# YOUR CODE HERE\nraise NotImplementedError()"
    assert handed_in(course) == {
        "everything right": [right, "g = f"],
        "the untouched release": [f"{right}\n    ### END SOLUTION", "g = f"],
        "the first answer only": [right, stub],
        "a syntax error in the first answer": ["def f(x):\n    (", "g = f"],
        "an error in the first answer": ["def f(x):\n    1 / 0", "g = f"],
    }


def test_it_has_the_first_mistake_of_each_task_and_shows_its_page(course: Path) -> None:
    (course / "misconceptions").mkdir()
    (course / "misconceptions/ex01.py").write_text(MISTAKE)
    assert handed_in(course)["a known mistake in test_f"][0].endswith("    return x")
    made = default_class.of(exercise_in(course, "ex01"))
    assert made.students[-1].name == made.shown
    assert len(made.students) == 6
    assert len({student.name for student in made.students}) == 6


def test_a_class_of_the_courses_own_goes_first(course: Path) -> None:
    assert sample_class.load(course_in(course), "ex01") is None
    assert sample_class.assignment_to_show(course_in(course)) == "ex01"
    (course / "sample_class").mkdir()
    (course / "sample_class/ex02.py").write_text("STUDENTS, SHOWN = [], 'nobody'")
    assert sample_class.assignment_to_show(course_in(course)) == "ex02"
    own = sample_class.load(course_in(course), "ex02")
    assert own is not None
    assert own.shown == "nobody"
    with pytest.raises(CourseError, match=r"there is no notebook in .*ex02"):
        course_in(course).require_assignment("ex02")
