"""Probes of what a function prints, and of the errors that it raises.

Both wrap the function, and what they see becomes the result of the probe::

    probe("greets Ada", printed(greet), "Ada", points=1)
    probe("a negative number", raised(root), -1, points=1)
"""

import builtins
import io
from collections.abc import Callable
from typing import Any

import numpy as np

from nbprobe.kinds import NAMES, Printed, Raised
from nbprobe.probe import TooSlowError
from nbprobe.streams import in_place_of_stdout
from nbprobe.wire import MAX_BYTES, name_of

TROUBLE = (NotImplementedError, TooSlowError, RecursionError, MemoryError)
"""No error of these is one that a task asks for: it is what a probe says of any function."""

RETURNED: dict[type, str] = {**NAMES, np.ndarray: "an array"}


class _Listener(io.StringIO):
    """Keeps what is written, up to more than a probe publishes."""

    def __init__(self) -> None:
        super().__init__()
        self._room = MAX_BYTES + 1

    def write(self, text: str) -> int:
        super().write(text[: self._room])
        self._room -= min(self._room, len(text))
        return len(text)


def printed(f: Callable[..., Any]) -> Callable[..., Printed]:
    """``f``, but what it prints is its result; blanks at the ends of lines, and empty lines at the end, don't count.

    An error goes through, as in any other probe.
    """

    def called(*args: Any) -> Printed:
        with in_place_of_stdout(_Listener()) as listener:
            result = f(*args)
        lines = [line.rstrip() for line in listener.getvalue().replace("\r\n", "\n").replace("\r", "\n").split("\n")]
        while lines and not lines[-1]:
            lines.pop()
        return Printed(tuple(lines), "" if result is None else RETURNED.get(type(result), "something"))

    return called


def raised(f: Callable[..., Any]) -> Callable[..., Raised]:
    """``f``, but the error that it raises is its result, or that it raises none.

    Right is an error of the solution's class, or of one derived from that. What says that ``f`` isn't written yet, or
    takes too long, goes through, as in any other probe.
    """

    def called(*args: Any) -> Raised:
        try:
            f(*args)
        except TROUBLE:
            raise
        except Exception as error:
            return Raised(tuple(_names(type(error))))
        return Raised()

    return called


def _names(kind: type) -> list[str]:
    """The names of an error's classes. Who calls a class as one of Python's hasn't made that one."""
    classes = type.mro(kind)
    return [name_of(each) for each in classes[: classes.index(Exception) + 1] if _is_itself(each)]


def _is_itself(kind: type) -> bool:
    return getattr(builtins, name_of(kind), kind) is kind
