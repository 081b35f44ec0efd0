"""What a submission uses, as the kernel tells it to somebody outside of it.

Of all that a process can write itself, such as its name, no byte is read. No error is caught here, except for a process
that has ended: who can't be watched is ended, by ``forkserver``.
"""

import contextlib
import os
import time
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

from .asking import MOST_KEPT_WAITING, Asking
from .filters import number_of
from .kernel import libc
from .processes import GONE, Process, fields, has_memory, kib, kib_of, living, tasks_of

MAPPED = ("RssAnon", "RssShmem", "VmSwap", "VmPTE")
"""What a process holds, and the tables of it."""
PROPORTIONAL = ("Pss_Anon", "Pss_Shmem", "SwapPss")
"""The same with what several share divided among them. To tell it, the kernel looks at each page."""
MANY = 300
"""Processes and threads after which the one that starts them is suspected of starting them for no other end."""
NICE_FOR = ((1, 0), (3, 5), (9, 10), (28, 15))
"""How nice so many must be to weigh no more than one together: a step of five is a factor of about three."""
NICEST = 19
OF_NO_FILE = (("RssAnon", "VmSwap"), ("Anonymous", "Swap"))
"""What a process holds in memory of no file, as ``status`` calls it and as ``smaps_rollup`` does."""
INEXACT = 2**10
"""KiB by which the kernel may be wrong about a process that has just got memory."""
COMPARE, ADDRESS_SPACE = number_of("kcmp"), 1
"""The call ``kcmp``, and what of two processes it compares. Where it is refused, they have nothing in common."""
LONGEST, OF_EACH_GIB = 0.5, 0.15
"""Seconds of processor time for a look, and more of them for each GiB that is looked at page by page. That is two to
three times as much as it takes beside others. Pages of nothing but zeros aren't among those: who has many of them has
them to make looks long."""
TICKS = os.sysconf("SC_CLK_TCK")


class TooMuchError(Exception):
    """Seen before a look was over: of what they have too much."""


class CalledError(Exception):
    """A look is broken off, since whoever looks is wanted for something else."""


