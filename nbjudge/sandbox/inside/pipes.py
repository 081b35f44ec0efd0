"""How many pipes a submission has, where that matters: all sandboxes of an ordinary user share one allowance of them.

The kernel counts the pages of all pipes of a user. When they are used up, a new pipe of anybody's holds two pages and
not sixteen, and honest code waits for ever that writes much before it reads.
"""

import contextlib
import fcntl
import os
import re
from collections.abc import Iterable
from pathlib import Path

MOST = 256
"""Pipes that a submission may have at such a time. Its processes have three each if they wait for what others say."""
USUAL = 16 * os.sysconf("SC_PAGE_SIZE")
GONE = (FileNotFoundError, ProcessLookupError)
ON_THE_WAY = re.compile(rb"^scm_fds:\s*(\d+)", re.MULTILINE)


def are_scarce() -> bool:
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


def held(tables: Iterable[tuple[str, int]]) -> int:
    """How many pipes there are in these, or on the way in sockets, where any open file could be one.

    Parameters
    ----------
    tables
        For each table of open files its place in ``/proc``, and for how many it has room; they all count if it can't
        be looked into.
    """
    pipes, sockets, unseen = set[str](), dict[str, int](), 0
    for place, room in tables:
        try:
            for number in os.listdir(f"{place}/fd"):
                with contextlib.suppress(*GONE):
                    target = os.readlink(f"{place}/fd/{number}")
                    if target.startswith("pipe:"):
                        pipes.add(target)
                    elif target.startswith("socket:") and target not in sockets:
                        sent = ON_THE_WAY.search(Path(f"{place}/fdinfo/{number}").read_bytes())
                        sockets[target] = int(sent[1]) if sent else 0
        except GONE:
            continue
        except PermissionError:  # it has made itself invisible
            unseen += room
    return len(pipes) + sum(sockets.values()) + unseen
