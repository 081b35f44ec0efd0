"""What a submission uses, as the kernel tells it to somebody outside of it.

Of all that a process can write itself, such as its name, no byte is read. No error is caught here, except for a process
that has ended: who can't be watched is ended, by ``forkserver``.
"""

import contextlib
import os
import re
import socket
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import open_files

MAPPED = ("RssAnon", "RssShmem", "VmSwap", "VmPTE")
"""What a process holds, and the tables of it."""
PROPORTIONAL = ("Pss_Anon", "Pss_Shmem", "SwapPss")
"""The same with what several share divided among them. To tell it, the kernel looks at each page."""
MOST_SOCKETS, MOST_IN_SOCKETS, MOST_LOCKS = 512, 300 * 2**20, 5000
"""Sockets, bytes that may wait in them, and locks on parts of files. The kernel's memory for them is nobody's."""
MOST_PIECES, BYTES_OF_A_PIECE, PIECES_EACH = 100_000, 200, 0.5
"""Pieces of address space of all processes, the usual length of a line about one, and the seconds after which they are
counted again. The kernel keeps a piece as often as a process has ancestors."""
MOST_SESSIONS = 16
"""Of processes. Each may have a share of the processor as large as that of a whole submission (see below)."""
MANY = 300
"""Processes and threads after which the one that starts them is suspected of starting them for no other end."""
NICE_FOR = ((1, 0), (3, 5), (9, 10), (28, 15))
"""How nice so many must be to weigh no more than one together: a step of five is a factor of about three."""
NICEST = 19
TICKS = os.sysconf("SC_CLK_TCK")
GONE = (FileNotFoundError, ProcessLookupError)
FIELD = re.compile(rb"^(\w+):[ \t]*(.*)$", re.MULTILINE)


@dataclass(frozen=True)
class Process:
    """One process of the submission. ``number`` is what it takes itself for: 1 is ours, and 2 runs the cells."""

    pid: int
    number: int
    status: dict[str, bytes]

    @property
    def has_ended(self) -> bool:
        """Whether nothing of it is left but its name. If only its first thread has ended, others may go on."""
        return "RssAnon" not in self.status and self.status["Threads"] in (b"0", b"1")


