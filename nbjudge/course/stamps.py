"""Tells at little cost whether a file has changed. This imports nothing that takes long."""

import os
import time
from pathlib import Path

GRANULARITY = 2 * 10**9
"""Nanoseconds. What has changed so shortly before its times are looked at may change once more with the same times."""
Stamp = tuple[int, ...]


def told_apart(about: os.stat_result) -> Stamp:
    """What tells a file from what it was before a change, the time of the last change last."""
    return about.st_mode, about.st_size, about.st_ino, about.st_dev, about.st_mtime_ns, about.st_ctime_ns


def stamp(path: str | Path) -> Stamp | None:
    """The same, from before the file is read; empty where there is none.

    None where it changed so lately that a change to come may not be seen: then it has to be read each time.
    """
    now = time.time_ns()
    try:
        about = os.stat(path)
    except OSError:
        return ()
    return None if max(about.st_mtime_ns, about.st_ctime_ns) > now - GRANULARITY else told_apart(about)
