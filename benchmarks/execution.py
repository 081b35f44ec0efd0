"""Prints what the execution of one submission costs: here, in nbgrader's own step, and at least.

The least is the sum of two floors: the same cells in a warm IPython, and an empty job through all walls. All run the
solved notebook of ex04, in turns, in one run. Seconds differ from machine to machine; the ratios are what to read.
Called by `make bench`.
"""

import contextlib
import copy
import importlib
import io
import os
import statistics
import sys
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from itertools import chain
from pathlib import Path
from typing import Any

import psutil
from IPython.core.inputtransformer2 import TransformerManager
from nbformat import NotebookNode
from nbgrader.preprocessors import Execute
from rich.console import Console
from rich.table import Table

from nbjudge.course import notebooks
from nbjudge.course.cells import cells_to_run
from nbjudge.course.isolation import LANDLOCK, NAMESPACES
from nbjudge.sandbox.inside import shell
from nbjudge.sandbox.inside.forkserver import MANY
from nbjudge.sandbox.sandbox import Sandbox
from nbjudge.sandbox.step import execute, imports_of

SOURCE = Path("source/ex04/1_simple_classifier.ipynb")

WARM = "floor: warm IPython, same cells"
EMPTY = {wall: f"floor: an empty job, {name} wall" for wall, name in ((NAMESPACES, "first"), (LANDLOCK, "second"))}


class Peak(threading.Thread):
    """Most memory that the children of this process held together, in MiB: what they share is counted once."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.mebibytes = 0.0
        self._through = threading.Event()

    def run(self) -> None:
        while not self._through.wait(0.05):
            total = 0
            for child in psutil.Process().children(recursive=True):
                try:
                    total += child.memory_full_info().pss
                except (psutil.NoSuchProcess, psutil.AccessDenied):
                    continue
            self.mebibytes = max(self.mebibytes, total / 2**20)

    def stop(self) -> float:
        self._through.set()
        self.join()
        return self.mebibytes


def in_sandbox(sandbox: Sandbox, notebook: NotebookNode, everything: bool) -> None:
    cells = {index: notebook.cells[index].source for index in cells_to_run(notebook, everything)}
    results = execute(sandbox, cells, {})
    require_no_error(output for result in results.values() for output in result.outputs)


def require_no_error(outputs: Iterable[Mapping[str, Any]]) -> None:
    """A cell that fails is quick."""
    errors = [output for output in outputs if output["output_type"] == "error"]
    assert not errors, errors


def warm_shell() -> shell.Shell:
    """IPython in this process, with all imported that the notebook imports."""
    out, err = sys.stdout, sys.stderr
    warm = shell.new_shell(2**22)
    warm.input_transformer_manager = TransformerManager()  # IPython's own
    for name in imports_of(SOURCE):
        with contextlib.suppress(ImportError):  # a name within a module
            importlib.import_module(name)
    sys.stdout, sys.stderr = out, err
    return warm


def in_process(warm: shell.Shell, notebook: NotebookNode) -> None:
    """The cells, with their probes, in this process: nothing is started, walled in or watched."""
    os.environ["NBGRADER_EXECUTION"] = "autograde"
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        outputs = [
            shell.run_cell(warm, notebook.cells[index].source, lambda: None)[0] for index in cells_to_run(notebook)
        ]
    del os.environ["NBGRADER_EXECUTION"]
    require_no_error(chain.from_iterable(outputs))


def in_kernel(notebook: NotebookNode, everything: bool) -> None:
    notebook = copy.deepcopy(notebook)
    chosen = set(cells_to_run(notebook, everything))
    notebook.cells = [cell for index, cell in enumerate(notebook.cells) if index in chosen]
    Execute(timeout=60, extra_arguments=["--IPKernelApp.log_level=ERROR"]).preprocess(
        notebook, {"metadata": {"path": str(SOURCE.parent)}}
    )


def main(rounds: int) -> None:
    notebook = notebooks.read(SOURCE)
    modules, hidden = imports_of(SOURCE), [Path.cwd()]
    first, second = (Sandbox(modules, hidden, isolation=wall) for wall in (NAMESPACES, LANDLOCK))
    warm = warm_shell()
    ways: dict[str, Callable[[], object]] = {
        WARM: lambda: in_process(warm, notebook),
        EMPTY[NAMESPACES]: lambda: execute(first, {0: "None"}, {}),
        EMPTY[LANDLOCK]: lambda: execute(second, {0: "None"}, {}),
        "this sandbox, first wall": lambda: in_sandbox(first, notebook, everything=False),
        "this sandbox, second wall": lambda: in_sandbox(second, notebook, everything=False),
        "nbgrader's Execute, same cells": lambda: in_kernel(notebook, everything=False),
        "this sandbox, all cells": lambda: in_sandbox(first, notebook, everything=True),
        "nbgrader's Execute, all cells": lambda: in_kernel(notebook, everything=True),
    }
    for way in ways.values():
        way()  # starts what stays
    for _ in range(MANY):  # then they are as in the middle of a class
        for sandbox in (first, second):
            in_sandbox(sandbox, notebook, everything=False)
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    memory: dict[str, float] = dict.fromkeys(ways, 0.0)
    for _ in range(rounds):
        for name, way in ways.items():
            start = time.perf_counter()
            way()
            seconds[name].append(time.perf_counter() - start)
    first.close()
    second.close()
    for name, way in ways.items():
        peak = Peak()
        peak.start()
        way()
        memory[name] = peak.stop()
        first.close()
        second.close()
    result = Table("one submission", "ms", "times its two floors", "peak MiB", title=f"ex04, {rounds} rounds")
    for name, own in seconds.items():
        empty = seconds[EMPTY[LANDLOCK if "second" in name else NAMESPACES]]
        ratios = sorted(mine / (a + b) for mine, a, b in zip(own, seconds[WARM], empty, strict=True))
        spread = f"{statistics.median(ratios):.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f})"
        result.add_row(name, f"{statistics.median(own) * 1e3:.0f}", spread, f"{memory[name]:.0f}")
    Console().print(result)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10)
