"""The course that ``nbgrader quickstart`` makes, with a few further tasks, and a class that hands in there."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell
from nbgrader.api import Gradebook

from tests.support import ROOT, commands

SWITCHED_ON = "\nimport nbjudge\nnbjudge.configure(c)\n"
TRUST = 'c.Judge.plain_tests = "trust"\n'
PICTURE = "iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAAEUlEQVR4nGP4z8AARAxg8j8AG/ID/fPnS7EAAAAASUVORK5CYII="
SECRET = "assert squares(13)[-1] == 169, 'the secret 169'"
SCHEME = "One point for each formula, two for the check."

SQUARES = "def squares(n):\n    if n < 1:\n        raise ValueError(n)\n    return [i ** 2 for i in range(1, n + 1)]"
SUM = "def sum_of_squares(n):\n    return sum(squares(n))"
RIGHT = {"squares": SQUARES, "sum_of_squares": SUM}
LOUD = SQUARES.replace("    return", "    import warnings\n    warnings.warn('slow')\n    return")
STUDENTS: dict[str, dict[str, str]] = {
    # what each writes, by grade_id; a cell that isn't named stays as it came
    "blank": {},
    "right": {
        **RIGHT,
        "sum_of_squares_equation": "$\\sum_i i^2$",
        "sum_of_squares_application": "print(sum_of_squares(3))",
        "part-a": "Fibonacci.",
    },
    "wrong": {**RIGHT, "squares": "def squares(n):\n    return [i ** 2 for i in range(n)]"},
    "hidden": {**RIGHT, "squares": SQUARES.replace("i ** 2", "min(i ** 2, 130)")},
    "alone": {**RIGHT, "sum_of_squares": "def sum_of_squares(n):\n    return sum(i * i for i in range(n + 1))"},
    "broken": {**RIGHT, "sum_of_squares": SUM.removesuffix(")")},
    "loud": {**RIGHT, "squares": LOUD},
    "half": {**RIGHT, "sum_of_squares": "def sum_of_squares(n):\n    return 14 if n == 3 else 0"},
}


def make(folder: Path, config: str = "", more: bool = True) -> None:
    """The course, with ``config`` at the end of its configuration; with ``more`` tasks than nbgrader gives it."""
    course = nbgrader(folder.parent, "quickstart", folder.name)
    assert course.returncode == 0, course.stderr
    if more:
        path = folder / "source/ps1/problem1.ipynb"
        notebook = nbformat.read(path, as_version=4)
        cells = {cell.metadata.get("nbgrader", {}).get("grade_id"): cell for cell in notebook.cells}
        cells["correct_squares"].source += f"\n### BEGIN HIDDEN TESTS\n{SECRET}\n### END HIDDEN TESTS"
        task = next(cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("task"))
        task.source += f"\n\n### BEGIN MARK SCHEME\n{SCHEME}\n### END MARK SCHEME"
        partial = "[sum_of_squares(n) == right for n, right in [(1, 1), (2, 5), (3, 14), (4, 30)]].count(True) / 2"
        about = {**cells["correct_sum_of_squares"].metadata.nbgrader, "grade_id": "partial", "points": 2}
        place = notebook.cells.index(cells["sum_of_squares_uses_squares"])
        notebook.cells.insert(place, new_code_cell(partial, metadata={"nbgrader": about}))
        for cell in notebook.cells:
            cell.pop("id", None)
        nbformat.write(notebook, path)
    with (folder / "nbgrader_config.py").open("a") as file:
        file.write(config)


def nbgrader(folder: Path, *words: str) -> subprocess.CompletedProcess:
    return commands.run([sys.executable, "-m", "nbgrader", *words], folder, environment())


def course(folder: Path, *words: str) -> subprocess.CompletedProcess:
    return commands.run([sys.executable, "-m", "nbjudge", *words], folder, environment())


def environment() -> dict[str, str]:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return {**os.environ, "PATH": path, "PYTHONPATH": str(ROOT)}  # kernels start in other folders


def hand_in(folder: Path, student: str, written: dict[str, str]) -> None:
    """Hand in the release, with what a student writes."""
    target = folder / "submitted" / student / "ps1"
    shutil.copytree(folder / "release/ps1", target)
    for path in target.glob("*.ipynb"):
        notebook = nbformat.read(path, as_version=4)
        for cell in notebook.cells:
            text = written.get(cell.metadata.get("nbgrader", {}).get("grade_id", ""))
            if text is not None:
                cell.source = text
        nbformat.write(notebook, path)


def paste(notebook: NotebookNode, grade_id: str) -> None:
    """Let a written answer hold a picture, as JupyterLab pastes it; and answer the task in cells of one's own."""
    answer = next(cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("grade_id") == grade_id)
    answer.source = "My drawing:\n\n![image.png](attachment:image.png)\n\nwith $a_n$ in it."
    answer.attachments = {"image.png": {"image/png": PICTURE}}
    notebook.cells.append(new_markdown_cell("The sum is $n a_1$."))
    notebook.cells.append(new_code_cell("print(sum(range(3)))"))


def grades(folder: Path) -> dict[str, dict[str, Any]]:
    """What the gradebook has for each student, by cell: automatic points, and whether a person has to look."""
    found: dict[str, dict[str, Any]] = {}
    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}") as gradebook:
        for submission in gradebook.assignment_submissions("ps1"):
            found[submission.student.id] = {
                f"{notebook.name}/{grade.name}": (grade.auto_score, grade.needs_manual_grade)
                for notebook in submission.notebooks
                for grade in notebook.grades
            }
    return found
