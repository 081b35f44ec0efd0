"""A grading that fails leaves no automatic score: neither one of its own, nor of an earlier grading."""

import shutil
from pathlib import Path

import pytest

from tests.support.small_course import COMMANDS, Course


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Course:
    return Course(tmp_path_factory.mktemp("graded"))


@pytest.fixture
def course(graded: Course, tmp_path: Path) -> Course:
    return Course.copied(graded, tmp_path / "course")


@pytest.mark.parametrize("command", COMMANDS)
def test_a_step_that_fails_in_the_first_of_two_notebooks(command: str, course: Course) -> None:
    (course.folder / "broken").touch()
    assert "the policy is broken" in course.run(*COMMANDS[command])
    assert course.scores() == {"a": None, "b": None}
    assert course.row() == ["", "", "", "not graded"]


def test_what_is_no_folder_any_more(course: Course) -> None:
    shutil.rmtree(course.folder / "submitted/ada/ex")
    (course.folder / "submitted/ada/ex").touch()
    assert "no grade  ada: what was handed in can't be copied: Not a directory." in course.run(*COMMANDS["course"])
    assert course.scores() == {"a": None, "b": None}
    assert course.row() == ["", "", "", "missing"]
    assert "the folder can't be opened: Not a directory" in course.run("-m", "nbjudge", "intake", "ex")


def test_graded_notebooks_that_can_not_be_written(course: Course) -> None:
    shutil.rmtree(course.folder / "autograded")
    (course.folder / "autograded").touch()  # as where the disk is full
    assert "no grade  ada: " in course.run(*COMMANDS["course"])
    assert course.scores() == {"a": None, "b": None}


@pytest.mark.parametrize(
    ("command", "said"), [("course", "Nothing was graded: there is no sandbox"), ("nbgrader", "no sandbox")]
)
def test_the_second_of_two_notebooks_has_no_sandbox(command: str, said: str, course: Course) -> None:
    (course.folder / "once.more").unlink()
    (course.folder / "no.sandbox").touch()
    assert said in course.run(*COMMANDS[command])
    assert course.scores() == {"a": None, "b": None}
    assert course.row() == ["", "", "", "not graded"]


def test_a_process_that_dies(course: Course) -> None:
    (course.folder / "dies").touch()
    assert "no grade  ada: the process that graded it died twice" in course.run(*COMMANDS["course"])
    assert course.scores() == {"a": None, "b": None}
    assert course.row() == ["", "", "", "not graded"]