class Watch:
    """Looks at the one submission that runs in here.

    Attributes
    ----------
    pid : of the process with which the submission ends; 0 before it begins
    processor : seconds of processor time that all its processes have used
    delayed : seconds in which one of them could have gone on, but no processor was free, or the watch stopped them
    is_too_long : whether a look took longer than one may; to be set back by whoever has read it
    is_called : says whether whoever looks is wanted for something else
    """

    def __init__(self, limits: dict[str, Any]) -> None:
        """Begin before its first process does: the memory of this one by now isn't its own."""
        self.pid = 0
        self._memory, self._reserve = limits["memory"] * 2**10, limits["reserve"] * 2**10
        self._most_processor = limits["processor"]
        self._own = kib(fields("/proc/self/status"), MAPPED)
        self._times: dict[tuple[int, bytes], float] = {}
        self._time_of_ended = 0.0
        self._delays: dict[int, int] = {}
        self._lowest: dict[int, int] = {}
        """KiB of no file that each process had when it had least, of all looks at which it was there."""
        self._began = time.monotonic()
        self._started = 0
        self._niceness: tuple[int, int] | None = None
        """Who is spared, and how nice all others are to be."""
        self._asking, self._patience = Asking(), MOST_KEPT_WAITING
        self.processor = self.delayed = 0.0
        self._by_page, self.is_too_long = 0, False
        self.is_called: Callable[[], bool] = lambda: False

    def look(self) -> str:
        """Take all figures, and give others their share of the processor. Returns what it has too much of, or "".

        Raises
        ------
        KeptWaitingError
            If it has to wait for somebody.
        CalledError
            If it takes long, and somebody calls meanwhile.
        """
        try:
            return self._found()
        except TooMuchError as error:
            return str(error)

    def _found(self) -> str:
        everyone = self._everyone()
        processes = living(everyone)
        self._see_tasks(processes)
        self._by_page, bound = 0, self._bound()
        if seen := self._too_much(self._least(processes), bound):
            return seen
        if self._asking.answer(self._has_too_much_of_all, self._see_least, MOST_KEPT_WAITING):
            return "kernel"
        seen = self._asking.answer(lambda: self._asked(everyone, processes, bound), self._see_least, self._patience)
        self.is_too_long |= self._asking.took > LONGEST + OF_EACH_GIB * self._by_page / 2**20
        return seen

    def _bound(self) -> int:
        """KiB that it may have now. One that uses little isn't at fault if the machine has none left: it may run beside
        one that takes all."""
        return min(self._memory, self._reserve) if _available() < self._reserve else self._memory

    def _too_much(self, used: int, bound: int) -> str:
        if used <= bound:
            return ""
        return "memory" if used > self._memory else "scarce"

    def end(self) -> None:
        """All that was looked at has ended."""
        self._asking.end()

    def _everyone(self) -> list[Process]:
        raise NotImplementedError

    def _has_too_much_of_all(self) -> bool:
        """Of what the kernel counts for nobody. To wait for that is to wait for the machine, and not for them."""
        return False

    def _has_too_much_of_the_kernel(self, processes: list[Process]) -> bool:
        raise NotImplementedError

    def _share_among_sessions(self, processes: list[Process], spared: int, nice: int) -> None:
        """Where the kernel shares the processor among sessions, and a submission can have several. It may wait."""

    def _require_old_memory_gone(self, processes: list[Process]) -> None:
        """Who starts another program is asked about that one's memory when its own is gone. It may wait."""

    def _mapped(self, processes: list[Process], bound: int) -> dict[int, int]:
        """KiB that each maps, by its number; if it's too much together, without those that have their parent's."""
        mapped = {process.pid: kib_of(process, MAPPED) for process in processes}
        if sum(mapped.values()) - self._own <= bound:
            return mapped
        twice = {process.pid for process in processes if _is_its_parents(process, mapped)}
        return {pid: size for pid, size in mapped.items() if pid not in twice}

    def _least(self, processes: list[Process]) -> int:
        """KiB of no file that they hold at least, told without waiting for any: what one of them has, or what all have
        got since each was seen first. Of that, none has what another one has: a child has what its parent got before,
        but has had it from the beginning. (One that is about to start a program has what its parent gets meanwhile. To
        know that is to wait for it.)"""
        now = {process.pid: kib_of(process, OF_NO_FILE[0]) for process in processes}
        self._lowest = {pid: min(size, self._lowest.get(pid, size)) for pid, size in now.items()}
        grown = sum(max(0, now[pid] - self._lowest[pid] - INEXACT) for pid in now)
        # not what it maps of files: it may map the same pages twice
        return max(grown, max(now.values(), default=0) - self._own)

    def _asked(self, everyone: list[Process], processes: list[Process], bound: int) -> str:
        """What they have too much of, by all of which the kernel may tell nobody until they let it."""
        self._require_old_memory_gone(processes)
        self._see_time(everyone)
        if self._niceness:
            self._share_among_sessions(processes, *self._niceness)
        if self.processor > self._most_processor:
            return "processor"
        if self._has_too_much_of_the_kernel(processes):
            return "kernel"
        return self._too_much(self._used(processes, self._mapped(processes, bound), bound), bound)

    def _used(self, processes: list[Process], mapped: dict[int, int], bound: int) -> int:
        """KiB that they hold together, beyond what was there before them. Never less, and not more if it's too much."""
        most = sum(mapped.values()) - self._own
        # what is far too much isn't looked at page by page, since that takes time
        if most <= bound or most > 4 * self._memory + self._own * len(mapped):
            return most
        self._by_page = most
        used, let_go = -self._own, 0
        for process in processes:
            if process.pid not in mapped:
                continue
            part, less = _proportional(process, mapped[process.pid])
            used, let_go = used + part, let_go + less
        if used <= bound:
            self._require_held(let_go)
        return used

    def _require_held(self, let_go: int) -> None:
        """Whether it matters that KiB were let go of while we looked: of what one process shares with another one it
        was counted with a part, and the other one with none."""

    def _see_least(self) -> None:
        """As long as the rest of a look lasts, or a process keeps it waiting.

        Raises
        ------
        TooMuchError
            If they have got too much meanwhile.
        CalledError
            If somebody calls.
        """
        self._require_not_called()
        processes, bound = living(self._everyone()), self._bound()
        if seen := self._too_much(self._least(processes), bound):
            raise TooMuchError(seen)

    def _require_not_called(self) -> None:
        if self.is_called():
            raise CalledError

    def _see_time(self, processes: list[Process]) -> None:
        """Time of those who are seen, also if they have ended; or what they and those they waited for took, if more."""
        waited, times = 0.0, {}
        for process in processes:
            with contextlib.suppress(*GONE):
                words = Path(f"/proc/{process.pid}/stat").read_bytes().rpartition(b")")[2].split()
                own, children = (sum(map(int, words[at : at + 2])) / TICKS for at in (11, 13))
                times[process.pid, words[19]] = own
                waited += own + children
        self._time_of_ended += sum(self._times[process] for process in self._times.keys() - times.keys())
        self._times = times
        self.processor = max(self.processor, waited, self._time_of_ended + sum(times.values()))

    def _see_tasks(self, processes: list[Process]) -> None:
        """How long they waited for a processor; and make so many that they weigh too much nicer than others."""
        runner = next((process.pid for process in processes if process.number == 2), 0)
        delays = {}
        for process in processes:
            for task in tasks_of(process):
                with contextlib.suppress(*GONE):
                    delays[task] = int(Path(f"/proc/{process.pid}/task/{task}/schedstat").read_bytes().split()[1])
        longest = max((delay - self._delays.get(task, 0) for task, delay in delays.items()), default=0)
        self.delayed = min(self.delayed + max(0, longest) / 1e9, time.monotonic() - self._began)
        self._started += len(delays.keys() - self._delays.keys())
        self._delays = delays
        others = delays.keys() - {runner}
        nice = next((nice for most, nice in NICE_FOR if len(others) <= most), NICEST)
        for task in others if self._started <= MANY else delays:
            with contextlib.suppress(*GONE):
                if os.getpriority(os.PRIO_PROCESS, task) < nice:
                    os.setpriority(os.PRIO_PROCESS, task, nice)
        self._niceness = (runner if self._started <= MANY else 0, nice) if nice else None


