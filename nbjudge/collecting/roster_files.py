"""Reads rosters: lists of one's own, grading worksheets of Moodle, exported gradebooks of Canvas."""

import csv
import io
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from pathlib import Path

from nbjudge.collecting import names
from nbjudge.collecting.roster import Roster, Row
from nbjudge.course.dates import FORM, read_time
from nbjudge.course.errors import CourseError
from nbjudge.course.lms_names import CANVAS, MOODLE, Number
from nbjudge.course.student_ids import MAY_HOLD, can_be_id
from nbprobe.marks import with_few_marks

PARTICIPANT = re.compile(r"([^\d~]+)([0-9]+)")
"""``Participant 123456``: Moodle's word for somebody without a name, in the language of the site, and their number."""
BY_PHP = re.compile(r'\\"')
"""In a cell, Moodle's PHP doesn't double a quote behind a backslash, so that to everybody else it may end the cell, and
a student can write the cells and lines behind their name."""
ADDRESS = re.compile(r"[^@\s]+@[^@\s]+")
COLUMNS = {
    # ours: as Moodle's grading worksheet calls it (also in German), as Canvas's gradebook calls it
    "student_id": ("ID number", "ID-Nummer", "Matrikelnummer"),
    "sis_user_id": ("SIS User ID",),
    "sis_login_id": ("SIS Login ID",),
    "lms_id": ("Identifier", "ID"),
    "first_name": ("First name", "Vorname"),
    "last_name": ("Last name", "Surname", "Nachname"),
    "name": ("Full name", "Vollständiger Name", "Student"),
    "email": ("Email address", "E-Mail-Adresse"),
    "submitted": ("Last modified (submission)", "Zuletzt geändert (Abgabe)"),
    "status": ("Status",),
}

IDS = {"student_id", "lms_id", "sis_user_id", "sis_login_id"}
"""Columns that say who somebody is."""


class RosterError(CourseError):
    """The roster can't be read."""


@dataclass(frozen=True)
class _Sheet:
    """A table: its lines with their numbers, and which of its columns is which of ours."""

    lines: list[tuple[int, list[str]]]
    columns: dict[str, int]
    is_own: bool
    odd: list[int]
    """Numbers of a platform's lines that can't be believed."""
    remarks: list[str]

    def cells(self, line: list[str]) -> dict[str, str]:
        """What a line says, by our names of columns."""
        return {
            ours: unicodedata.normalize("NFC", with_few_marks(line[column])).strip() if column < len(line) else ""
            for ours, column in self.columns.items()
        }


def read_roster(path: Path, zone: tzinfo | None = None) -> Roster:
    """Read a CSV file with one line for each student.

    Columns are ``student_id`` and, as far as known, ``lms_id``, ``name``, ``email`` and ``submitted``. Moodle's grading
    worksheet and Canvas's exported gradebook are read as they are. Other columns don't matter.

    Raises
    ------
    RosterError
        If the file or one of its lines can't be meant.
    """
    sheet = _read_sheet(path)
    rows, places, odd = list[Row](), list[int](), [f"line {number} doesn't fit its columns" for number in sheet.odd]
    for number, line in sheet.lines:
        try:
            row = _row(sheet, line, f"line {number}", zone)
        except RosterError as error:
            if sheet.is_own:
                raise RosterError(f"{path}, {error}") from None
            odd.append(str(error).rstrip("."))
            continue
        if row:
            rows.append(row)
            places.append(number)
    rows = _with_own_ids(rows)
    twice = _twice(rows)
    if sheet.is_own and (first := next(twice, None)):
        raise RosterError(f"the roster {path} has the {_id(rows, *first)} more than once.")
    shared = dict(twice)
    odd += [f"line {places[at]} has the {_id(rows, at, what)}, as another one has" for at, what in shared.items()]
    rows = [row for at, row in enumerate(rows) if at not in shared]
    remarks = [f"Of the roster, this is left out: {what}." for what in odd]
    if not rows:
        raise RosterError(" ".join([f"the roster {path} holds no student.", *remarks[:1]]))
    return Roster(rows, [*sheet.remarks, *remarks])


