"""Grades as CSV files: for people and spreadsheets, for Canvas, for Moodle."""

import html
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from nbgrader.api import Gradebook
from nbgrader.plugins import ExportPlugin
from traitlets import Bool

from nbjudge.course.course import Course
from nbjudge.course.errors import CourseError
from nbjudge.course.files import whole_file
from nbjudge.course.lms_names import Number
from nbjudge.results import csv_files
from nbjudge.results.csv_files import number_cell, text_cell
from nbjudge.results.gradebook import MANUAL, MISSING, REFUSED, Record, read_records
from nbjudge.results.tasks import PLAIN, Task

COLUMNS = [  # the first eleven are those of nbgrader's own export
    *("assignment", "duedate", "timestamp", "student_id", "last_name", "first_name", "email"),
    *("raw_score", "late_submission_penalty", "score", "max_score", "seconds_late", "status"),
]
CANVAS = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section"]
MOODLE = [
    *("Identifier", "Full name", "ID number", "Email address", "Status"),
    *("Grade", "Maximum grade", "Last modified (grade)", "Feedback comments"),
]
OWN = [",".join(COLUMNS[:4]).encode(), ",".join(MOODLE).encode()]
"""How files begin that an export may replace, beside those with the same header. A gradebook from Canvas itself begins
as our file for Canvas does, so that one isn't here."""

Rows = list[list[str]]


def as_zero(record: Record) -> Record:
    """The record, with 0 points where nothing was handed in."""
    if record.status != MISSING:
        return record
    return replace(record, raw=0.0, penalty=0.0, total=0.0)


def csv_rows(tasks: Sequence[Task], records: Sequence[Record]) -> Rows:
    """One line for each student and assignment, with one column for each task."""
    rows = [[*COLUMNS, *map(text_cell, _headings(tasks))]]
    for record in records:
        person = record.person
        about = [record.assignment, record.duedate, record.timestamp]
        about += [person.id, person.last_name, person.first_name, person.email]
        scores = [record.raw, record.penalty, record.total, record.maximum, record.seconds_late]
        zero = 0.0 if record.status == MISSING and record.total is not None else None
        known = {key: None if key in record.unscored else points for key, points in record.points.items()}
        points = [known.get(task.key, zero if task.assignment == record.assignment else None) for task in tasks]
        rows.append([*map(text_cell, about), *map(number_cell, scores), record.status, *map(number_cell, points)])
    return rows


def _headings(tasks: Sequence[Task]) -> list[str]:
    """The names of the tasks; with notebook and assignment where a name alone could mean two columns."""
    taken = Counter([*COLUMNS, *(task.name for task in tasks)])
    names = [task.name if taken[task.name] == 1 else f"{task.assignment}/{task.notebook}/{task.name}" for task in tasks]
    return [f"{name} ({PLAIN})" if task.is_plain else name for name, task in zip(names, tasks, strict=True)]


def canvas_rows(records: Sequence[Record], numbers: dict[str, Number], column: str) -> Rows:
    """What Canvas takes under Grades → Import. It goes by ID, then by SIS User ID and SIS Login ID, then by name."""
    maximum = records[0].maximum if records else 0.0
    rows = [[*CANVAS, text_cell(column)], ["    Points Possible", "", "", "", "", number_cell(maximum)]]
    for record in records:
        person = record.person
        known = numbers.get(person.id, Number("canvas", person.lms_user_id))
        login = known.sis_login_id or ("" if known.sis_user_id else person.id)
        is_ours = "points possible" in person.sortable_name.lower()  # by which Canvas knows its own line
        name = person.id if is_ours else person.sortable_name or person.id
        who = [name, known.text, known.sis_user_id, login, ""]
        rows.append([*map(text_cell, who), number_cell(record.total)])
    return rows


def _given(record: Record, task: Task) -> str:
    return "not read yet, out" if record.score(task) is None else number_cell(record.points[task.key])


def moodle_rows(tasks: Sequence[Task], records: Sequence[Record], numbers: dict[str, Number]) -> Rows:
    """What Moodle takes as a grading worksheet of an assignment, or under Grades → Import."""
    rows = [list(MOODLE)]
    for record in records:
        person = record.person
        known = numbers.get(person.id)
        participant = f"Participant {known.text}" if known else ""  # in the language of the headings
        id_number = "" if person.id == person.email else person.id
        who = [participant, person.full_name or person.id, id_number, person.email, record.status]
        points = [number_cell(record.total), number_cell(record.maximum)]
        rows.append([*map(text_cell, who), *points, "", text_cell(_comment(tasks, record))])
    return rows


def _comment(tasks: Sequence[Task], record: Record) -> str:
    """The points in one line. Moodle shows it as HTML."""
    if record.total is None:
        return ""
    remarks = [
        f"{task.name}: {_given(record, task)} of {number_cell(task.maximum)}"
        for task in tasks
        if task.key in record.points
    ]
    remarks += ["The submission could not be graded; see the feedback page"] if record.status == REFUSED else []
    remarks += ["Parts are still to be graded"] if record.status == MANUAL else []
    remarks += [f"Late: {number_cell(record.penalty)} points taken off"] if record.penalty else []
    return html.escape("; ".join(remarks))


def is_ours(path: Path, *headers: bytes) -> bool:
    """Whether a file begins as an export of ours does, or with one of ``headers``."""
    return begins_as_ours(path.read_bytes(), *headers)


def begins_as_ours(content: bytes, *headers: bytes) -> bool:
    """The same for what was read of it."""
    return content.removeprefix(b"\xef\xbb\xbf").startswith((*OWN, *headers))


def canvas_header(column: str) -> bytes:
    """The first line of our file for Canvas. Canvas itself writes a number behind a column, and more columns."""
    return csv_files.encode(canvas_rows([], {}, column)[:1])


def save(path: Path, rows: Rows, bom: bool = False) -> None:
    """Write the rows; an earlier export may be replaced, no other file.

    Raises
    ------
    CourseError
        If another file is in the way, or there is no folder for it.
    """
    with whole_file(path, lambda path: is_ours(path, csv_files.encode(rows[:1]))) as file:
        file.write(csv_files.encode(rows, bom))


class CsvExport(ExportPlugin):
    """What ``nbgrader export`` runs; ``--to``, ``--assignment`` and ``--student`` are nbgrader's own options."""

    missing_as_zero = Bool(False, help="Whether a student who handed in nothing gets 0, not an empty cell.").tag(
        config=True
    )
    bom = Bool(False, help="Whether the file begins with a byte order mark, by which Excel knows UTF-8.").tag(
        config=True
    )

    def export(self, gradebook: Gradebook) -> None:
        to = Path(self.to or "grades.csv")
        # nbgrader reads [123] as a list of numbers
        assignments, students = (list(map(str, names)) for names in (self.assignment, self.student))
        try:
            tasks, records = read_records(gradebook, Course.of(self), assignments, students)
            records = list(map(as_zero, records)) if self.missing_as_zero else records
            save(to, csv_rows(tasks, records), self.bom)
        except (CourseError, OSError) as error:
            raise SystemExit(f"Nothing was exported: {error}") from error
        self.log.info("Exported %s lines to %s", len(records), to)
