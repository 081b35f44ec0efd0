"""A course whose students are in every state that a page can be in, graded, with comments and points by hand."""

import json
import re
import shutil
from pathlib import Path

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell
from nbgrader.api import Gradebook

from nbjudge.course.notebooks import graded_cells, read, write
from tests.support import ROOT, measured
from tests.support.payloads import HTML, MARKDOWN, TEX
from tests.support.short_course import nbgrader

NAME = "1_simple_classifier"
RIGHT = {
    "result": "result = -y_truth * np.log(p) - (1 - y_truth) * np.log(1 - p)",
    "gradient": "gradient = -y_truth / p + (1 - y_truth) / (1 - p)",
    "prediction": "y = self.sigmoid(X @ self.W)",
    "step": "weight = weight - self.lr * dw",
}
MARKS = re.compile(r"^ *### (?:BEGIN|END) SOLUTION\n", re.MULTILINE)
FIVE = {
    "mean": {RIGHT["result"]: RIGHT["result"].replace("-y_truth", "np.mean(-y_truth") + ")"},
    "sign": {RIGHT["gradient"]: "gradient = y_truth / p - (1 - y_truth) / (1 - p)"},
    "linear": {RIGHT["prediction"]: "y = X @ self.W"},
    "factor": {"dW = y * (1 - y) * X": "dW = (1 - y) * X"},
    "sum": {"grad = model_backward.T @ loss_grad / len(X_train)": "grad = model_backward.T @ loss_grad"},
}
"""One slip each: what a student should understand from the page alone."""


def make(root: Path) -> None:
    """Make the course in the folder ``root``: its students are named by what is the matter with them."""
    shutil.copytree(ROOT / "source/ex04", root / "source/ex04")
    shutil.copytree(ROOT / "misconceptions", root / "misconceptions")
    shutil.copy(ROOT / "nbgrader_config.py", root)
    done = nbgrader(root, "generate_assignment")
    assert done.returncode == 0, done.stderr
    measured.put(root)
    for name, edits in FIVE.items():
        _hand_in(root, name, _solved(edits))
    _hand_in(root, "right", _solved({}))
    _hand_in(root, "open", read(root / f"release/ex04/{NAME}.ipynb"))
    _hand_in(root, "syntax", _solved({RIGHT["prediction"]: "y = self.sigmoid(X @ self.W"}))
    _hand_in(root, "commented", _solved({RIGHT["step"]: "weight = weight + self.lr * dw"}))
    _hand_in(root, "late", _solved({}))
    only_few = f"{RIGHT['step']} * (1 if len(dw) < 6 else 2)"  # the grade has more weights than the check
    _hand_in(root, "unseen", _solved({RIGHT["step"]: only_few}))
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


def _solved(edits: dict[str, str]) -> NotebookNode:
    """The release with the solution in it, and with the edits in that."""
    notebook = read(ROOT / f"release/ex04/{NAME}.ipynb")
    solutions = graded_cells(read(ROOT / f"source/ex04/{NAME}.ipynb"))
    answers = [cell for name, cell in graded_cells(notebook).items() if cell.metadata.nbgrader.solution]
    for cell in answers:
        cell.source = MARKS.sub("", solutions[cell.metadata.nbgrader.grade_id].source)
    for old, new in edits.items():
        found = [cell for cell in answers if old in cell.source]
        assert len(found) == 1, old
        found[0].source = found[0].source.replace(old, new)
    return notebook


def _hostile() -> NotebookNode:
    """Everything that was tried on pages, in text, code, names and messages."""
    notebook = read(ROOT / f"release/ex04/{NAME}.ipynb")
    bce = graded_cells(notebook)["bce"]
    stub = 'raise NotImplementedError("replace this line by your code")'
    for code in ("raise ValueError('</pre><script>window.pwned=1</script>')", "return '<img src=x onerror=alert(1)>'"):
        bce.source = bce.source.replace(stub, code, 1)
    bce.source += "\n# </pre><script>window.pwned=1</script> \u202e \u05d0\u05d1 x"
    texts = [*HTML, *TEX, *MARKDOWN]
    notebook.cells[1:1] = [new_markdown_cell(text) for text in texts]
    notebook.cells.insert(1, new_code_cell(f"print({json.dumps(HTML[0])})"))
    return notebook


def _repaired() -> NotebookNode:
    """A test cell is gone, one was changed, and a helper stands in a cell of the student's own."""
    notebook = _solved({"dW = y * (1 - y) * X": "dW = slope(y) * X"})
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
