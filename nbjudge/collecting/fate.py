"""What became of a file that was collected, as the list shows it."""

from dataclasses import dataclass
from datetime import datetime

STATUS = {
    "taken": "lies in submitted/ now",
    "replaced": "lies in submitted/ now; what lay there is in earlier/",
    "same": "has the same content as the submission",
    "earlier": "is an earlier attempt, kept in earlier/",
    "left out": "isn't needed",
    "not taken": "somebody has to look at it",
    "missing": "is on the roster and handed in nothing",
}


@dataclass(frozen=True)
class Fate:
    """One line of the list.

    Attributes
    ----------
    student : id, or "" where it can't be told whose file it is
    status : one of those in ``STATUS``
    file : the way to it, or to the first of several
    remark : why, or ""
    time : when it was handed in, where that is known
    late : whether the LMS says so
    look : whether a person should look at it, though a rule decided
    """

    student: str
    status: str
    file: str
    remark: str = ""
    time: datetime | None = None
    late: bool = False
    look: bool = False


def and_more(first: str, more: int) -> str:
    """One line for many files."""
    return f"{first} and {more} more" if more else first
