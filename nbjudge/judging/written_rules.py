"""Judges rules about the code by the notebook that was graded; what its process said of them doesn't count."""

from collections.abc import Iterator
from itertools import takewhile

from nbformat import NotebookNode

from nbjudge.course.cells import UNGRADED, is_solution
from nbjudge.sandbox.inside.mending import mended
from nbprobe.definitions import parsed
from nbprobe.evidence import Raw
from nbprobe.marks import tree_of, with_few_marks
from nbprobe.rules import judged_anew

MAX_READ = 1_000_000
"""Letters that are read to mend a cell, again and again without one method or another."""


def with_rules(nb: NotebookNode, test: NotebookNode, expected: Raw, got: Raw) -> Raw:
    """The evidence of a test cell, in which that of rules is what the cells above it say.

    Parameters
    ----------
    expected : evidence of the solution, which has the rules
    """
    if not any("rule" in right for right in expected):
        return got
    return judged_anew(expected, got, list(_texts(nb, test)))


def _texts(nb: NotebookNode, test: NotebookNode) -> Iterator[str]:
    """The code that ran before the test, as the sandbox ran it."""
    for cell in takewhile(lambda cell: cell is not test, nb.cells):
        has_run = UNGRADED not in cell.metadata.get("tags", []) or cell.get("execution_count") is not None
        if cell.cell_type == "code" and has_run:
            text = with_few_marks(cell.source)  # for Python's parser
            yield _mended(text) if is_solution(cell) and parsed(text) is None else text


def _mended(text: str) -> str:
    left = MAX_READ

    def error_in(tried: str) -> SyntaxError | None:
        nonlocal left
        left -= len(tried)
        return _error(tried) if left >= 0 else SyntaxError("it is too long to be mended")

    error = error_in(text)
    return (mended(text, error, error_in) if error else None) or text


def _error(text: str) -> SyntaxError | None:
    """By the parser alone: a compiler writes what a ``finally`` has twice, and twice again for one within it."""
    try:
        tree_of(text)
    except SyntaxError as error:
        return error
    except (ValueError, RecursionError, MemoryError):
        return SyntaxError("it can't be read")
    return None