def _is_its_parents(process: Process, others: Collection[int]) -> bool:
    """Whether it has its memory together with its parent, as a child has until it has started its program (vfork).

    Two whose first threads have ended are the same to the kernel: neither of these has memory any more. So what matters
    is whether it has some, after it was compared.
    """
    parent = int(process.status["PPid"])
    if parent not in others or libc.syscall(COMPARE, process.pid, parent, ADDRESS_SPACE, 0, 0) != 0:
        return False
    with contextlib.suppress(*GONE):
        return has_memory(f"/proc/{process.pid}")
    return False


def _proportional(process: Process, mapped: int) -> tuple[int, int]:
    """KiB that a process holds, and that it has let go of since it was listed. Of what it shares, it has a part."""
    if "RssAnon" not in process.status:
        return mapped, 0
    try:
        found = fields(f"/proc/{process.pid}/smaps_rollup")
    except GONE:
        return 0, mapped
    except PermissionError:  # it has made itself invisible
        return mapped, 0
    before, now = (kib(told, names) for told, names in zip((process.status, found), OF_NO_FILE, strict=True))
    return kib(found, PROPORTIONAL) + kib(process.status, ("VmPTE",)), max(0, before - now)


def _available() -> int:
    return kib(fields("/proc/meminfo"), ("MemAvailable",))
