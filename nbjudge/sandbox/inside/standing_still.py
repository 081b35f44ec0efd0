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

from .processes import DEAD, GONE, Process, fields, tasks_of

STOP, GO_ON = signal.SIGURG, signal.SIGWINCH
"""Orders to process 1. Who doesn't wait for them yet passes them over, as the kernel does with these two."""
PATIENCE, STEP = 2.0, 0.0005
"""Seconds to wait for all of them, as process 1 may have to wait for a processor, and a call of theirs may last; and
between two questions whether they stand."""
MEANWHILE, PART = 0.05, 4
"""Seconds between two looks at those that don't all stand yet, and how much longer than a look the pause is at least. A
call that lasts can fill memory as long as it does."""
MOST_WOKEN, MOST_RAN = 20, 0.005
"""How often somebody is found woken who was told to stop, and the seconds in which one of them ran meanwhile."""
STOPPED, SLEEPS = b"T", b"S"
STANDS = (STOPPED, b"D", *DEAD)
"""First letters of what a thread does: it is stopped, the kernel keeps it, such as until a child starts a program, or
it has ended."""


class RestlessError(Exception):
    """Those who were stopped wake one another."""


def obeyed() -> dict[signal.Signals, Callable[[], None]]:
    """What process 1 does at each order."""
    if os.getpid() != 1:
        raise RuntimeError("only process 1 of a namespace can stop all others, and nobody else")
    return {STOP: partial(_tell_all, signal.SIGSTOP), GO_ON: partial(_tell_all, signal.SIGCONT)}


@contextlib.contextmanager
def standing_still(
    first: int,
    processes: Callable[[], Iterable[Process]],
    meanwhile: Callable[[], None],
    may_go_on: Callable[[], bool] = lambda: True,
) -> Iterator[None]:
    """While this lasts, all processes of a submission stand still, or as good as: who can have itself woken up may not.
    Those on the way to their end are waited for.

    ``first`` passes orders on. ``meanwhile`` is called again and again until they stand, and may end the waiting by an
    error. Whether somebody was born meanwhile tells ``last_born``. Unless they ``may_go_on``, they stand
    until somebody else tells them.

    Raises
    ------
    RestlessError
        If some are woken as often as they are stopped.
    """
    os.kill(first, STOP)
    try:
        begun, restless = time.monotonic(), _Restless()
        end, next_look = begun + PATIENCE, begun + MEANWHILE
        while (going := list(filter(goes_on, everyone := list(processes())))) and time.monotonic() < end:
            woken = list(filter(_was_woken, going)) if _have_obeyed(first, everyone) else []
            if woken:
                restless.note(woken)
                os.kill(first, STOP)
            if time.monotonic() >= next_look:
                begin = time.monotonic()
                meanwhile()
                next_look = time.monotonic() + max(MEANWHILE, PART * (time.monotonic() - begin))
            time.sleep(STEP)
        yield
    finally:
        if may_go_on():
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


class _Restless:
    """Those who were woken, each time that some are found: whether they really go on, or only wait for a processor."""

    def __init__(self) -> None:
        self._times, self._run = 0, False
        self._ran: dict[int, float] = {}
        self._born: set[bytes] = set()

    def note(self, woken: Iterable[Process]) -> None:
        """Add those who are found now.

        Raises
        ------
        RestlessError
            If there were enough, and one of them ran meanwhile or somebody was born.
        """
        self._times += 1
        self._born.add(last_born())
        for process in woken:
            now = ran(process)
            self._run |= now - self._ran.setdefault(process.pid, now) > MOST_RAN
        if self._times > MOST_WOKEN and (self._run or len(self._born) > 1):
            raise RestlessError


def goes_on(process: Process) -> bool:
    """Whether one of its threads runs, or could."""
    if process.number == 1:
        return False
    return any(_state(process.pid, task)[0] not in STANDS for task in tasks_of(process))


def _have_obeyed(first: int, everyone: Iterable[Process]) -> bool:
    """Whether those that pass the order on wait for another one, and it is on its way to none of them."""
    above = [first, *(process.pid for process in everyone if process.number == 1)]
    return not any(_waits(pid, STOP) or _state(pid, pid)[0] != SLEEPS for pid in above)


def _was_woken(process: Process) -> bool:
    """Whether it goes on, and no order to stop is on its way: it obeyed, and somebody took it back."""
    states = {task: _state(process.pid, task) for task in tasks_of(process)}
    if any(does == STOPPED for does, _ in states.values()) or _waits(process.pid, signal.SIGSTOP):
        return False
    going = [task for task, (does, ends) in states.items() if does not in STANDS and not ends]
    return any(not _waits(task, signal.SIGKILL) for task in going)


def ran(process: Process) -> float:
    """Seconds in which one of its threads has had a processor; 0 where the kernel doesn't say."""
    longest = 0
    for task in tasks_of(process):
        with contextlib.suppress(*GONE):
            longest = max(longest, int(Path(f"/proc/{process.pid}/task/{task}/schedstat").read_bytes().split()[0]))
    return longest / 1e9


def _waits(pid: int, order: signal.Signals) -> bool:
    """Whether a signal is on its way to a thread, or to all of its process."""
    with contextlib.suppress(*GONE):
        status = fields(f"/proc/{pid}/status")
        return any(int(status[name], 16) >> (order - 1) & 1 for name in ("SigPnd", "ShdPnd"))
    return False


def _state(pid: int, task: int) -> tuple[bytes, bool]:
    """What a thread does, and whether it is on the way to its end, and obeys nobody.

    Not by ``stat``: that one waits for who starts a program.
    """
    with contextlib.suppress(*GONE):
        status = fields(f"/proc/{pid}/task/{task}/status")
        return status["State"][:1], "RssAnon" not in status
    return STOPPED, False


def _tell_all(told: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):  # there are no others
        os.kill(-1, told)
