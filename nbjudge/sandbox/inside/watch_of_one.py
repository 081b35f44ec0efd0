"""What a submission uses that is one process, and what it has on the disk."""

import contextlib
import os
import re
import signal
import stat
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .processes import GONE, Process, fields, has_memory, places
from .watch import LONGEST, TooMuchError, Watch

MOST_LOCKS = 5000
"""Locks on parts of files."""
FILES = 16_000
"""Files and folders in each place to write."""
SLOW = 500
"""Folders and links in each: to remove one can take milliseconds, a thousand times as long as a file."""
MEGA = 2**20
DELETED = b" (deleted)"
SOON, AT_LAST, STEP = 0.05, 1.0, 0.0005
"""Seconds to wait until it stands still; if it moved a folder meanwhile; and between two questions whether it does."""
RUNNER = 2
"""The number by which ``Watch`` knows the process that runs the cells."""


class WatchOfOne(Watch):
    """Looks at one process. What it starts are threads; it can send no open file, and has no sockets with a name."""

    def __init__(self, limits: dict[str, Any], places: list[str]) -> None:
        super().__init__(limits)
        self._places, self._most_tasks = places, limits["processes"]
        self._most_bytes, self._file = limits["disk"] * MEGA * len(places), limits["file"] * MEGA

    def look(self) -> str:
        seen, begin = super().look(), time.monotonic()
        try:
            if seen or not self.pid:
                return seen
            if self._asking.answer(self._has_too_much_on_disk, self._see_least):
                return "disk"
            self.is_too_long |= self._asking.took > LONGEST
            return ""
        except TooMuchError as error:
            return str(error)
        finally:  # it stood still, as if others had the processor; some of that may be counted as waiting for one, too
            self.delayed += time.monotonic() - begin

    def _everyone(self) -> list[Process]:
        with contextlib.suppress(*GONE):
            if self.pid:
                return [Process(self.pid, RUNNER, fields(f"/proc/{self.pid}/status"))]
        return []

    def _has_too_much_of_the_kernel(self, processes: list[Process]) -> bool:
        tasks = sum(int(each.status["Threads"]) for each in processes)
        return tasks > self._most_tasks or self._locks() > MOST_LOCKS

    def _locks(self) -> int:
        own = rb"^\d+: \w+ +\w+ +\w+ " + str(self.pid).encode() + b" "
        with open("/proc/locks", "rb") as file:
            return len(re.findall(own, file.read(MEGA), re.MULTILINE))

    def _has_too_much_on_disk(self) -> bool:
        """It stands still meanwhile: else it could move files from where we haven't looked to where we have."""
        for seconds in (SOON, AT_LAST):
            with contextlib.suppress(*GONE), _standing_still(self.pid, seconds):
                return self._on_disk() > self._most_bytes
            if not _goes_on(self.pid):
                return False
        return True  # it moves its folders, and nobody can keep it from that

    def _on_disk(self) -> float:
        """Bytes of what has a name, what is open and has none, and what is only mapped: of that, the size can't be
        seen. Without end if there are too many files, folders or links, a folder that it can't read itself, or one with
        a longer path than the system takes."""
        size, files, slow = 0, 0, 0
        unnamed: dict[int, int] = {}
        mapped: set[int] = set()
        try:
            for about in _entries(self._places):
                size, files = size + about.st_blocks * 512, files + 1
                slow += stat.S_ISDIR(about.st_mode) or stat.S_ISLNK(about.st_mode)
                if files > FILES * len(self._places) or slow > SLOW * len(self._places):
                    return float("inf")
            for process in self._everyone():
                for place in filter(has_memory, places(process)):
                    unnamed |= _open_without_a_name(place)
                    mapped |= self._mapped_without_a_name(place)
        except GONE:
            raise
        except OSError:
            return float("inf")
        return size + sum(unnamed.values()) + self._file * len(mapped - unnamed.keys())

    def _mapped_without_a_name(self, place: str) -> set[int]:
        """Numbers of files. Only in its own folders, since the machine may have replaced a library by a newer one."""
        own = str(Path(self._places[0]).parent).encode()
        found = set()
        for line in Path(place, "maps").read_bytes().split(b"\n"):
            words = line.split(maxsplit=5)
            if len(words) == 6 and words[5].endswith(DELETED) and words[5].startswith(own):
                found.add(int(words[4]))
        return found


@contextlib.contextmanager
def _standing_still(pid: int, seconds: float) -> Iterator[None]:
    """Stop all threads of a child, for as long as this lasts. Those that the kernel keeps busy for longer than some
    ``seconds`` stop as soon as it is done with them. The child can't go on by itself: it may not send SIGCONT."""
    os.kill(pid, signal.SIGSTOP)
    try:
        end = time.monotonic() + seconds
        with contextlib.suppress(ChildProcessError):  # it has ended
            while os.waitid(os.P_PID, pid, os.WSTOPPED | os.WNOHANG) is None and time.monotonic() < end:
                time.sleep(STEP)
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def _goes_on(pid: int) -> bool:
    """Whether any thread of a child does."""
    return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None


def _open_without_a_name(place: str) -> dict[int, int]:
    """Bytes of each file and folder, by its number. A folder that was full once keeps its room until it is closed."""
    found = {}
    for name in ("cwd", *(f"fd/{number}" for number in os.listdir(f"{place}/fd"))):
        with contextlib.suppress(*GONE):
            about = os.stat(f"{place}/{name}")
            if (stat.S_ISREG(about.st_mode) or stat.S_ISDIR(about.st_mode)) and about.st_nlink == 0:
                found[about.st_ino] = about.st_blocks * 512
    return found


def _entries(folders: list[str]) -> Iterator[os.stat_result]:
    """All that lies in these. A path that is too long for the system is an error, as is a folder that can't be read."""
    waiting = list(folders)
    while waiting:
        with os.scandir(waiting.pop()) as entries:
            for entry in entries:
                with contextlib.suppress(FileNotFoundError):
                    yield entry.stat(follow_symlinks=False)
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(entry.path)
