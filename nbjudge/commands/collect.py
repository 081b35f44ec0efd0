"""`course collect`: from downloads to ``submitted/``."""

import json
import tempfile
from collections import Counter
from dataclasses import asdict
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import typer
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.coursedir import CourseDirectory
from rich import box
from rich.markup import escape
from rich.table import Table
from sqlalchemy.exc import SQLAlchemyError

from nbjudge.collecting import roster as rosters
from nbjudge.collecting.archives import printable
from nbjudge.collecting.attempts import STATUS, Line
from nbjudge.collecting.collect import Plan, carry_out, plan
from nbjudge.collecting.store import EARLIER, Places
from nbjudge.commands import Assignment, CommandError, Root, console
from nbjudge.course.course import directory
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
    try:
        course = directory(root)
    except CourseError as error:
        raise CommandError(str(error)) from None
    places = Places(course, assignment)
    if not places.notebooks:
        raise CommandError(f"there is no notebook in source/{assignment}; are you in the course folder?")
    zone = _zone(timezone)
    for path in files:
        _check(path, places)
    try:
        students = rosters.read(roster, zone) if roster else None
    except rosters.RosterError as error:
        raise CommandError(str(error)) from None
    with tempfile.TemporaryDirectory(prefix="collect-") as staging:
        made = plan(files, places, Path(staging), students, zone)
        if not dry_run:
            carry_out(made, places)
    due = _due(course, assignment)
    if as_json:
        print(json.dumps([_as_json(line, due) for line in made.lines], indent=1))
    else:
        _show(made, places, due, zone)
        if dry_run:
            console.print("Nothing was written (--dry-run).")
    if any(line.status == "not taken" for line in made.lines):
        raise typer.Exit(1)


def _zone(name: str) -> tzinfo | None:
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise CommandError(f"there is no time zone {name!r}; name one like Europe/Berlin.") from None


def _check(path: Path, places: Places) -> None:
    if not path.exists():
        raise CommandError(f"there is no file or folder {path}.")
    own, here = [places.submitted.resolve(), (places.root / EARLIER).resolve()], path.resolve()
    if any(here.is_relative_to(each) or each.is_relative_to(here) for each in own):
        raise CommandError(f"{path} holds, or lies in, the course's own folders; name the download itself.")


def _due(course: CourseDirectory, assignment: str) -> datetime | None:
    """The due date in the gradebook, if there is one."""
    if course.db_url.startswith("sqlite:///") and not Path(course.db_url.removeprefix("sqlite:///")).is_file():
        return None  # looking would make it
    try:
        with Gradebook(course.db_url, course.course_id) as gradebook:
            due: datetime | None = gradebook.find_assignment(assignment).duedate
    except (MissingEntry, SQLAlchemyError):
        return None
    return due.replace(tzinfo=UTC) if due else None


def _late(line: Line, due: datetime | None) -> str:
    if line.time and due:
        late = line.time - due
        return f"late by {str(late).split('.')[0]}" if late.total_seconds() > 0 else ""
    return "late, says Canvas" if line.late else ""


def _as_json(line: Line, due: datetime | None) -> dict[str, Any]:
    late = bool(_late(line, due))
    return {**asdict(line), "time": line.time.isoformat() if line.time else None, "late": late}


def _show(made: Plan, places: Places, due: datetime | None, zone: tzinfo | None) -> None:
    assignment = places.assignment
    until = f", due {due.astimezone(zone):%Y-%m-%d %H:%M %Z}" if due else ""
    result = Table("student", "", "handed in", "file", title=f"{assignment}: collected{until}", box=box.SIMPLE_HEAD)
    result.columns[3].overflow = "fold"
    for line in made.lines:
        colour = COLOURS.get(line.status, "dim")
        time = f"{line.time.astimezone(zone):%Y-%m-%d %H:%M}" if line.time else ""
        when = "\n".join(each for each in (time, _late(line, due)) if each)
        what = "\n".join(each for each in (printable(line.file), printable(line.said)) if each)
        result.add_row(escape(printable(line.student)), f"[{colour}]{line.status}[/{colour}]", when, escape(what))
    console.print(result)
    counts = Counter(line.status for line in made.lines)
    for status, meaning in STATUS.items():
        if counts[status]:
            console.print(f"{counts[status]:5} {status}: {meaning}", highlight=False)
    for remark in made.remarks:
        console.print(printable(remark), markup=False, highlight=False)
    again = [line.student for line in made.lines if line.status == "replaced"]
    again = [each for each in again if places.is_graded(each)]
    for student in again:
        console.print(f"Graded before: nbgrader autograde {assignment} --force --student='{student}'", markup=False)
