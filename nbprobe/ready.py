"""Lets a notebook run to its end while some tasks are still to do."""

from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType

from nbprobe.errors import ExerciseError


class NotReadyError(NotImplementedError):
    """Something that an earlier cell makes is still missing."""


class MethodError(ExerciseError):
    """A method that was written in the notebook stopped with an error."""


def _where(traceback: TracebackType | None) -> str:
    """Name of the function that raised, for example ``BCE.forward``."""
    name = ""
    while traceback is not None:
        name = traceback.tb_frame.f_code.co_qualname
        traceback = traceback.tb_next
    return name


def _own_method(traceback: TracebackType | None) -> tuple[str, int] | None:
    """Name and line of the innermost function on the way that was written in the notebook, if there is one."""
    innermost = None
    while traceback is not None:
        frame = traceback.tb_frame
        if frame.f_globals.get("__name__") == "__main__" and frame.f_code.co_name != "<module>":
            innermost = frame.f_code.co_qualname, traceback.tb_lineno
        traceback = traceback.tb_next
    return innermost


@contextmanager
def when_ready() -> Iterator[None]:
    """Run the block; if it reaches a method that isn't written yet, say which one and go on.

    Any other error inside a method of the notebook is said in one sentence, without a page of traceback.

    >>> with when_ready():
    ...     solver.train(epochs=100)
    This cell waits for Solver._step. Write it, then run this cell again.

    Raises
    ------
    MethodError
        If a method of the notebook stops with an error.
    """
    try:
        yield
    except NotReadyError as missing:
        print(f"This cell waits: {missing}")
    except NotImplementedError as missing:
        print(f"This cell waits for {_where(missing.__traceback__)}. Write it, then run this cell again.")
    except ExerciseError:
        raise  # already one sentence
    except Exception as error:
        method = _own_method(error.__traceback__)
        if method is None:
            raise
        raise MethodError(
            f"{method[0]} stops with {type(error).__name__}: {error} (line {method[1]} of its cell). "
            "The check of its task says more."
        ) from error
