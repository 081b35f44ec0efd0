"""`course collect`: from downloads to ``submitted/``."""

import tempfile
from collections import Counter
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import typer
from nbgrader.api import Gradebook, MissingEntry
from rich import box
from rich.table import Table
from rich.text import Text
from sqlalchemy.exc import SQLAlchemyError

from nbjudge.collecting.collect import Plan, carry_out, make_plan
from nbjudge.collecting.fate import STATUS, Fate
from nbjudge.collecting.roster import read_roster
from nbjudge.collecting.store import Store
from nbjudge.commands import Assignment, Root, console
from nbjudge.course.characters import printable
from nbjudge.course.console import print_json
from nbjudge.course.course import Course
from nbjudge.course.errors import CourseError

COLOURS = {"taken": "green", "replaced": "green", "not taken": "red", "missing": "red"}


def collect(
    assignment: Assignment,
    files: Annotated[list[Path], typer.Argument(help="downloads: zip files, folders or single files")],
    roster: Annotated[
        Path | None, typer.Option(help="CSV with student_id and, as far as known, lms_id, name, submitted")
    ] = None,
    timezone: Annotated[str, typer.Option(help="of times that don't say, such as Europe/Berlin")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="only say what would be done")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="print the list as JSON")] = False,
    root: Root = None,
) -> None:
    """Take downloads from Moodle, Canvas or plain folders into submitted/.

    Exit code 1 if somebody has to look at a file that could be a submission.
    """
    course = Course.here(root)
    if not course.notebooks(assignment):
        where = course.show(course.source(assignment))
        raise CourseError(f"there is no notebook in {where}; are you in the course folder?")
    zone = _zone(timezone)
    for path in files:
        _check(path, course)
    students = read_roster(roster, zone) if roster else None
    store = Store(course, assignment)
    with tempfile.TemporaryDirectory(prefix="collect-") as staging:
        plan = make_plan(files, store, Path(staging), students, zone)
        if not dry_run:
            carry_out(plan, store)
    due = _due(course, assignment)
    if as_json:
        print_json([_as_json(fate, due) for fate in plan.fates])
    else:
        _show(plan, store, due, zone)
        if dry_run:
            console.print("Nothing was written (--dry-run).")
    if any(fate.status == "not taken" for fate in plan.fates):
        raise typer.Exit(1)


def _zone(name: str) -> tzinfo | None:
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise CourseError(f"there is no time zone {name!r}; name one like Europe/Berlin.") from None


def _check(path: Path, course: Course) -> None:
    if not path.exists():
        raise CourseError(f"there is no file or folder {path}.")
    own, here = [course.all_submitted.resolve(), course.all_earlier.resolve()], path.resolve()
    if any(here.is_relative_to(folder) or folder.is_relative_to(here) for folder in own):
        raise CourseError(f"{path} holds, or lies in, the course's own folders; name the download itself.")


def _due(course: Course, assignment: str) -> datetime | None:
    """The due date in the gradebook, if there is one."""
    if not course.has_gradebook():
        return None
    try:
        with Gradebook(course.db_url, course.directory.course_id) as gradebook:
            due: datetime | None = gradebook.find_assignment(assignment).duedate
    except (MissingEntry, SQLAlchemyError):
        return None
    return due.replace(tzinfo=UTC) if due else None


def _late(fate: Fate, due: datetime | None) -> str:
    if fate.time and due:
        late = fate.time - due
        return f"late by {str(late).split('.')[0]}" if late.total_seconds() > 0 else ""
    return "late, says Canvas" if fate.late else ""


def _as_json(fate: Fate, due: datetime | None) -> dict[str, Any]:
    about = {"student": fate.student, "status": fate.status, "file": fate.file, "said": fate.remark}
    return {**about, "time": fate.time.isoformat() if fate.time else None, "late": bool(_late(fate, due))}


def _show(plan: Plan, store: Store, due: datetime | None, zone: tzinfo | None) -> None:
    assignment = store.assignment
    until = f", due {due.astimezone(zone):%Y-%m-%d %H:%M %Z}" if due else ""
    table = Table("student", "", "handed in", "file", title=f"{assignment}: collected{until}", box=box.SIMPLE_HEAD)
    table.columns[3].overflow = "fold"
    for fate in plan.fates:
        colour = COLOURS.get(fate.status, "dim")
        time = f"{fate.time.astimezone(zone):%Y-%m-%d %H:%M}" if fate.time else ""
        when = "\n".join(filter(None, (time, _late(fate, due))))
        what = "\n".join(printable(text) for text in (fate.file, fate.remark) if text)
        table.add_row(fate.student, Text(fate.status, style=colour), when, what)
    console.print(table)
    counts = Counter(fate.status for fate in plan.fates)
    for status, meaning in STATUS.items():
        if counts[status]:
            console.print(f"{counts[status]:5} {status}: {meaning}")
    for remark in plan.remarks:
        console.print(remark)
    for student in (fate.student for fate in plan.fates if fate.status == "replaced"):
        if store.course.autograded(store.spelled(student), assignment).exists():
            console.print(f"Graded before: nbgrader autograde {assignment} --force --student='{student}'")
