"""The processes of a submission, as the kernel tells of them to somebody outside.

Of all that a process can write itself, such as its name, no byte is read.
"""

import contextlib
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

GONE = (FileNotFoundError, ProcessLookupError)
FIELD = re.compile(rb"^(\w+):[ \t]*(.*)$", re.MULTILINE)

DEAD = (b"Z", b"X")
"""First letters of what a thread does that has come to its end."""


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


def process_of(pid: int) -> Process:
    """``number`` is 0 if it is none of the submission's."""
    status = fields(f"/proc/{pid}/status")
    _, *inside = status["NSpid"].split()
    return Process(pid, int(inside[-1]) if inside else 0, status)


def tasks_of(process: Process) -> list[int]:
    with contextlib.suppress(*GONE):
        return [int(name) for name in os.listdir(f"/proc/{process.pid}/task")]
    return []


def places(process: Process) -> list[str]:
    """Where to look for what its threads share: at the first one, or at each if the first has ended."""
    first = f"/proc/{process.pid}"
    return [first] if "RssAnon" in process.status else [f"{first}/task/{task}" for task in tasks_of(process)]


def has_memory(place: str) -> bool:
    """Whether a process or a thread of that folder goes on. The first thread can have ended before the others."""
    return "RssAnon" in fields(f"{place}/status")


def is_ending(process: Process) -> bool:
    """Whether it is on the way to its end. It has no memory any more to be asked about, which the kernel may still be
    taking back, and open files that it will have closed when it is dead."""
    if "RssAnon" in process.status:
        return False
    if process.has_ended:
        return process.status["State"][:1] not in DEAD
    states = []
    for task in tasks_of(process):
        with contextlib.suppress(*GONE):
            status = fields(f"/proc/{process.pid}/task/{task}/status")
            if "RssAnon" in status:
                return False  # only its first thread has ended
            states.append(status["State"][:1])
    return any(state not in DEAD for state in states)


def living(everyone: Iterable[Process]) -> list[Process]:
    return [process for process in everyone if process.number != 1 and not process.has_ended]


def kib_of(process: Process, names: Iterable[str]) -> int:
    """KiB of some kinds that a process maps. What it shares with others, it has as a whole."""
    if "RssAnon" in process.status:
        return kib(process.status, names)
    most = 0  # its first thread has ended, and others go on
    for task in tasks_of(process):
        with contextlib.suppress(*GONE):
            most = max(most, kib(fields(f"/proc/{process.pid}/task/{task}/status"), names))
    return most


def fields(path: str) -> dict[str, bytes]:
    """What stands behind each name. If a name comes twice, the last one counts: what is forged would come first."""
    return {name.decode(): value for name, value in FIELD.findall(Path(path).read_bytes())}


def kib(fields: dict[str, bytes], names: Iterable[str]) -> int:
    return sum(int(fields[name].split()[0]) for name in names if name in fields)
