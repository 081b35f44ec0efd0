"""When a submission came in: ``timestamp.txt`` beside its notebooks, from which nbgrader works out who is late."""

from datetime import UTC, datetime
from pathlib import Path

from nbgrader.utils import parse_utc

from nbjudge.course.errors import CourseError

TIMESTAMP = "timestamp.txt"
MAX_LENGTH = 10_000
"""Characters of the file. A time has fewer than 40, and to look for one in a very long text takes minutes."""


class NoTimeError(CourseError):
    """nbgrader would fail at this file."""


def timestamp_text(time: datetime) -> str:
    """A time as nbgrader writes it into the file."""
    return time.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f UTC")


def read_timestamp(path: Path) -> datetime | None:
    """The time (UTC) in a file, as nbgrader reads it: all of the file, without the blanks around the time.

    None if there is no such file, or nothing in it; a link isn't followed.

    Raises
    ------
    NoTimeError
        If there is something else in it, or a time that Python can't calculate with.
    """
    if path.is_symlink() or not path.is_file():
        return None
    try:
        with path.open() as file:  # in this machine's encoding, as nbgrader does
            text = file.read(MAX_LENGTH + 1)
        if not text.strip() and len(text) <= MAX_LENGTH:
            return None
        time = parse_utc(text.strip()).replace(tzinfo=UTC) if len(text) <= MAX_LENGTH else None
    except Exception:  # dateutil has many errors for nonsense
        time = None
    if time is None or abs(time.year - 2000) >= 1000:
        raise NoTimeError(f"{path} holds no time; write it like 2026-05-10 23:59 UTC, or delete the file.")
    return time
