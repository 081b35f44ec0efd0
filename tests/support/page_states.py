"""A course whose students are in every state that a page can be in, graded, with comments and points by hand."""

import json
import shutil
from pathlib import Path

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell
from nbgrader.api import Gradebook

from nbjudge.authoring.sample_class import Student, submission_of
from nbjudge.course.notebooks import graded_cells, read, write
from sample_class.ex04 import DPREDICTION, STEP, STUDENTS, TODO
from tests.support import RELEASE, ROOT, SOURCE, measured
from tests.support.payloads import HTML, MARKDOWN, TEX
from tests.support.short_course import nbgrader

NAME = SOURCE.stem
OF_THE_SAMPLE_CLASS = {
    "mean": "deniz",
    "sign": "emil",
    "linear": "goran",
    "factor": "hanna",
    "sum": "jana",
    "right": "amira",
    "late": "amira",
    "open": "ben",
    "commented": "ivan",
    "syntax": "kofi",
}
"""Whose work is handed in; the first five have one slip each, which they should understand from the page alone."""


def make(root: Path) -> None:
    """Make the course in the folder ``root``: its students are named by what is the matter with them."""
    shutil.copytree(ROOT / "source/ex04", root / "source/ex04")
    shutil.copytree(ROOT / "misconceptions", root / "misconceptions")
    shutil.copy(ROOT / "nbgrader_config.py", root)
    done = nbgrader(root, "generate_assignment")
    assert done.returncode == 0, done.stderr
    measured.put(root)
    students = {student.name: student for student in STUDENTS}
    for name, student in OF_THE_SAMPLE_CLASS.items():
        _hand_in(root, name, submission_of(students[student], SOURCE, RELEASE))
    only_few = f"{STEP} * (1 if len(dw) < 6 else 2)"  # the grade has more weights than the check
    _hand_in(root, "unseen", submission_of(Student("unseen", "", {STEP: only_few}), SOURCE, RELEASE))
    _hand_in(root, "hostile", _hostile())
    _hand_in(root, "repaired", _repaired())
    refused = root / f"submitted/refused/ex04/{NAME}.ipynb"
    refused.parent.mkdir(parents=True)
    refused.write_text('{"cells": [')
    done = nbgrader(root, "autograde")
    assert done.returncode == 0, done.stderr[-3000:]
    _decide(root)
    done = nbgrader(root, "generate_feedback")
    assert done.returncode == 0, done.stderr[-3000:]


def page(root: Path, student: str) -> Path:
    return root / f"feedback/{student}/ex04/{NAME}.html"


def _hostile() -> NotebookNode:
    """Everything that was tried on pages, in text, code, names and messages."""
    notebook = read(RELEASE)
    bce = graded_cells(notebook)["bce"]
    for code in ("raise ValueError('</pre><script>window.pwned=1</script>')", "return '<img src=x onerror=alert(1)>'"):
        bce.source = bce.source.replace(TODO, code, 1)
    bce.source += "\n# </pre><script>window.pwned=1</script> \u202e \u05d0\u05d1 x"
    texts = [*HTML, *TEX, *MARKDOWN]
    notebook.cells[1:1] = [new_markdown_cell(text) for text in texts]
    notebook.cells.insert(1, new_code_cell(f"print({json.dumps(HTML[0])})"))
    return notebook


def _repaired() -> NotebookNode:
    """A test cell is gone, one was changed, and a helper stands in a cell of the student's own."""
    notebook = submission_of(Student("repaired", "", {DPREDICTION: "dW = slope(y) * X"}), SOURCE, RELEASE)
    notebook.cells = [
        cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("grade_id") != "test_bce_forward"
    ]
    graded_cells(notebook)["test_sigmoid"].source = "print('all right')"
    place = next(i for i, cell in enumerate(notebook.cells) if "nbgrader" in cell.metadata)
    notebook.cells.insert(place, new_code_cell("def slope(y):\n    return y * (1 - y)"))
    return notebook


def _decide(root: Path) -> None:
    """An instructor comments, gives points by hand and takes some off for lateness."""
    with Gradebook(f"sqlite:///{root}/gradebook.db") as gradebook:
        grade = gradebook.find_grade("test_optimizer_step", NAME, "ex04", "commented")
        grade.manual_score, grade.needs_manual_grade = 1.5, False
        comment = gradebook.find_comment("optimizer", NAME, "ex04", "commented")
        comment.manual_comment = "The idea is right: mind the sign in $W - \\eta\\, dW$. **See task 6 again.**"
        gradebook.db.commit()
        gradebook.find_submission_notebook(NAME, "ex04", "late").late_submission_penalty = 2
        gradebook.db.commit()


def _hand_in(root: Path, student: str, notebook: NotebookNode) -> None:
    write(notebook, root / f"submitted/{student}/ex04/{NAME}.ipynb")
