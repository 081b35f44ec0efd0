"""Runs solutions under the probes of the source notebook, in this process. Never for code of students."""

import contextlib
import os
import re
import shutil
import sys
import tempfile
import traceback
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from types import CodeType
from typing import Any, NamedTuple
from unittest import mock

from nbjudge.course import notebooks
from nbjudge.course.cells import cells_to_run, is_grade, is_solution
from nbjudge.course.delimiters import USUAL, Delimiters, split, withheld_of
from nbjudge.course.frame import NO_FRAME, Frame
from nbjudge.course.hidden_parts import as_run, as_students_have_it, set_anew
from nbjudge.sandbox.limits import Limits
from nbprobe import runs
from nbprobe.cell_trees import without_magic
from nbprobe.definitions import definitions
from nbprobe.evidence import Raw
from nbprobe.probe import TooSlowError, collecting, time_limit

FOREIGN = re.compile(r"\s*%%(?!time|timeit|capture|prun)\w+")
"""How a cell begins that holds no Python."""


class SlowSolutionError(Exception):
    """The solution takes longer than a probe waits.

    Attributes
    ----------
    cell, probe : the ``grade_id`` of the test cell, and the name of the probe
    """

    def __init__(self, cell: str, probe: str) -> None:
        super().__init__(f"{cell}: {probe}")
        self.cell, self.probe = cell, probe


class Rehearsed(NamedTuple):
    """Evidence of each test cell's probes, by ``grade_id``."""

    hidden: dict[str, Raw]
    visible: dict[str, Raw]


class Rehearsal:
    """The source notebook, ready to be run with other solution cells.

    Attributes
    ----------
    solutions : text of each solution cell, by ``grade_id``
    points : points of each test cell, by ``grade_id``
    failed : names of the cells that stopped when evidence was taken the last time
    seconds : what a cell may take
    """

    def __init__(
        self,
        source: Path,
        frame: Frame = NO_FRAME,
        seconds: float = Limits.cell_seconds,
        delimiters: Sequence[Delimiters] = USUAL,
    ) -> None:
        notebook = frame.read(source)
        graded = {name: cell for name, cell in notebooks.graded_cells(notebook).items() if cell.cell_type == "code"}
        self.solutions = {name: cell.source for name, cell in graded.items() if is_solution(cell)}
        self.points = {
            name: float(cell.metadata.nbgrader.points)
            for name, cell in graded.items()
            if is_grade(cell) and not is_solution(cell)  # what is both is read and graded by a person
        }
        self.failed: set[str] = set()
        self.seconds = seconds
        self._prepared: dict[str, Any] = {"__name__": "__main__", "display": _shown, "get_ipython": _shell}
        cells = [notebook.cells[index] for index in cells_to_run(notebook)]
        first = next((place for place, cell in enumerate(cells) if "nbgrader" in cell.metadata), len(cells))
        for cell in cells[:first]:  # the same for all, so once is enough
            self._run(cell.source, cell.id, self._prepared, strict=True)
        steps = {
            cell.metadata.nbgrader.grade_id if "nbgrader" in cell.metadata else f"cell {cell.id}": cell
            for cell in cells[first:]
        }
        cuts = withheld_of(delimiters)
        anew = set_anew(notebook.cells, cuts)
        self._steps = {name: cell.source for name, cell in steps.items()}
        self._as_run = {name: as_run(cell, cuts, anew) for name, cell in steps.items()}
        self._read = {name: as_students_have_it(cell, cuts) for name, cell in steps.items()}
        """What rules about the code are judged by."""
        self._first = [cell.source for cell in cells[:first]]
        # students have no others, and names of what they don't get may not lie beside the notebook
        texts = [split(text, delimiters, "pass")[0] for text in (*self._first, *self._steps.values())]
        self._apart = list(definitions(texts).functions)

    def evidence(
        self, changed: dict[str, str] | None = None, only: str | None = None, visible: bool = False
    ) -> dict[str, Raw]:
        """Evidence of each test cell (or of one), with the solution cells in ``changed`` replaced.

        It is that of the hidden probes, or of the visible ones. A cell that raises leaves no more evidence, as in a
        notebook.

        Raises
        ------
        SlowSolutionError
            If nothing is changed, and the solution takes longer than a probe waits.
        """
        namespace, changed_texts = dict(self._prepared), changed or {}
        self.failed = set()
        collected: dict[str, Raw] = {}
        environment = mock.patch.dict(os.environ, NBGRADER_EXECUTION="autograde")
        with environment, runs.anew(self._first, self._apart):
            for name, text in {**self._as_run, **changed_texts}.items():
                if only not in (None, name) and name in self.points:
                    continue
                with collecting(visible) as published:
                    if not self._run(text, name, namespace, strict=changed is None):
                        self.failed.add(name)
                runs.keep(text if name in changed_texts else self._read[name])
                slow = [raw["name"] for raw in published if raw.get("error") == TooSlowError.__name__]
                if slow and changed is None:  # or else each probe would wait for it, under each known way
                    raise SlowSolutionError(name, slow[0])
                if name in self.points:
                    collected[name] = list(map(dict, published))
                if name == only:
                    break
        return collected

    def line_of(self, name: str, probe: str, visible: bool) -> int:
        """The line of a cell in which a probe of that name is, or 0. Its check comes first, then its hidden part."""
        lines = enumerate(self._steps[name].split("\n"), 1)
        found = [number for number, line in lines if f'"{probe}"' in line or f"'{probe}'" in line]
        return found[0 if visible else -1] if found else 0

    def _run(self, text: str, name: str, namespace: dict[str, Any], strict: bool) -> bool:
        """Whether the cell came to its end."""
        try:
            with time_limit(self.seconds):
                exec(_compiled(text, name), namespace)
        except (Exception, SystemExit):  # `exit` ends a cell, not the notebook
            if strict:
                raise
            return False
        return True

    def rehearse(self, changed: dict[str, str] | None = None, only: str | None = None) -> Rehearsed:
        """Evidence of both. Each runs by itself, as they do for students."""
        return Rehearsed(self.evidence(changed, only), self.evidence(changed, only, visible=True))


