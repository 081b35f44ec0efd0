"""What `course release` says of an exercise that starts processes, which the second wall doesn't allow."""

from pathlib import Path

from nbjudge.authoring import second_wall
from nbjudge.authoring.exercise import Exercise
from nbjudge.course.course import Course
from nbjudge.course.isolation import LANDLOCK
from tests.support import small_exercise
from tests.support.walls import needs

pytestmark = needs(LANDLOCK)
STARTS = "import subprocess\ndef f(x):\n    return x * int(subprocess.run(['echo', '2'], capture_output=True).stdout)"


def doubts(folder: Path, solution: str) -> list[str]:
    small_exercise.doubling(folder / "source/ex/double.ipynb", solution=solution)
    (exercise,) = Exercise.load(Course.here(folder), "ex")
    return second_wall.doubts(exercise)


def test_an_exercise_that_starts_a_process_is_named(tmp_path: Path) -> None:
    (doubt,) = doubts(tmp_path, STARTS)
    assert doubt.startswith("This exercise can't be graded without namespaces")
    assert doubt.endswith("its own solution doesn't get all points of test_f.")


def test_of_another_nothing_is_said(tmp_path: Path) -> None:
    assert doubts(tmp_path, "def f(x):\n    return 2 * x") == []
