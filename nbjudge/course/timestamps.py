"""When a submission came in: ``timestamp.txt`` beside its notebooks, from which nbgrader works out who is late."""

import io
import re
import stat
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import available_timezones

from nbgrader.utils import parse_utc

from nbjudge.course.errors import CourseError
from nbjudge.course.untrusted_folder import NotOpenedError, UntrustedFolder

TIMESTAMP = "timestamp.txt"
MAX_LENGTH = 10_000
"""Characters of the file. A time has fewer than 40, and to look for one in a very long text takes minutes."""


ZONE = re.compile(r"[A-Za-z]{1,5}|[+-]?[0-9]{1,5}|[+-][0-9]{2}:[0-9]{2}")
"""A zone by its short name or its offset. nbgrader opens what it doesn't know as a file, wherever that lies."""


class NoTimeError(CourseError):
    """nbgrader would fail at this file."""


def timestamp_text(time: datetime) -> str:
    """A time as nbgrader writes it into the file."""
    return time.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f UTC")


def can_be_meant(time: datetime) -> bool:
    """Whether a submission can have come in then. Python can't calculate with the first and the last times it knows."""
    return abs(time.year - 2000) < 1000


def read_timestamp(folder: UntrustedFolder) -> datetime | None:
    """The time (UTC) in a folder's file, as nbgrader reads it: all of the file, without the blanks around the time.

    None if there is no such file, or nothing in it; a link isn't followed.

    Raises
    ------
    NoTimeError
        If there is something else in it, or a time that Python can't calculate with.
    """
    try:
        with folder.file(TIMESTAMP) as file, io.TextIOWrapper(file) as lines:  # in this machine's encoding, as nbgrader
            text = lines.read(MAX_LENGTH + 1)
        if not text.strip() and len(text) <= MAX_LENGTH:
            return None
        is_short, words = len(text) <= MAX_LENGTH, text.strip().split(" ")
        is_known = len(words) != 3 or bool(ZONE.fullmatch(words[2]) or words[2] in available_timezones())
        time = parse_utc(text.strip()).replace(tzinfo=UTC) if is_short and is_known else None
    except NotOpenedError:
        return None
    except Exception:  # dateutil has many errors for nonsense
        time = None
    if time is None or not can_be_meant(time):
        raise NoTimeError(f"{TIMESTAMP} holds no time; write it like 2026-05-10 23:59 UTC, or delete the file.")
    return time


def is_none_or_a_time(folder: UntrustedFolder) -> bool:
    """Whether formgrader, which opens the file whatever it is and reads it as a time, can list the submission."""
    about = folder.about(TIMESTAMP)
    try:
        return about is None or (stat.S_ISREG(about.st_mode) and read_timestamp(folder) is not None)
    except NoTimeError:
        return False


def holds_a_time(folder: Path) -> bool:
    """Whether nbgrader can read the time in there, if there is one."""
    try:
        with UntrustedFolder.at(folder) as opened:
            read_timestamp(opened)
    except NoTimeError:
        return False
    return True
