"""All processes of a submission stand still at once, and go on at once.

Only process 1 of a namespace can have the kernel stop all others there in one step. Nobody is born meanwhile: who is at
it when the order comes begins anew when it goes on. To stop one after the other would miss those that never live for
long enough to be found.
"""

import contextlib
import os
import signal
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from functools import partial
from pathlib import Path

from .watch import GONE, Process, tasks_of

STOP, GO_ON = signal.SIGURG, signal.SIGWINCH
"""Orders to process 1. Who doesn't wait for them yet passes them over, as the kernel does with these two."""
PATIENCE, STEP = 2.0, 0.0005
"""Seconds to wait for all of them, as process 1 may have to wait for a processor, and a call of theirs may last; and
between two questions whether they stand."""
STOPPED = b"T"
STANDS = (STOPPED, b"D", b"Z", b"X")
"""First letters of what a thread does: it is stopped, the kernel keeps it, such as until a child starts a program, or
it has ended."""


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


def go_on(first: int, processes: Iterable[Process], known: Collection[int]) -> None:
    """Have them go on if all are stopped, whoever did that, or one that isn't known yet.

    Who is born while both orders come gets the one to stop, and not the one to go on, which the kernel drops.
    """
    living = [process for process in processes if process.number != 1 and not process.has_ended]
    stopped = [process for process in living if process.status["State"][:1] == STOPPED]
    if stopped and (len(stopped) == len(living) or any(process.pid not in known for process in stopped)):
        os.kill(first, GO_ON)


def last_born() -> bytes:
    """The number that the kernel gave last, to a process or a thread of ours or in a namespace of ours."""
    return Path("/proc/loadavg").read_bytes().split()[-1]


def _goes_on(process: Process) -> bool:
    if process.number == 1 or process.has_ended:
        return False
    return any(_does(process.pid, task) not in STANDS for task in tasks_of(process))


def _does(pid: int, task: int) -> bytes:
    with contextlib.suppress(*GONE):
        return Path(f"/proc/{pid}/task/{task}/stat").read_bytes().rpartition(b")")[2].split()[0]
    return STOPPED


def _tell_all(told: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):  # there are no others
        os.kill(-1, told)
