"""Judges rules about the code by the notebook that was graded; what its process said of them doesn't count."""

from collections.abc import Sequence

from nbformat import NotebookNode

from nbjudge.course.cells import UNGRADED, is_solution
from nbjudge.course.delimiters import USUAL, Delimiters, withheld_of
from nbjudge.course.hidden_parts import as_students_have_it
from nbjudge.sandbox.inside.mending import mended
from nbprobe.definitions import Definitions, Reader
from nbprobe.evidence import Raw
from nbprobe.marks import tree_of, with_few_marks
from nbprobe.rules import judged_anew

MAX_READ = 500_000
"""Letters that are read to mend the cells of a notebook, again and again without one method or another."""


class Written:
    """The code of a graded notebook, as the sandbox ran it. Each cell is read once, however many tests have rules."""

    def __init__(self, nb: NotebookNode, withheld: Sequence[Delimiters] = withheld_of(USUAL)) -> None:
        """
        Parameters
        ----------
        withheld : between which stands what students don't get; it defines nothing for them
        """
        self._cells, self._num_read, self._withheld = nb.cells, 0, withheld
        self._reader, self._left = Reader(), MAX_READ

    def judged(self, test: NotebookNode, expected: Raw, got: Raw) -> Raw:
        """The evidence of a test cell, in which that of rules is what the cells above it say.

        Parameters
        ----------
        test
            A cell of the notebook. Tests are asked for in their order.
        expected
            Evidence of the solution, which has the rules.
        """
        return judged_anew(expected, got, lambda: self._above(test))

    def _above(self, test: NotebookNode) -> Definitions:
        """What the cells above a test define."""
        end = next(index for index, cell in enumerate(self._cells) if cell is test)
        for cell in self._cells[self._num_read : end]:
            has_run = UNGRADED not in cell.metadata.get("tags", []) or cell.get("execution_count") is not None
            if cell.cell_type == "code" and has_run:
                text = with_few_marks(as_students_have_it(cell, self._withheld))  # for Python's parser
                if not self._reader.read(text) and is_solution(cell):
                    self._mend(text)
        self._num_read = end
        return self._reader.found

    def _mend(self, text: str) -> None:
        """Read what is left of a cell that can't be read as a whole."""

        def error_in(tried: str) -> SyntaxError | None:
            self._left -= len(tried)
            return _error(tried) if self._left >= 0 else SyntaxError("it is too long to be mended")

        error = error_in(text)
        if error is not None and (rest := mended(text, error, error_in)) is not None:
            self._reader.read(rest)


def _error(text: str) -> SyntaxError | None:
    """By the parser alone: a compiler writes what a ``finally`` has twice, and twice again for one within it."""
    try:
        tree_of(text)
    except SyntaxError as error:
        return error
    except (ValueError, RecursionError, MemoryError):
        return SyntaxError("it can't be read")
    return None
