"""All processes of a submission stand still at once, and go on at once.

Only process 1 of a namespace can have the kernel stop all others there in one step. Nobody is born meanwhile: who is at
it when the order comes begins anew when it goes on. To stop one after the other would miss those that never live for
long enough to be found.
"""

import contextlib
import os
import signal
import time
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path

from .watch import Process

STOP, GO_ON = signal.SIGURG, signal.SIGWINCH
"""Orders to process 1. Who doesn't wait for them yet passes them over, as the kernel does with these two."""
PATIENCE, STEP = 0.5, 0.0005
"""Seconds to wait for all of them, as process 1 may have to wait for a processor; and between two questions whether
they stand."""
STOPPED, KEPT = b"T", b"D"
"""First letters of what a process does. The kernel keeps one that waits for a child to start a program."""


def obeyed() -> dict[signal.Signals, Callable[[], None]]:
    """What process 1 does at each order."""
    if os.getpid() != 1:
        raise RuntimeError("only process 1 of a namespace can stop all others, and nobody else")
    return {STOP: partial(_tell_all, signal.SIGSTOP), GO_ON: partial(_tell_all, signal.SIGCONT)}


@contextlib.contextmanager
def standing_still(first: int, processes: Callable[[], Iterable[Process]]) -> Iterator[None]:
    """While this lasts, all processes of a submission stand still, or as good as: who can have itself woken up may not.

    ``first`` passes orders on. Whether somebody was born meanwhile tells ``last_born``.
    """
    os.kill(first, STOP)
    try:
        end = time.monotonic() + PATIENCE
        while any(map(_goes_on, processes())) and time.monotonic() < end:
            time.sleep(STEP)
        yield
    finally:
        os.kill(first, GO_ON)


def go_on(first: int, processes: Iterable[Process]) -> None:
    """Have them go on if all are stopped, whoever did that."""
    living = [process for process in processes if process.number != 1 and not process.has_ended]
    if living and all(_does(process) == STOPPED for process in living):
        os.kill(first, GO_ON)


def last_born() -> bytes:
    """The number that the kernel gave last, to a process or a thread of ours or in a namespace of ours."""
    return Path("/proc/loadavg").read_bytes().split()[-1]


def _goes_on(process: Process) -> bool:
    return process.number != 1 and not process.has_ended and _does(process) not in (STOPPED, KEPT)


def _does(process: Process) -> bytes:
    return process.status["State"][:1]


def _tell_all(told: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):  # there are no others
        os.kill(-1, told)
