"""What a submission uses of which all processes live in one namespace: also what the kernel holds for them."""

import contextlib
import os
import socket
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from . import open_files
from .asking import LONG, MOST_KEPT_WAITING, KeptWaitingError
from .processes import GONE, Process, fields, has_memory, is_ending, places, process_of
from .standing_still import GO_ON, STOPPED, RestlessError, go_on, goes_on, last_born, ran, standing_still
from .watch import NICEST, TooMuchError, Watch

MOST_SOCKETS, MOST_IN_SOCKETS, MOST_LOCKS = 512, 300 * 2**20, 5000
"""Sockets, bytes that may wait in them, and locks on parts of files. The kernel's memory for them is nobody's."""
MOST_PIECES, BYTES_OF_A_PIECE, PIECES_EACH = 100_000, 200, 0.5
"""Pieces of address space of all processes, the usual length of a line about one, and the seconds after which they are
counted again. The kernel keeps a piece as often as a process has ancestors."""
MOST_SESSIONS, MOST_SESSIONS_EVER = 16, 200
"""Of processes, at a time and one after the other. Each may have a share of the processor as large as that of a whole
submission (see below), until it is seen."""
PIPES_EACH = 1.0
"""Seconds after which all stand still again because pipes are scarce: others of the same user may be at fault."""
TRIES = 3
"""Looks at a submission that stands still."""
RAN_ON, MOST_RAN_ON = 0.05, 1
"""Seconds in which none of those runs who stand still until another look, unless it is woken; and how often one may."""
LET_GO = 16 * 2**10
"""KiB of which all processes together may let go while we look. What the kernel tells of each isn't exact."""


class LetGoError(Exception):
    """What processes share was divided among more than had it at the end of the look."""


