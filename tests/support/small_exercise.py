"""Notebooks of one or two tasks, which run in no time."""

from pathlib import Path

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from nbjudge.course.notebooks import write

PROBE = "from nbprobe.probe import probe\nimport numpy as np\n"
ONE = "probe('a number', f, 2.0, points=1)"


def cell(
    grade_id: str, text: str, points: float | None = None, solution: bool = True, code: bool = True
) -> NotebookNode:
    """A cell that nbgrader knows."""
    about = {"grade_id": grade_id, "grade": points is not None, "solution": solution, "locked": not solution}
    about |= {"points": points} if points is not None else {}
    node = new_code_cell(text) if code else new_markdown_cell(text)
    node.metadata["nbgrader"] = {**about, "task": False, "schema_version": 3, "cell_type": node.cell_type}
    return node


def exercise(path: Path, *cells: NotebookNode) -> Path:
    write(new_notebook(cells=list(cells)), path)
    return path


def doubling(
    path: Path,
    *before: NotebookNode,
    test: str = ONE,
    solution: str = "def f(x):\n    return 2 * x",
    points: float = 1,
) -> Path:
    """A notebook of one task, which is to double a number."""
    return exercise(path, *before, cell("f", solution), cell("test_f", PROBE + test, points, solution=False))
