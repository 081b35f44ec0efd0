"""A course of two notebooks of one task each, in which a late policy can be made to fail in several ways."""

import os
import shutil
import sys
from pathlib import Path
from typing import Self

from nbgrader.api import Gradebook

from nbjudge.course.notebooks import read, write
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
import os
from pathlib import Path
from nbgrader.plugins import BasePlugin
from nbjudge.sandbox.bubblewrap import SandboxError


class Policy(BasePlugin):
    def late_submission_penalty(self, student_id, score, total_seconds_late):
        if Path("broken").exists():
            raise ValueError("the policy is broken")
        second = Path("once.more").exists()
        Path("once.more").touch()
        if Path("dies").exists():
            os._exit(1)
        if Path("no.sandbox").exists() and second:
            raise SystemExit("no sandbox") from SandboxError("there is no sandbox")
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

    @classmethod
    def copied(cls, graded: "Course", folder: Path) -> Self:
        """The same course in another folder."""
        copy = object.__new__(cls)
        copy.folder = folder
        shutil.copytree(graded.folder, folder)
        return copy

    def run(self, *words: str) -> str:
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        done = commands.run([sys.executable, *words], self.folder, environment)
        return done.stdout + done.stderr

    def hand_in(self, factor: int) -> None:
        """In both notebooks, a number times this."""
        for name in ("a", "b"):
            notebook = read(self.folder / f"source/ex/{name}.ipynb")
            notebook.cells[0].source = f"def f(x):\n    return {factor} * x"
            write(notebook, self.folder / f"submitted/ada/ex/{name}.ipynb")

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
