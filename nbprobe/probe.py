"""Calls a student's function on given inputs and publishes what it returned, as data.

Used in the hidden part of test cells, and only active while nbgrader grades. A probe compares nothing and knows no
right answer: what is published here is judged later, in another process. So there is nothing in it to get around.
"""

import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
from IPython.display import display
from numpy.typing import NDArray

from nbprobe.wire import MIME, encode, name_of

SECONDS = 5.0
"""A call that takes longer is stopped and counts as an error."""


class TooSlowError(Exception):
    """The function took longer than a probe waits."""


def is_grading() -> bool:
    """Whether nbgrader is grading this notebook (in contrast to a person who runs it)."""
    return os.environ.get("NBGRADER_EXECUTION") == "autograde"


def probe(
    name: str,
    f: Callable[..., Any],
    *args: Any,
    points: float = 0.0,
    core: bool = False,
    rtol: float = 1e-5,
    advice: str = "",
    watch: Sequence[NDArray] = (),
) -> None:
    """Publish what ``f(*args)`` returns. Does nothing outside grading.

    Parameters
    ----------
    name
        What a student reads in the feedback, for example "64 predictions". Different for each probe of a cell.
    f, args
        The call. Array arguments are copied first; a change of the copies is noted.
    points
        What the probe is worth if its result is right.
    core
        If this one fails, no other probe of the cell earns anything.
    rtol
        How far the result may be from the right one, relative to it.
    advice
        For a probe worth 0 points: the remark for those who fail it.
    watch
        Other arrays, such as a cache, whose change is to be noted.
    """
    if not is_grading():
        return
    evidence = {"name": name, "points": points, "core": core, "rtol": rtol, "advice": advice}
    evidence |= _call(f, args, watch)
    display({MIME: evidence, "text/plain": f"probe: {name}"}, raw=True)


def _call(f: Callable[..., Any], args: tuple[Any, ...], watch: Sequence[NDArray]) -> dict[str, Any]:
    copies = [arg.copy() if isinstance(arg, np.ndarray) else arg for arg in args]
    before = [array.copy() for array in watch]
    try:
        with _time_limit(SECONDS), np.errstate(all="ignore"):
            value = encode(f(*copies))
    except BaseException as error:  # sys.exit and Ctrl-C as well: the next probe is to run
        return {"error": name_of(type(error)), "message": _text_of(error)}
    changed = [_differ(copy, arg) for copy, arg in zip(copies, args, strict=True)]
    changed += [_differ(array, old) for array, old in zip(watch, before, strict=True)]
    return {"value": value, "changed": any(changed)}


def _text_of(error: BaseException) -> str:
    try:
        return str(error)[:200]
    except BaseException:
        return ""


def _differ(a: Any, b: Any) -> bool:
    return isinstance(a, np.ndarray) and not np.array_equal(a, b, equal_nan=a.dtype.kind == "f")


@contextmanager
def _time_limit(seconds: float) -> Iterator[None]:
    """Interrupt the block after ``seconds``, where the system has an alarm clock for that."""
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return

    def ring(*_: Any) -> None:
        raise TooSlowError(f"it took longer than {seconds:g} seconds")

    previous = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)