def _twice(rows: list[Row]) -> Iterator[tuple[int, str]]:
    """Which rows have an id that another one has, and which id: nobody can tell whose it is."""
    students, numbers = Counter(row.student for row in rows), Counter(row.number for row in rows)
    for at, row in enumerate(rows):
        if students[row.student] > 1:
            yield at, "student_id"
        elif row.number and numbers[row.number] > 1:
            yield at, "lms_id"


def _id(rows: list[Row], at: int, what: str) -> str:
    return f"{what} {rows[at].student if what == 'student_id' else rows[at].number}"


def _with_own_ids(rows: list[Row]) -> list[Row]:
    """Who has the same address as another goes by name and number: nobody loses their place to somebody's address."""
    times = Counter(row.student.casefold() for row in rows)
    return [
        replace(row, student=_by_number(row.name, row.lms_number, row.number))
        if row.student == row.email and times[row.student.casefold()] > 1 and row.number
        else row
        for row in rows
    ]


def _by_number(name: str, lms_number: Number | None, number: str) -> str:
    """The id of somebody of whom nothing else is known, as without a roster."""
    word = lms_number.word if lms_number else ""
    return f"{names.slug(name) or names.slug(word) or 'student'}-{number}"


def _read_sheet(path: Path) -> _Sheet:
    text = _decoded(path)
    first, _, rest = text.partition("\n")
    told = re.fullmatch(r'"?sep=(.)"?', first.strip("\r ")) or re.fullmatch(r"sep=(\t)", first.strip("\r "))
    if told:  # a line for Excel
        first, text = rest.partition("\n")[0], f"\n{rest}"  # the numbers of lines stay
    delimiter = told[1] if told else max(",;\t", key=first.count)
    try:
        lines = list(_records(text, delimiter))
        sure = _are_sure(lines, text, delimiter)
    except csv.Error as error:
        raise RosterError(f"the roster {path} is no CSV file: {error}.") from None
    header = [cell.strip() for cell in lines[0][1]] if lines else []
    columns = {ours: header.index(name) for ours, known in COLUMNS.items() for name in (ours, *known) if name in header}
    if {"id", "first_name"} <= set(header):  # a list for nbgrader's own import
        columns["student_id"] = header.index("id")
    is_own = "student_id" in header
    width = len(lines[0][1]) if lines else 0
    fits = [is_own or (len(line) == width and one) for (_, line), one in zip(lines, sure, strict=True)]
    whole = [line for line, is_whole in zip(lines[1:], fits[1:], strict=True) if is_whole]
    odd = [at for (at, _), is_whole in zip(lines[1:], fits[1:], strict=True) if not is_whole]
    remarks = list[str]()
    if not IDS & columns.keys():
        columns |= _by_shape([line for _, line in whole], path, remarks)
    if not IDS & columns.keys():
        known = " or ".join(("ID number", "Identifier", "SIS User ID", "SIS Login ID"))
        raise RosterError(f"the roster {path} has no column student_id (nor {known}).")
    return _Sheet(whole, columns, is_own, odd, remarks)


