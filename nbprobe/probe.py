"""Calls a student's function on given inputs and publishes what it returned, as data.

Used in the hidden part of test cells, and only active while nbgrader grades. A probe compares nothing and knows no
right answer: what is published here is judged later, in another process. So there is nothing in it to get around.
"""

import base64
import math
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
from IPython.display import display
from numpy.typing import NDArray

MIME = "application/x.simple-classifier.evidence+json"
SECONDS = 5.0
"""A call that takes longer is stopped and counts as an error."""
MAX_BYTES = 1_000_000
MAX_DEPTH = 4
MAX_ITEMS = 100_000


class TooSlowError(Exception):
    """The function took longer than a probe waits."""


def grading() -> bool:
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
    if not grading():
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
        return {"error": _name_of(type(error)), "message": _text_of(error)}
    changed = [_differ(copy, arg) for copy, arg in zip(copies, args, strict=True)]
    changed += [_differ(array, old) for array, old in zip(watch, before, strict=True)]
    return {"value": value, "changed": any(changed)}


def _text_of(error: BaseException) -> str:
    try:
        return str(error)[:200]
    except BaseException:
        return ""


def _name_of(kind: type) -> str:
    """The name of a class, also of one that would say something else."""
    return type.__dict__["__name__"].__get__(kind)[:60]


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


def encode(value: Any) -> dict[str, Any]:
    """``value`` as plain data: numbers, bools, strings, None, arrays, and lists, tuples and dicts of these.

    Anything else is "not data". Only exact types count: a subclass could lie about itself. An array is its bytes.
    """
    try:
        return _encode(value, _Budget(), 0)
    except _TooLargeError:
        return {"kind": "too large"}


class _TooLargeError(Exception):
    """A value has more parts than are published."""


class _Budget:
    """What all parts of a value may hold together."""

    def __init__(self) -> None:
        self.items, self.bytes = MAX_ITEMS, MAX_BYTES

    def spend(self, size: int) -> None:
        self.items -= 1
        self.bytes -= size
        if min(self.items, self.bytes) < 0:
            raise _TooLargeError


def _encode(value: Any, budget: _Budget, depth: int) -> dict[str, Any]:
    if isinstance(value, np.bool):
        value = bool(value)  # `from numpy import *` makes this one of Python's
    kind = type(value)
    if isinstance(value, (np.ndarray, np.generic)):
        return _encode_array(np.asarray(value), budget)
    budget.spend(len(value) if kind is str else 0)
    if value is None:
        return {"kind": "none"}
    if kind is bool:
        return {"kind": "bool", "data": value}
    if kind is int:
        if abs(value) >= 10**300:
            return {"kind": "too large"}
        return {"kind": "number", "data": value if abs(value) < 2**53 else repr(float(value))}
    if kind is float:
        return {"kind": "number", "data": value if math.isfinite(value) else repr(value)}
    if kind is str:
        return {"kind": "string", "data": value} if len(value) <= 1000 else {"kind": "too large"}
    if kind in (list, tuple, dict):
        if depth >= MAX_DEPTH:
            raise _TooLargeError
        if kind is dict:
            items = [[_encode(key, budget, MAX_DEPTH), _encode(each, budget, depth + 1)] for key, each in value.items()]
            return {"kind": "dict", "data": items}
        return {"kind": kind.__name__, "data": [_encode(item, budget, depth + 1) for item in value]}
    return {"kind": "not data", "type": _name_of(kind)}


def _encode_array(array: NDArray, budget: _Budget) -> dict[str, Any]:
    if array.dtype.kind not in "biuf":
        return {"kind": "not data", "type": f"array of dtype {array.dtype}"[:60]}
    budget.spend(array.nbytes)
    if array.dtype.kind == "f" and array.dtype.itemsize > 8:  # long double: its bytes differ from machine to machine
        array = array.astype(float)
    little = np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<"))
    data = base64.b64encode(little.tobytes()).decode("ascii")
    return {"kind": "array", "dtype": little.dtype.str, "shape": list(array.shape), "data": data}
