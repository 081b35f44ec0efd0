"""Prints how long each check takes in a solved notebook: its probes alone, a first check, and a later one.

A check is its probes, the judgement and the table. The first one also reads the file of answers. All take turns in one
run; the ratios are what to read. Called by `make bench`.
"""

import contextlib
import io
import os
import statistics
import time
from typing import Any

from rich.console import Console
from rich.table import Table
from training import SOURCE, reference_classes

from exercise_code import checks
from nbprobe.answers import from_text
from nbprobe.probe import collecting

TURNS = 30
TASKS = ("bce_forward", "bce_backward", "sigmoid", "classifier_forward", "classifier_backward")
TASKS += ("optimizer_step", "solver_step")


def seconds(task: str, names: dict[str, Any]) -> float:
    """One call of a check, in a notebook in which ``names`` are defined."""
    cell = compile(f"checks.{task}()", "<cell>", "exec")
    with contextlib.redirect_stdout(io.StringIO()):
        begin = time.perf_counter()
        exec(cell, names)
        return time.perf_counter() - begin


def measure(task: str, names: dict[str, Any]) -> tuple[float, float, float]:
    """Medians: the probes alone, the first check of a kernel, a later one."""
    turns = []
    for _ in range(TURNS):
        with collecting() as outer, collecting(visible=True):
            probes = seconds(task, names)
        assert not outer
        from_text.cache_clear()
        turns.append((probes, seconds(task, names), seconds(task, names)))
    alone, first, later = map(statistics.median, zip(*turns, strict=True))
    return alone, first, later


def main() -> None:
    names = {**reference_classes(), "checks": checks}
    os.chdir(SOURCE.parent)
    result = Table("check", "probes alone, ms", "first check, times that", "a later one, times that")
    for task in TASKS:
        alone, first, later = measure(task, names)
        result.add_row(task, f"{alone * 1e3:.2f}", f"{first / alone:.1f}", f"{later / alone:.1f}")
    Console().print(result)


if __name__ == "__main__":
    main()
