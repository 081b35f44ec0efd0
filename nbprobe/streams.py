"""Puts a stream in the place of ``sys.stdout`` for a while.

``print`` in a thread of the student's may hold what stood there without owning it (before Python 3.14), and ends the
process if that is gone when it goes on. So what stands there always stays, and passes on what is written.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

Stream = TypeVar("Stream")


class Outlet:
    """Passes on to a stream, one after the other."""

    def __init__(self) -> None:
        self.stream: Any = None

    def write(self, text: str) -> Any:
        return self.stream.write(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)


_outlets: list[Outlet] = []
"""One for each of those that are used within each other."""
_used = 0


def stdout() -> Any:
    """The stream to which ``sys.stdout`` leads."""
    stream = sys.stdout
    while isinstance(stream, Outlet):
        stream = stream.stream
    return stream


@contextmanager
def in_place_of_stdout(stream: Stream) -> Iterator[Stream]:
    """What is printed meanwhile goes to ``stream``."""
    global _used
    place, before, around = _used, sys.stdout, stdout()
    if place == len(_outlets):
        _outlets.append(Outlet())
    _outlets[place].stream = stream
    sys.stdout, _used = _outlets[place], place + 1
    try:
        yield stream
    finally:
        sys.stdout, _used = before, place
        _outlets[place].stream = around