class WatchOfMany(Watch):
    """Looks at all processes that live one level of process namespaces below."""

    def __init__(self, limits: dict[str, Any]) -> None:
        """Begin before its first process does; what there is of sockets and locks by now isn't its own."""
        super().__init__(limits)
        self._seen: list[Process] = []
        self._known: set[int] = set()
        self._stood_still = self._stand_on = False
        self._stood: dict[int, float] = {}
        """Seconds that each had run when all were told to stand still until another look."""
        self._ran_on = 0
        self._sessions: set[bytes] = set()
        self._sockets, self._locks = _sockets(), _locks()
        self._most_sockets = min(MOST_SOCKETS, MOST_IN_SOCKETS // _bytes_in_a_socket())
        _, self._not_its_own = open_files.sockets()
        self._pieces_at, self._too_many_pieces, self._pipes_at = 0.0, False, 0.0

    def look(self) -> str:
        """Who was born while we looked may have what nobody seemed to have. So then all stand still, and we look again:
        a process that ends as soon as there is another one in its place would never be seen.

        All stand still, too, where a look is kept waiting: who is changing memory comes to an end first. Where one is
        on the way to its end, until it is there: what it had, the kernel still takes back, and nobody counts it. Where
        memory is shared, and somebody lets go of it meanwhile: who was counted with a part may have all of it then. And
        where pipes are scarce: who waits in a call, such as poll, for pipes that are closed meanwhile has them as long
        as it waits, and no look finds them. To go on is to call anew, without them."""
        if self._stand_on and self._have_run_on():
            return "unseen"
        self._asking.begin()  # before births are counted
        born, seen, is_sure, was_waiting = last_born(), "", False, self._asking.is_waiting
        self._patience = MOST_KEPT_WAITING if was_waiting else LONG
        with contextlib.suppress(KeptWaitingError, LetGoError):
            seen = super().look()
            is_sure = bool(seen) or (last_born() == born and not self._may_hide_something())
        if is_sure and self.pid:
            self._let_go_on()
        if is_sure or not self.pid:
            return seen
        if was_waiting:  # since a look that had all stand still
            return "unseen"
        begin, self._stood_still = time.monotonic(), True
        self._patience = MOST_KEPT_WAITING
        try:
            for _ in range(TRIES):
                still = standing_still(self.pid, _processes, self._look_meanwhile, self._may_go_on)
                with still, contextlib.suppress(LetGoError):
                    born, seen = last_born(), super().look()
                    if seen or last_born() == born:
                        return seen
        except TooMuchError as error:
            return str(error)
        except (KeptWaitingError, RestlessError):
            pass
        finally:  # that time wasn't its own
            self.delayed += time.monotonic() - begin
        return "unseen"

    def _look_meanwhile(self) -> None:
        self._require_not_called()
        with contextlib.suppress(KeptWaitingError, LetGoError):
            if seen := super().look():
                raise TooMuchError(seen)

    def _require_old_memory_gone(self, processes: list[Process]) -> None:
        """The kernel takes back the memory of the program before while nobody may ask about the new one, whose figures
        are small by then."""
        for process in processes:
            for place in places(process):
                with contextlib.suppress(*GONE, PermissionError), open(f"{place}/maps", "rb", buffering=0):
                    pass

    def _require_held(self, let_go: int) -> None:
        if let_go > LET_GO:
            raise LetGoError

    def _may_go_on(self) -> bool:
        """Nobody can say what one has that is on the way to its end. So as long as that takes, nobody gets anything."""
        everyone = list(_processes())
        self._stand_on = _is_one_ending(everyone)
        stopped = [process for process in everyone if process.status["State"][:1] == STOPPED and not goes_on(process)]
        self._stood = {process.pid: ran(process) for process in stopped if self._stand_on}
        self._ran_on *= self._stand_on
        return not self._stand_on

    def _have_run_on(self) -> bool:
        """Whether some of those who stood have run since, so were woken, for the second time."""
        going = [process for process in _processes() if process.pid in self._stood and not is_ending(process)]
        self._ran_on += any(ran(process) - self._stood[process.pid] > RAN_ON for process in going)
        return self._ran_on > MOST_RAN_ON

    def _may_hide_something(self) -> bool:
        return _is_one_ending(self._seen) or self._may_wait_for_pipes()

    def _may_wait_for_pipes(self) -> bool:
        if time.monotonic() < self._pipes_at or not open_files.pipes_are_scarce():
            return False
        self._pipes_at = time.monotonic() + PIPES_EACH
        return True

    def _let_go_on(self) -> None:
        now = {process.pid for process in self._seen}
        if self._stand_on:
            os.kill(self.pid, GO_ON)
            self._stand_on = False
        go_on(self.pid, self._seen, self._known if self._stood_still else now)
        self._known |= now

    def _everyone(self) -> list[Process]:
        self._seen = list(_processes())
        return self._seen

    def _has_too_much_of_all(self) -> bool:
        return _sockets() - self._sockets > self._most_sockets or _locks() - self._locks > MOST_LOCKS

    def _has_too_much_of_the_kernel(self, processes: list[Process]) -> bool:
        sessions = {process.status["NSsid"] for process in processes}
        self._sessions |= sessions
        return (
            len(sessions) > MOST_SESSIONS
            or len(self._sessions) > MOST_SESSIONS_EVER
            or bool(processes and self._has_too_much_open(processes))
            or self._has_too_many_pieces(processes)
        )

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

    def _share_among_sessions(self, processes: list[Process], spared: int, nice: int) -> None:
        if processes:
            _make_sessions_nice(processes, spared, nice)


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
                    if not process_of(pid).has_ended:
                        raise


def _processes() -> Iterator[Process]:
    """Those that live one level of process namespaces below: the submission's, and the first one there."""
    for name in os.listdir("/proc"):
        if name.isdigit():
            with contextlib.suppress(*GONE):
                process = process_of(int(name))
                if process.number:
                    yield process


def _is_one_ending(processes: Iterable[Process]) -> bool:
    return any(process.number != 1 and is_ending(process) for process in processes)


def _tables(processes: Iterable[Process]) -> Iterator[open_files.Table]:
    for process in processes:
        for place in places(process) if process.number != 1 else []:
            yield open_files.Table(place, process.number)


def _pieces(process: Process, room: int) -> tuple[int, int]:
    """How many pieces its address space has, and the size of what is said of them; no more than ``room`` is read.

    Where it has made itself invisible, there could be any number.
    """
    most = size = 0
    for place in places(process):
        count = 0
        try:
            with open(f"{place}/maps", "rb", buffering=0) as file:
                while size < room and (part := file.read(2**20)):
                    count += part.count(b"\n")
                    size += len(part)
        except GONE:
            pass
        except PermissionError:
            with contextlib.suppress(*GONE):
                size = room if has_memory(place) else size
        most = max(most, count)
    return most, size


def _sockets() -> int:
    return int(fields("/proc/net/sockstat")["sockets"].split()[1])


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
