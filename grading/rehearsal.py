"""Runs solutions under the probes of the source notebook, in this process. Never for code of students."""

import importlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

from grading import notebooks
from grading.evidence import Raw


class Rehearsal:
    """The source notebook, ready to be run with other solution cells.

    Attributes
    ----------
    solutions : text of each solution cell, by ``grade_id``
    points : points of each test cell, by ``grade_id``
    """

    def __init__(self, source: Path) -> None:
        notebook = notebooks.read(source)
        graded = notebooks.graded_cells(notebook)
        self.solutions = {name: cell.source for name, cell in graded.items() if cell.metadata.nbgrader.solution}
        self._tests = {name: cell.source for name, cell in graded.items() if cell.metadata.nbgrader.grade}
        self.points = {name: float(graded[name].metadata.nbgrader.points) for name in self._tests}
        self._prepared: dict[str, Any] = {"__name__": "__main__"}
        for cell in notebook.cells:
            if "nbgrader" in cell.metadata:
                break
            if cell.cell_type == "code":
                exec(compile(cell.source, f"<{cell.id}>", "exec"), self._prepared)

    def evidence(self, changed: dict[str, str] | None = None, only: str | None = None) -> dict[str, Raw]:
        """Evidence of every test cell (or of one), with the solution cells in ``changed`` replaced.

        A solution or test cell that raises leaves no more evidence, as in a notebook.
        """
        namespace = dict(self._prepared)
        collected: dict[str, Raw] = {}
        with _capturing() as published:
            for name, text in {**self.solutions, **(changed or {})}.items():
                _run(text, name, namespace, strict=changed is None)
            for name, text in self._tests.items():
                if only in (None, name):
                    published.clear()
                    _run(text, name, namespace, strict=changed is None)
                    collected[name] = [dict(each) for each in published]
        return collected


def _run(text: str, name: str, namespace: dict[str, Any], strict: bool) -> None:
    try:
        exec(compile(text, f"<{name}>", "exec"), namespace)
    except (Exception, SystemExit):  # `exit` ends a cell, not the notebook
        if strict:
            raise


@contextmanager
def _capturing() -> Iterator[Raw]:
    """Let probes publish into a list."""
    published: Raw = []
    probe = importlib.import_module("exercise_code.probe")

    def keep(data: dict[str, Any], raw: bool) -> None:
        published.append(data[probe.MIME])

    with mock.patch.dict(os.environ, NBGRADER_EXECUTION="autograde"), mock.patch.object(probe, "display", keep):
        yield published
