"""What a submission uses that is one process, and what it has on the disk."""

import contextlib
import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .watch import GONE, Process, Watch, fields, places

MOST_LOCKS = 5000
"""Locks on parts of files."""
FILES = 16_000
"""Files and folders in each place to write."""
MEGA = 2**20
DELETED = b" (deleted)"
RUNNER = 2
"""The number by which ``Watch`` knows the process that runs the cells."""


class WatchOfOne(Watch):
    """Looks at one process. What it starts are threads; it can send no open file, and has no sockets with a name.

    Attributes
    ----------
    pid : of the process; 0 before it begins
    """

    def __init__(self, limits: dict[str, Any], places: list[str]) -> None:
        super().__init__(limits)
        self.pid = 0
        self._places, self._most_tasks = places, limits["processes"]
        self._most_bytes, self._file = limits["disk"] * MEGA * len(places), limits["file"] * MEGA

    def look(self) -> str:
        return super().look() or ("disk" if self.pid and self._has_too_much_on_disk() else "")

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
        """What has a name, what is open and has none, and what is only mapped: of that, the size can't be seen."""
        size, files, processes = 0, 0, self._everyone()
        unnamed: dict[int, int] = {}
        mapped: set[int] = set()
        try:
            for about in _entries(self._places):
                size, files = size + about.st_blocks * 512, files + 1
                if files > FILES * len(self._places):
                    return True
            for process in processes:
                for place in filter(_lives, places(process)):
                    unnamed |= _open_without_a_name(place)
                    mapped |= self._mapped_without_a_name(place)
            size += sum(unnamed.values()) + self._file * len(mapped - unnamed.keys())
        except GONE:
            return False  # it has just ended, or moved a folder; the next look sees it
        except OSError:  # it has a folder that it can't read itself, or one with a longer path than the system takes
            return True
        return size > self._most_bytes

    def _mapped_without_a_name(self, place: str) -> set[int]:
        """Numbers of files. Only in its own folders, since the machine may have replaced a library by a newer one."""
        own = str(Path(self._places[0]).parent).encode()
        found = set()
        for line in Path(place, "maps").read_bytes().split(b"\n"):
            words = line.split(maxsplit=5)
            if len(words) == 6 and words[5].endswith(DELETED) and words[5].startswith(own):
                found.add(int(words[4]))
        return found


def _lives(place: str) -> bool:
    """Whether a thread that a process has listed goes on: the first can have ended before the others."""
    return "RssAnon" in fields(f"{place}/status")


def _open_without_a_name(place: str) -> dict[int, int]:
    """Bytes of each file, by its number."""
    found = {}
    for name in os.listdir(f"{place}/fd"):
        with contextlib.suppress(*GONE):
            about = os.stat(f"{place}/fd/{name}")
            if stat.S_ISREG(about.st_mode) and about.st_nlink == 0:
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
