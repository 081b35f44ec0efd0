"""What a submission has open, where that holds more of the kernel than it seems, or what others need.

All sandboxes of an ordinary user share one allowance of pipes and one of files that are sent through sockets. Where
the pages of all pipes of a user are used up, a new pipe of anybody's holds two and not sixteen, and honest code waits
for ever that writes much before it reads. Where too many files are on the way, nobody can send one.
"""

import contextlib
import errno
import fcntl
import os
import re
import resource
import socket
import stat
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from .processes import GONE, fields

MOST_PIPES = 256
"""Pipes that a submission may have where they are scarce. Its processes have three each if they wait for others."""
MOST_KEPT = 16
"""Files that a submission may keep open of those that the kernel writes as they are read: it keeps the whole text."""
MANY_ON_THE_WAY = 128
"""With twice as many of one user, nobody of that user in a sandbox can send a file."""
USUAL = 16 * os.sysconf("SC_PAGE_SIZE")
OF_ITS_MEMORY = re.compile(
    r"/proc/(\d+)/(?:task/\d+/)?(?:auxv|environ|maps|mem|numa_maps|pagemap|smaps|smaps_rollup)( \(deleted\))?"
)
"""What the kernel reads from the memory of a process. As long as somebody else reads there, that memory stays, also if
the process has ended, and belongs to nobody."""
ON_THE_WAY = re.compile(rb"^scm_fds:\s*(\d+)", re.MULTILINE)


class Table(NamedTuple):
    """Open files: their place in ``/proc``, and whose they are by its own number."""

    place: str
    number: int


@dataclass
class Held:
    """What there is in tables of open files.

    Attributes
    ----------
    pipes : those that were seen
    sockets : those that were seen, and how many open files are on the way to each
    texts : open files that the kernel writes as they are read
    unseen : for how many there is room in tables of processes that have made themselves invisible
    """

    pipes: set[str] = field(default_factory=set)
    sockets: dict[str, int] = field(default_factory=dict)
    texts: int = 0
    unseen: int = 0

    @property
    def kept(self) -> int:
        """How many such texts it may keep: any file that can't be seen could be one."""
        return self.texts + self.unseen + sum(self.sockets.values())


def held(tables: Iterable[Table]) -> Held:
    """What there is in these."""
    found = Held()
    for place, holder in tables:
        try:
            for number in os.listdir(f"{place}/fd"):
                with contextlib.suppress(*GONE):
                    target = _target(f"{place}/fd/{number}")
                    if target.startswith("pipe:"):
                        found.pipes.add(target)
                    elif (about := _about_a_path(f"{place}/fd/{number}", target)) and stat.S_ISFIFO(about.st_mode):
                        found.pipes.add(f"{about.st_dev}:{about.st_ino}")
                    elif target.startswith("/proc/"):
                        found.texts += MOST_KEPT + 1 if _holds_much(target, holder) else 1
                    elif target.startswith("socket:") and target not in found.sockets:
                        sent = ON_THE_WAY.search(Path(f"{place}/fdinfo/{number}").read_bytes())
                        found.sockets[target] = int(sent[1]) if sent else 0
        except GONE:
            continue
        except PermissionError:
            with contextlib.suppress(*GONE):
                status = fields(f"{place}/status")
                if "RssAnon" in status:  # or else it just ends
                    found.unseen += int(status["FDSize"])
    return found


def _about_a_path(link: str, target: str) -> os.stat_result | None:
    """What an open file is that has, or had, a path: pipes may have one."""
    return os.stat(link) if target.startswith("/") and not target.startswith("/proc/") else None


def _holds_much(target: str, holder: int) -> bool:
    """Of a file of the kernel's: the locks on a file, of which there may be very many for a moment; or the memory of
    another process than the one that has it open."""
    of_memory = OF_ITS_MEMORY.fullmatch(target)
    return "/fdinfo/" in target or bool(of_memory and int(of_memory[1]) != holder)


def _target(link: str) -> str:
    try:
        return os.readlink(link)
    except OSError as error:
        if error.errno == errno.ENAMETOOLONG:
            return ""  # it is in one of many folders, one in the other
        raise


def pipes_are_scarce() -> bool:
    """Whether a new pipe is smaller than usual."""
    try:
        ends = os.pipe()
    except OSError:
        return True
    try:
        return fcntl.fcntl(ends[0], fcntl.F_GETPIPE_SZ) < USUAL
    finally:
        for end in ends:
            os.close(end)


def many_are_on_the_way() -> bool:
    """Whether this user has many: the kernel lets nobody send one if there are more than they may have open."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    ours, theirs = socket.socketpair()
    with ours, theirs:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(soft, MANY_ON_THE_WAY), hard))
        try:
            socket.send_fds(ours, [b"x"], [0])
        except OSError:
            return True
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return False


def sockets() -> tuple[int, set[str]]:
    """How many there are that a connection waits in to be taken, and those that somebody has or sends."""
    waiting, owned = 0, set()
    for line in Path("/proc/net/unix").read_bytes().split(b"\n")[1:]:
        words = line.split(maxsplit=7)  # Num RefCount Protocol Flags Type St Inode Path
        if len(words) >= 7 and words[6] == b"0":
            waiting += 1
        elif len(words) >= 7:
            owned.add(f"socket:[{int(words[6])}]")
    return waiting, owned