@contextlib.contextmanager
def in_copy(folder: Path) -> Iterator[None]:
    """Be in a copy of a source folder: cells read what lies beside them, and may write. Modules are the folder's."""
    with tempfile.TemporaryDirectory() as copy, mock.patch.object(sys, "path", [str(folder), *sys.path]):
        shutil.copytree(folder, copy, dirs_exist_ok=True, ignore=shutil.ignore_patterns("*.ipynb", "__pycache__"))
        with contextlib.chdir(copy):
            yield


def _shown(*_: Any, **__: Any) -> None:
    """What notebooks call ``display``: nobody looks."""


def place_of(error: BaseException) -> tuple[str, int]:
    """The cell in which an error came up, and the line in it; or "" and 0."""
    places = [(frame.filename, frame.lineno or 0) for frame in traceback.extract_tb(error.__traceback__)]
    if isinstance(error, SyntaxError):
        places.append((error.filename or "", error.lineno or 0))
    cells = [(name[1:-1], line) for name, line in places if name.startswith("<") and not name.startswith("<frozen")]
    name, line = cells[-1] if cells else ("", 0)
    return name.removeprefix("cell "), line


def _shell() -> Any:
    from IPython.core.interactiveshell import InteractiveShell

    return InteractiveShell.instance()


@lru_cache(maxsize=100)
def _compiled(text: str, name: str) -> CodeType:
    """Hundreds of known ways are tried among the same other cells."""
    if FOREIGN.match(text):
        return compile("", f"<{name}>", "exec")
    try:
        return compile(text, f"<{name}>", "exec")
    except SyntaxError:  # perhaps only for lines such as %matplotlib inline, which no result depends on
        return compile(without_magic(text), f"<{name}>", "exec")