class Watch:
    """Looks at the one submission that runs in here.

    Attributes
    ----------
    processor : seconds of processor time that all its processes have used
    delayed : seconds in which one of them could have gone on, but no processor was free
    """

    def __init__(self, limits: dict[str, Any]) -> None:
        """Begin before its first process does; what there is of sockets and locks by now isn't its own."""
        self._memory, self._reserve = limits["memory"] * 2**10, limits["reserve"] * 2**10
        self._most_processor = limits["processor"]
        self._own = _kib(_fields("/proc/self/status"), MAPPED)
        self._sockets, self._locks = _sockets(), _locks()
        self._most_sockets = min(MOST_SOCKETS, MOST_IN_SOCKETS // _bytes_in_a_socket())
        _, self._not_its_own = open_files.sockets()
        self._pieces_at, self._too_many_pieces = 0.0, False
        self._times: dict[tuple[int, bytes], float] = {}
        self._time_of_ended = 0.0
        self._delays: dict[int, int] = {}
        self._began = time.monotonic()
        self._started = 0
        self.processor = self.delayed = 0.0

    def look(self) -> str:
        """Take all figures, and give others their share of the processor. Returns what it has too much of, or ""."""
        everyone = list(_processes())
        processes = [process for process in everyone if process.number != 1 and not process.has_ended]
        self._see_time(everyone)
        self._see_tasks(processes)
        if self.processor > self._most_processor:
            return "processor"
        sessions = len({process.status["NSsid"] for process in processes})
        if (
            _sockets() - self._sockets > self._most_sockets
            or _locks() - self._locks > MOST_LOCKS
            or sessions > MOST_SESSIONS
            or (processes and self._has_too_much_open(processes))
            or self._has_too_many_pieces(processes)
        ):
            return "kernel"
        # one that uses little isn't at fault if there is none left: it may run beside one that takes all
        is_scarce = _available() < self._reserve
        used = self._used(processes, min(self._memory, self._reserve) if is_scarce else self._memory)
        if used > self._memory:
            return "memory"
        return "scarce" if is_scarce and used > self._reserve else ""

    def _has_too_much_open(self, processes: list[Process]) -> bool:
        waiting, owned = open_files.sockets()
        held = open_files.held(_tables(processes))
        if held.kept > open_files.MOST_KEPT:
            return True
        if len(held.pipes) > open_files.MOST_PIPES and open_files.pipes_are_scarce():
            return True
        if waiting and open_files.many_are_on_the_way():  # older kernels don't say what is on the way to these
            return True
        return self._sends_a_socket(owned - held.sockets.keys())

    def _sends_a_socket(self, unseen: set[str]) -> bool:
        """Whether some that nobody had open still are there, and nobody has them open. To them, more may be sent."""
        unseen -= self._not_its_own
        for _ in range(2):
            if unseen:  # or they were closed, or given to a new process, while we looked
                unseen -= open_files.held(_tables(_processes())).sockets.keys()
                unseen &= open_files.sockets()[1]
        return bool(unseen)

    def _has_too_many_pieces(self, processes: list[Process]) -> bool:
        if time.monotonic() >= self._pieces_at or self._too_many_pieces:
            left, room = MOST_PIECES, MOST_PIECES * BYTES_OF_A_PIECE
            for process in processes:
                pieces, size = _pieces(process, room)
                left, room = left - pieces, room - size
            self._too_many_pieces = left < 0 or room <= 0
            self._pieces_at = time.monotonic() + PIECES_EACH
        return self._too_many_pieces

    def _used(self, processes: list[Process], bound: int) -> int:
        """KiB that they hold together, beyond what was there before them. Never less, and not more if it's too much."""
        mapped = {process.pid: _mapped(process) for process in processes}
        most = sum(mapped.values()) - self._own
        # what is far too much isn't looked at page by page, since that takes time
        if most <= bound or most > 4 * self._memory + self._own * len(mapped):
            return most
        return sum(_proportional(process, mapped[process.pid]) for process in processes) - self._own

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
            for task in _tasks(process):
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
        if nice and processes:
            _make_sessions_nice(processes, runner if self._started <= MANY else 0, nice)


def _make_sessions_nice(processes: list[Process], spared: int, nice: int) -> None:
    """Where the kernel shares the processor among sessions first (autogroups), each session counts as one process.

    It takes such an order ten times per second from all of us; later looks go on with the rest.
    """
    niceness: dict[bytes, tuple[int, int]] = {}
    for process in processes:
        with contextlib.suppress(*GONE):
            group, _, value = Path(f"/proc/{process.pid}/autogroup").read_bytes().split()
            niceness.setdefault(group, (process.pid, int(value)))
            if process.pid == spared:
                niceness[group] = spared, NICEST
    for pid, now in niceness.values():
        if now < nice:
            with contextlib.suppress(*GONE, BlockingIOError):
                try:
                    Path(f"/proc/{pid}/autogroup").write_text(str(nice))
                except PermissionError:
                    if not _process(pid).has_ended:
                        raise


def _processes() -> Iterator[Process]:
    """Those that live one level of process namespaces below: the submission's, and the first one there."""
    for name in os.listdir("/proc"):
        if name.isdigit():
            with contextlib.suppress(*GONE):
                process = _process(int(name))
                if process.number:
                    yield process


def _process(pid: int) -> Process:
    """``number`` is 0 if it is none of the submission's."""
    status = _fields(f"/proc/{pid}/status")
    _, *inside = status["NSpid"].split()
    return Process(pid, int(inside[-1]) if inside else 0, status)


def _tasks(process: Process) -> list[int]:
    with contextlib.suppress(*GONE):
        return [int(name) for name in os.listdir(f"/proc/{process.pid}/task")]
    return []


def _places(process: Process) -> list[str]:
    """Where to look for what its threads share: at the first one, or at each if the first has ended."""
    first = f"/proc/{process.pid}"
    return [first] if "RssAnon" in process.status else [f"{first}/task/{task}" for task in _tasks(process)]


def _tables(processes: Iterable[Process]) -> Iterator[tuple[str, int]]:
    """Where the open files of each are listed, and how many that could be."""
    for process in processes:
        for place in _places(process) if process.number != 1 else []:
            yield place, int(process.status["FDSize"])


def _pieces(process: Process, room: int) -> tuple[int, int]:
    """How many pieces its address space has, and the size of what is said of them; no more than ``room`` is read."""
    most = size = 0
    for place in _places(process):
        count = 0
        with contextlib.suppress(*GONE, PermissionError), open(f"{place}/maps", "rb", buffering=0) as file:
            while size < room and (part := file.read(2**20)):
                count += part.count(b"\n")
                size += len(part)
        most = max(most, count)
    return most, size


def _mapped(process: Process) -> int:
    """KiB that a process maps. What it shares with others, it has as a whole."""
    if "RssAnon" in process.status:
        return _kib(process.status, MAPPED)
    most = 0  # its first thread has ended, and others go on
    for task in _tasks(process):
        with contextlib.suppress(*GONE):
            most = max(most, _kib(_fields(f"/proc/{process.pid}/task/{task}/status"), MAPPED))
    return most


def _proportional(process: Process, mapped: int) -> int:
    """KiB that a process holds. Of what it shares with others, it has a part."""
    if "RssAnon" not in process.status:
        return mapped
    try:
        fields = _fields(f"/proc/{process.pid}/smaps_rollup")
    except GONE:
        return 0
    except PermissionError:  # it has made itself invisible
        return mapped
    return _kib(fields, PROPORTIONAL) + _kib(process.status, ("VmPTE",))


def _sockets() -> int:
    return int(_fields("/proc/net/sockstat")["sockets"].split()[1])


def _bytes_in_a_socket() -> int:
    """How much may wait in a socket: what is let in before it is full may be as much again; and a filter."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        return 2 * ours.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF) + 2**17


def _locks() -> int:
    """How many locks on files there are, or what would be too many. Those of files aren't ours."""
    with open("/proc/locks", "rb") as file:
        seen = file.read(2**20)
    return seen.count(b"\n") - seen.count(b" OFDLCK ")


def _available() -> int:
    return _kib(_fields("/proc/meminfo"), ("MemAvailable",))


def _fields(path: str) -> dict[str, bytes]:
    """What stands behind each name. If a name comes twice, the last one counts: what is forged would come first."""
    return {name.decode(): value for name, value in FIELD.findall(Path(path).read_bytes())}


def _kib(fields: dict[str, bytes], names: Iterable[str]) -> int:
    return sum(int(fields[name].split()[0]) for name in names if name in fields)
