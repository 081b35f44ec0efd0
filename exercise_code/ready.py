"""Lets a notebook run to its end while some tasks are still to do."""

from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType


class NotReadyError(NotImplementedError):
    """Something that an earlier cell makes is still missing."""


def _where(traceback: TracebackType | None) -> str:
    """Name of the function that raised, for example ``BCE.forward``."""
    name = ""
    while traceback is not None:
        name = traceback.tb_frame.f_code.co_qualname
        traceback = traceback.tb_next
    return name


@contextmanager
def when_ready() -> Iterator[None]:
    """Run the block; if it reaches a method that isn't written yet, say which one and go on.

    >>> with when_ready():
    ...     solver.train(epochs=100)
    This cell waits for Solver._step. Write it, then run this cell again.
    """
    try:
        yield
    except NotReadyError as missing:
        print(f"This cell waits: {missing}")
    except NotImplementedError as missing:
        print(f"This cell waits for {_where(missing.__traceback__)}. Write it, then run this cell again.")
