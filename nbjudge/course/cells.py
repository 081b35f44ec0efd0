"""Which cells of a notebook a grade depends on.

For what also runs in processes of its own, which would spend most of a second on importing nbgrader for it; elsewhere
``nbgrader.utils`` says the same of a single cell.
"""

from collections.abc import Iterator, Mapping
from typing import Any

Cell = Mapping[str, Any]
Notebook = Mapping[str, Any]
"""As nbformat gives them, or as they stand in the file."""

UNGRADED = "ungraded"
"""Tag of cells that no grade depends on. They don't run while grading."""


def is_solution(cell: Cell) -> bool:
    """Whether students write it."""
    return _says(cell, "solution")


def is_answer(cell: Cell) -> bool:
    """Whether students write code in it that tests judge, and no person."""
    return bool(cell["cell_type"] == "code") and is_solution(cell) and not is_grade(cell)


def is_grade(cell: Cell) -> bool:
    """Whether it has points, as a test or an answer that a person reads."""
    return _says(cell, "grade")


def is_task(cell: Cell) -> bool:
    """Whether a person gives points for what stands below it."""
    return _says(cell, "task")


def _says(cell: Cell, key: str) -> bool:
    return bool(cell["metadata"].get("nbgrader", {}).get(key, False))


def cells_to_run(notebook: Notebook, everything: bool = False) -> Iterator[int]:
    """Indices of the code cells on which a grade can depend, without those tagged "ungraded".

    These are the cells up to the last one with points; where that is text, what a person reads may stand below it.
    """
    graded = [index for index, cell in enumerate(notebook["cells"]) if is_grade(cell) or is_task(cell)]
    is_code = bool(graded) and notebook["cells"][graded[-1]]["cell_type"] == "code"
    last = graded[-1] if is_code and not everything else len(notebook["cells"])
    for index, cell in enumerate(notebook["cells"][: last + 1]):
        if cell["cell_type"] == "code" and (everything or UNGRADED not in cell["metadata"].get("tags", [])):
            yield index
