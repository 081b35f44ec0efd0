"""A check for any function: does it give what is expected for a few examples? A new exercise starts with it."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

import __main__
from nbprobe.check import CheckError, reporting
from nbprobe.probe import is_grading

Example = tuple[str, Sequence[ArrayLike], ArrayLike]
"""What it is in words, the arguments, and the result that was worked out by hand."""


def check(task: str, name: str, examples: Sequence[Example]) -> None:
    """Call the function ``name`` of the notebook with every example, and show which results are right.

    >>> examples.check("Task 1", "double", [("two numbers", ([1.0, 4.0],), [2.0, 8.0])])
    Task 1: double
      ✓ two numbers

    Arguments and results are made arrays of floats.

    Raises
    ------
    CheckError
        If a result is wrong, or if there is no such function yet.
    """
    with reporting(task, name) as report:
        function = _students(name)
        for what, arguments, expected in examples:
            arrays = [np.asarray(argument, dtype=float) for argument in arguments]
            report.expect(what, function, *arrays, gives=np.asarray(expected, dtype=float))


def _students(name: str) -> Callable[..., Any]:
    """The function of that name in the notebook."""
    if is_grading():  # `reporting` ends the check here; the cell's probes call the student's code, within limits
        raise CheckError("while nbgrader grades, the probes decide.")
    function = getattr(__main__, name, None)
    if not callable(function):
        raise CheckError(
            f"there is no function {name} yet: run the cell that defines it (Shift-Enter); "
            "if that cell stops with an error, mend it first."
        )
    return function
