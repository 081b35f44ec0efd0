"""A grading that fails leaves no automatic score: neither one of its own, nor of an earlier grading."""

import os
import shutil
import sys
from pathlib import Path

import pytest
from nbgrader.api import Gradebook

from tests.support import ROOT, commands
from tests.support.small_exercise import doubling

CONFIG = """import sys
import nbjudge

sys.path.insert(0, ".")
c = get_config()
nbjudge.configure(c)
c.AssignLatePenalties.plugin_class = "late.Policy"
"""
LATE = """
from pathlib import Path
from nbgrader.plugins import BasePlugin


class Policy(BasePlugin):
    def late_submission_penalty(self, student_id, score, total_seconds_late):
        if Path("broken").exists():
            raise ValueError("the policy is broken")
"""
COMMANDS = {
    "course": ["-m", "nbjudge", "autograde", "ex", "--force", "--jobs=1"],
    "nbgrader": ["-m", "nbgrader", "autograde", "ex", "--force"],
}


class Course:
    """Two notebooks of one task each, with what is right handed in and graded."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name, text in (("nbgrader_config.py", CONFIG), ("late.py", LATE)):
            folder.joinpath(name).write_text(text)
        for name in ("a", "b"):
            notebook = doubling(folder / f"source/ex/{name}.ipynb")
            (folder / "submitted/ada/ex").mkdir(parents=True, exist_ok=True)
            shutil.copy(notebook, folder / "submitted/ada/ex")
        (folder / "submitted/ada/ex/timestamp.txt").write_text("2026-01-02 12:00:00 UTC")
        self.run("-m", "nbgrader", "generate_assignment", "ex")
        with self.gradebook() as gradebook:
            gradebook.update_or_create_assignment("ex", duedate="2026-01-01 12:00:00 UTC")
        self.run(*COMMANDS["course"])
        assert self.scores() == {"a": 1, "b": 1}
        assert self.row() == ["1", "1", "2", "graded"]

    def run(self, *words: str) -> str:
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        done = commands.run([sys.executable, *words], self.folder, environment)
        return done.stdout + done.stderr

    def gradebook(self) -> Gradebook:
        return Gradebook(f"sqlite:///{self.folder / 'gradebook.db'}")

    def scores(self) -> dict[str, float | None]:
        with self.gradebook() as gradebook:
            notebooks = gradebook.find_submission("ex", "ada").notebooks
            return {notebook.name: notebook.grades[0].auto_score for notebook in notebooks}

    def row(self) -> list[str]:
        """Of the class's table: points of the two tasks, total and status."""
        header, row = self.run("-m", "nbjudge", "table", "ex").splitlines()[:2]
        assert header.split("\t") == ["student", "name", "a/test_f", "b/test_f", "total", "status"]
        return row.split("\t")[2:]


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Course(tmp_path_factory.mktemp("graded")).folder


@pytest.fixture
def course(graded: Path, tmp_path: Path) -> Course:
    copy = object.__new__(Course)
    copy.folder = tmp_path / "course"
    shutil.copytree(graded, copy.folder)
    return copy


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