def _records(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """The records that hold anything, each with the number of its last line."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    return ((reader.line_num, record) for record in reader if any(cell.strip() for cell in record))


def _are_sure(records: list[tuple[int, list[str]]], text: str, delimiter: str) -> list[bool]:
    """Which records mean the same whether a quote behind a backslash ends a cell or not, and hold no such quote.

    So what follows in a name behind such a quote is no record, be it in the same line or in the next.
    """
    odd = {number for number, line in enumerate(io.StringIO(text, newline=""), 1) if BY_PHP.search(line)}
    if not odd:
        return [True] * len(records)
    others, sure, before = _records(BY_PHP.sub(r'\\""', text), delimiter), list[bool](), 0
    other = next(others, None)
    for last, record in records:
        while other and other[0] < last:
            other = next(others, None)
        sure.append(other == (last, record) and odd.isdisjoint(range(before + 1, last + 1)))
        before = last
    return sure


def _decoded(path: Path) -> str:
    """The text, in the encodings that platforms and Excel write."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise RosterError(f"the roster {path} can't be read: {error.strerror}.") from None
    for encoding in ("utf-16",) if data.startswith((b"\xff\xfe", b"\xfe\xff")) else ("utf-8-sig", "cp1252"):
        try:
            return data.decode(encoding)
        except UnicodeError:
            continue
    raise RosterError(f"the roster {path} is no text that can be read; save it as CSV in UTF-8.")


def _by_shape(lines: Sequence[list[str]], path: Path, remarks: list[str]) -> dict[str, int]:
    """The columns of a grading worksheet of Moodle in whatever language: "Participant 123456", name, … address …

    Raises
    ------
    RosterError
        If two columns may be that of the addresses.
    """
    numbers = [PARTICIPANT.fullmatch(line[0].strip()) for line in lines if line[0].strip()]
    if not numbers or not all(numbers) or len({match[1] for match in numbers if match}) > 1:
        return {}
    columns, width = {"lms_id": 0}, len(lines[0])
    held = {place: sum(bool(ADDRESS.fullmatch(line[place].strip())) for line in lines) for place in range(2, width)}
    addresses = [place for place, number in held.items() if number > len(lines) / 2]
    if len(addresses) > 1:
        raise RosterError(
            f"columns {addresses[0] + 1} and {addresses[1] + 1} of the roster {path} both hold addresses; "
            "give the right one the heading Email address."
        )
    if addresses:
        columns["email"] = addresses[0]
    elif any(held.values()):
        remarks.append(
            "No column of the roster holds an address in most lines, so none is used. If one is that of the addresses, "
            "give it the heading Email address."
        )
    second = [line[1].strip() for line in lines] if width > 1 else []
    if addresses or len(set(second)) > max(3, len(second) // 2):  # else it may say who handed in
        columns["name"] = 1
    return columns


def _row(sheet: _Sheet, line: list[str], where: str, zone: tzinfo | None) -> Row | None:
    """One student; None for a line of a platform's own, such as Canvas's maximum points."""
    cells = sheet.cells(line)
    lms_id = cells.get("lms_id", "")
    word, text = _number(lms_id, where)
    lms = CANVAS if "sis_login_id" in sheet.columns else MOODLE if word else ""
    lms_number = Number(lms or MOODLE, text, word, cells.get("sis_user_id", ""), cells.get("sis_login_id", ""))
    number, sis = lms_number.number, (lms_number.sis_user_id, lms_number.sis_login_id)
    student, email = cells.get("student_id", ""), cells.get("email", "")
    name = cells.get("name", "") or f"{cells.get('first_name', '')} {cells.get('last_name', '')}".strip()
    if not student and sheet.is_own:
        raise RosterError(f"{where}: there is no student_id.")
    is_canvas_own = lms == CANVAS and name in ("Student, Test", "Test Student") and not sis[0]
    if is_canvas_own or not (student or number or any(sis)):
        return None
    if not student:  # an address is the same in all assignments, and a number isn't
        own = (*sis, email if can_be_id(email) else "")
        student = next(filter(None, own), "") or _by_number(name, lms_number, number)
    if not can_be_id(student):
        raise RosterError(f"{where}: {student!r} can't be a student_id: it may hold {MAY_HOLD}.")
    return Row(
        student,
        number,
        name,
        _time(cells.get("submitted", ""), where, zone),
        _extension(cells.get("status", ""), zone),
        email,
        lms_number if lms and number else None,
    )


def _number(text: str, where: str) -> tuple[str, str]:
    """A platform's word before the number, and the number."""
    if not text:
        return "", ""
    match = PARTICIPANT.fullmatch(text)
    if not match and not re.fullmatch("[0-9]+|[0-9]{1,6}~[0-9]{1,20}", text):
        raise RosterError(f"{where}: the lms_id {text!r} is no number.")
    return (match[1], match[2]) if match else ("", text)


def _extension(status: str, zone: tzinfo | None) -> datetime | None:
    """Until when somebody has time, by "Submitted for grading - Extension granted until: Sunday, 17 May 2026, …"."""
    for part in status.split(" - ")[1:]:
        _, colon, date = part.partition(": ")
        if colon and (time := read_time(date, zone)):
            return time
    return None


def _time(text: str, where: str, zone: tzinfo | None) -> datetime | None:
    if text in ("", "-"):
        return None
    time = read_time(text, zone)
    if not time:
        raise RosterError(f"{where}: {text!r} is no time; {FORM}.")
    return time
