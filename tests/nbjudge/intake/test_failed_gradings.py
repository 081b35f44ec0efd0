"""A grading that fails leaves no automatic score: neither one of its own, nor of an earlier grading."""

import shutil

import pytest

from tests.support.small_course import COMMANDS, Course


@pytest.mark.parametrize("command", COMMANDS)
def test_a_step_that_fails_in_the_first_of_two_notebooks(command: str, copied: Course) -> None:
    (copied.folder / "broken").touch()
    assert "the policy is broken" in copied.run(*COMMANDS[command])
    assert copied.scores() == {"a": None, "b": None}
    assert copied.row() == ["", "", "", "not graded"]


def test_what_is_no_folder_any_more(copied: Course) -> None:
    shutil.rmtree(copied.folder / "submitted/ada/ex")
    (copied.folder / "submitted/ada/ex").touch()
    assert "no grade  ada: what was handed in can't be copied: Not a directory." in copied.run(*COMMANDS["course"])
    assert copied.scores() == {"a": None, "b": None}
    assert copied.row() == ["", "", "", "missing"]
    assert "the folder can't be opened: Not a directory" in copied.run("-m", "nbjudge", "intake", "ex")


def test_graded_notebooks_that_can_not_be_written(copied: Course) -> None:
    shutil.rmtree(copied.folder / "autograded")
    (copied.folder / "autograded").touch()  # as where the disk is full
    assert "no grade  ada: " in copied.run(*COMMANDS["course"])
    assert copied.scores() == {"a": None, "b": None}


@pytest.mark.parametrize(
    ("command", "said"), [("course", "Nothing was graded: there is no sandbox"), ("nbgrader", "no sandbox")]
)
def test_the_second_of_two_notebooks_has_no_sandbox(command: str, said: str, copied: Course) -> None:
    (copied.folder / "once.more").unlink()
    (copied.folder / "no.sandbox").touch()
    assert said in copied.run(*COMMANDS[command])
    assert copied.scores() == {"a": None, "b": None}
    assert copied.row() == ["", "", "", "not graded"]


def test_a_folder_whose_name_is_no_text_costs_nobody_else_a_grade(copied: Course) -> None:
    """The gradebook can't be asked about it."""
    shutil.copytree(copied.folder / "submitted/ada", copied.folder / "submitted/b\udcffn")
    said = copied.run(*COMMANDS["course"])
    assert "bytes that aren't UTF-8" in said
    assert "1 graded" in said
    assert copied.scores() == {"a": 1, "b": 1}


def test_a_process_that_dies(copied: Course) -> None:
    (copied.folder / "dies").touch()
    assert "no grade  ada: the process that graded it died twice" in copied.run(*COMMANDS["course"])
    assert copied.scores() == {"a": None, "b": None}
    assert copied.row() == ["", "", "", "not graded"]
