"""The list of students: which name or number of a learning platform is which student id."""

import csv
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from functools import cached_property
from itertools import accumulate, islice
from pathlib import Path

from dateutil.parser import ParserError, parse

from nbjudge.course.errors import CourseError
from nbjudge.course.student_ids import MAY_HOLD, SAFE
from nbjudge.course.timestamps import can_be_meant

YEAR = re.compile(r"\d{4}")
DAY_OR_MONTH = re.compile(r"(?<!\d)\d{1,2}[./-]\d{1,2}[./-]\d")
"""A date such as 10.05.2026, which can be read in two ways."""
MAX_WORDS = 20
"""Words of a name with which it can begin elsewhere."""
UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "ø": "oe", "æ": "ae", "å": "aa", "ł": "l"})
COLUMNS = {
    # ours: as Moodle's grading worksheet calls it, as Canvas's gradebook calls it
    "student_id": ("ID number", "SIS User ID", "SIS Login ID"),
    "lms_id": ("Identifier", "ID"),
    "name": ("Full name", "Student"),
    "submitted": ("Last modified (submission)",),
}


class RosterError(CourseError):
    """The roster can't be read."""


@dataclass(frozen=True)
class Row:
    """One student. ``number`` and ``name`` are "" and ``submitted`` is None where the roster doesn't say."""

    student: str
    number: str = ""
    name: str = ""
    submitted: datetime | None = None

    @cached_property
    def spellings(self) -> set[str]:
        """The words of the name, run together, beginning with each of them."""
        words = _words(self.name)
        return {"".join(words[start:] + words[:start]) for start in range(min(len(words), MAX_WORDS))}

    def is_called_at_the_end(self, name: str) -> bool:
        """Whether ``name`` is theirs, also where Moodle put a group before it: "Group 3-Müller Änne"."""
        ends = accumulate(map(_spelt, reversed(name.split("-"))), lambda end, part: part + end)
        return any(end in self.spellings for end in ends)


class Roster:
    """The rows of a roster, each student once.

    A name is a student's, whichever of first and last name stands first, with or without spaces.
    """

    def __init__(self, rows: list[Row]) -> None:
        self.rows = rows
        self.by_number = {row.number: row for row in rows if row.number}
        self.by_student = {row.student: row for row in rows}
        self._by_folded: defaultdict[str, list[str]] = defaultdict(list)
        for row in rows:
            self._by_folded[row.student.casefold()].append(row.student)
        self._by_spelling: defaultdict[str, list[Row]] = defaultdict(list)
        for row in rows:
            for spelling in row.spellings:
                self._by_spelling[spelling].append(row)

    def of_name(self, name: str) -> list[Row]:
        """Those who are called so."""
        return self._by_spelling.get(_spelt(name), [])

    def called(self, names: Iterable[str]) -> set[str]:
        """The students whose id, or whose name, is one of ``names``. A name that two have names neither."""
        return {student for name in names if (student := self._called(name, _spelt(name)))}

    def called_at_the_start(self, text: str) -> set[str]:
        """The students whose id, or whose name, ``text`` is, or begins with, up to a space, ``_`` or ``-``."""
        parts = re.split("([_ -])", text)
        starts, spelt = accumulate(parts), accumulate(map(_spelt, parts))
        pairs = islice(zip(starts, spelt, strict=True), 0, None, 2)
        return {student for start, words in pairs if (student := self._called(start, words))}

    def _called(self, name: str, spelling: str) -> str:
        if name in self.by_student:
            return name
        alike = self._by_folded.get(name.casefold(), [])
        rows = self._by_spelling.get(spelling, [])
        return alike[0] if len(alike) == 1 else rows[0].student if len(rows) == 1 else ""


def read_roster(path: Path, zone: tzinfo | None = None) -> Roster:
    """Read a CSV file (commas or semicolons) with one line for each student.

    Columns are ``student_id`` and, as far as known, ``lms_id``, ``name`` and ``submitted``; Moodle's grading worksheet
    and Canvas's exported gradebook are read as they are. Other columns don't matter.

    Raises
    ------
    RosterError
        If the file or one of its lines can't be meant.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise RosterError(f"the roster {path} can't be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise RosterError(f"the roster {path} isn't UTF-8; save it as CSV in UTF-8.") from None
    first = text.split("\n", 1)[0]
    lines = csv.DictReader(text.splitlines(), delimiter=";" if first.count(";") > first.count(",") else ",")
    try:
        header = [name.strip() for name in lines.fieldnames or []]
        lines.fieldnames = header
        columns = {ours: _column(header, ours) for ours in COLUMNS}
        if not columns["student_id"]:
            raise RosterError(f"the roster {path} has no column student_id (nor {' or '.join(COLUMNS['student_id'])}).")
        rows = [row for line in lines if (row := _row(line, columns, f"{path}, line {lines.line_num}", zone))]
    except csv.Error as error:
        raise RosterError(f"the roster {path} is no CSV file: {error}.") from None
    if not rows:
        raise RosterError(f"the roster {path} holds no student.")
    numbers = [row.number for row in rows if row.number]
    for what, values in (("student_id", [row.student for row in rows]), ("lms_id", numbers)):
        twice = [value for value, times in Counter(values).items() if times > 1]
        if twice:
            raise RosterError(f"the roster {path} has the {what} {twice[0]} more than once.")
    return Roster(rows)


def _column(header: list[str], ours: str) -> str:
    names = (ours, *COLUMNS[ours])
    return next((name for name in names if name in header), "")


def _row(line: dict[str, str], columns: dict[str, str], where: str, zone: tzinfo | None) -> Row | None:
    """One student; None for an empty line and for one of a platform's own, such as Canvas's maximum points."""
    cells = {ours: unicodedata.normalize("NFC", (line.get(name) or "").strip()) for ours, name in columns.items()}
    if not cells["student_id"]:
        if columns["student_id"] != "student_id" or not any(cells.values()):
            return None
        raise RosterError(f"{where}: there is no student_id.")
    if not SAFE.fullmatch(cells["student_id"]):
        raise RosterError(f"{where}: {cells['student_id']!r} can't be a student_id: it may hold {MAY_HOLD}.")
    number = re.fullmatch(r"\D*([0-9]+)", cells["lms_id"])  # Moodle writes "Participant 123456"
    if cells["lms_id"] and not number:
        raise RosterError(f"{where}: the lms_id {cells['lms_id']!r} is no number.")
    return Row(cells["student_id"], number[1] if number else "", cells["name"], _time(cells["submitted"], where, zone))


def _time(text: str, where: str, zone: tzinfo | None) -> datetime | None:
    if text in ("", "-"):
        return None
    unclear = RosterError(f"{where}: {text!r} is no time; write it like 2026-05-10 23:59.")
    if not YEAR.search(text) or DAY_OR_MONTH.search(text):
        raise unclear
    try:
        time = parse(text)
    except (ParserError, OverflowError):
        raise unclear from None
    if not can_be_meant(time):
        raise unclear
    return (time if time.tzinfo or not zone else time.replace(tzinfo=zone)).astimezone(UTC)


def folded(name: str) -> str:
    """Lower case and ASCII, umlauts as two letters."""
    plain = unicodedata.normalize("NFC", name).lower().translate(UMLAUTS)
    return "".join(letter for letter in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(letter))


def _words(name: str) -> list[str]:
    return re.findall(r"\w+", folded(name).replace("_", " "))


def _spelt(name: str) -> str:
    return "".join(_words(name))
