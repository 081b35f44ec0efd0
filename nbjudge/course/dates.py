"""Times as people and learning platforms write them."""

import re
from datetime import UTC, datetime, tzinfo
from typing import ClassVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dateutil.parser import parse, parserinfo

from nbjudge.course.errors import CourseError
from nbjudge.course.timestamps import can_be_meant

YEAR = re.compile(r"\d{4}")
DAY_OR_MONTH = re.compile(r"(?<!\d)\d{1,2}[./-]\d{1,2}[./-]\d")
"""A date such as 10.05.2026, which can be read in two ways."""
FORM = "write it like 2026-05-10 23:59"


class _Words(parserinfo):
    """English and German."""

    MONTHS: ClassVar = [
        *(("jan", "january", "januar", "jän"), ("feb", "february", "februar"), ("mar", "march", "märz", "mär")),
        *(("apr", "april"), ("may", "mai"), ("jun", "june", "juni"), ("jul", "july", "juli"), ("aug", "august")),
        *(("sep", "sept", "september"), ("oct", "october", "okt", "oktober"), ("nov", "november")),
        ("dec", "december", "dez", "dezember"),
    ]
    WEEKDAYS: ClassVar = [
        *(("mon", "monday", "montag"), ("tue", "tuesday", "dienstag"), ("wed", "wednesday", "mittwoch")),
        *(("thu", "thursday", "donnerstag"), ("fri", "friday", "freitag"), ("sat", "saturday", "samstag", "sonnabend")),
        ("sun", "sunday", "sonntag"),
    ]
    JUMP: ClassVar = [*parserinfo.JUMP, "uhr", "um"]


def read_time(text: str, zone: tzinfo | None) -> datetime | None:
    """The time in UTC, or None where it can't be told.

    Parameters
    ----------
    zone : of a time that doesn't say; if None, this machine's
    """
    if not YEAR.search(text) or DAY_OR_MONTH.search(text):
        return None
    try:
        time = parse(re.sub(r"(?<=\d)\.(?=\s)", " ", text), _Words())
        if not can_be_meant(time):
            return None
        return (time if time.tzinfo or not zone else time.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, ArithmeticError):  # of dateutil and of Python, for nonsense
        return None


def zone_called(name: str) -> tzinfo | None:
    """The time zone of this name; None, which stands for this machine's, for no name.

    Raises
    ------
    CourseError
        If there is none.
    """
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise CourseError(f"there is no time zone {name!r}; name one like Europe/Berlin.") from None
