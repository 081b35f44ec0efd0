"""Runs solutions under the probes of the source notebook, in this process. Never for code of students."""

import os
import re
from pathlib import Path
from types import CodeType
from typing import Any, NamedTuple
from unittest import mock

from nbgrader.utils import is_grade, is_solution

from nbjudge.course import notebooks
from nbjudge.sandbox.step import cells_to_run
from nbprobe.evidence import Raw
from nbprobe.probe import collecting

MAGIC = re.compile(r"^([ \t]*)[%!].*$", re.MULTILINE)
"""A line that only IPython understands."""


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
    """

    def __init__(self, source: Path) -> None:
        notebook = notebooks.read(source)
        graded = {name: cell for name, cell in notebooks.graded_cells(notebook).items() if cell.cell_type == "code"}
        self.solutions = {name: cell.source for name, cell in graded.items() if is_solution(cell)}
        self.points = {
            name: float(cell.metadata.nbgrader.points)
            for name, cell in graded.items()
            if is_grade(cell) and not is_solution(cell)  # what is both is read and graded by a person
        }
        self._prepared: dict[str, Any] = {"__name__": "__main__"}
        cells = [notebook.cells[index] for index in cells_to_run(notebook)]
        first = next((place for place, cell in enumerate(cells) if "nbgrader" in cell.metadata), len(cells))
        for cell in cells[:first]:  # the same for all, so once is enough
            _run(cell.source, cell.id, self._prepared, strict=True)
        self._steps = {
            cell.metadata.nbgrader.grade_id if "nbgrader" in cell.metadata else f"cell {cell.id}": cell.source
            for cell in cells[first:]
        }

    def evidence(
        self, changed: dict[str, str] | None = None, only: str | None = None, visible: bool = False
    ) -> dict[str, Raw]:
        """Evidence of each test cell (or of one), with the solution cells in ``changed`` replaced.

        It is that of the hidden probes, or of the visible ones. A cell that raises leaves no more evidence, as in a
        notebook.
        """
        namespace = dict(self._prepared)
        collected: dict[str, Raw] = {}
        with mock.patch.dict(os.environ, NBGRADER_EXECUTION="autograde"):
            for name, text in {**self._steps, **(changed or {})}.items():
                if only not in (None, name) and name in self.points:
                    continue
                with collecting(visible) as published:
                    _run(text, name, namespace, strict=changed is None)
                if name in self.points:
                    collected[name] = list(map(dict, published))
                if name == only:
                    break
        return collected

    def rehearse(self, changed: dict[str, str] | None = None, only: str | None = None) -> Rehearsed:
        """Evidence of both. Each runs by itself, as they do for students."""
        return Rehearsed(self.evidence(changed, only), self.evidence(changed, only, visible=True))


def _run(text: str, name: str, namespace: dict[str, Any], strict: bool) -> None:
    try:
        exec(_compiled(text, name), namespace)
    except (Exception, SystemExit):  # `exit` ends a cell, not the notebook
        if strict:
            raise


def _compiled(text: str, name: str) -> CodeType:
    try:
        return compile(text, f"<{name}>", "exec")
    except SyntaxError:  # perhaps only for lines such as %matplotlib inline, which no result depends on
        return compile(MAGIC.sub(r"\1pass", text), f"<{name}>", "exec")
