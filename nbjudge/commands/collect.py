"""`course collect`: from downloads to ``submitted/``."""

import tempfile
from collections import Counter
from datetime import tzinfo
from pathlib import Path
from typing import Any

import typer
from rich import box
from rich.table import Table
from rich.text import Text

from nbjudge.collecting.collect import Plan, carry_out, make_plan
from nbjudge.collecting.fate import STATUS, Fate
from nbjudge.collecting.roster_files import read_roster
from nbjudge.collecting.store import Store
from nbjudge.commands import next_is, say_beside, show_table, some
from nbjudge.course.characters import printable
from nbjudge.course.console import is_watched, print_json
from nbjudge.course.course import Course
from nbjudge.course.dates import zone_called
from nbjudge.course.errors import CourseError
from nbjudge.results.due_dates import Due, due_of_each

HEADINGS = ("student", "status", "look", "time", "late", "file", "said")
"""In a pipe: the keys of the JSON."""
COLOURS = {"taken": "green", "replaced": "green", "not taken": "red", "missing": "red"}


def collect(
    assignment: str,
    files: list[Path],
    roster: Path | None,
    timezone: str,
    dry_run: bool,
    as_json: bool,
    root: Path | None,
) -> None:
    """Take downloads from Moodle, Canvas or plain folders into submitted/."""
    course = Course.here(root)
    if not course.notebooks(assignment):
        where = course.show(course.source(assignment))
        raise CourseError(f"there is no notebook in {where}; are you in the course folder?")
    zone = zone_called(timezone)
    for path in files:
        _check(path, course)
    students = read_roster(roster, zone) if roster else None
    store, due = Store(course, assignment), due_of_each(course, assignment)
    with tempfile.TemporaryDirectory(prefix="collect-") as staging:
        plan = make_plan(files, store, Path(staging), students, zone, due=due)
        plan.remarks.extend([] if dry_run else carry_out(plan, store))
    if students:
        due = due_of_each(course, assignment)  # the roster may have brought extensions
    if as_json:
        print_json([_as_json(fate, due) for fate in plan.fates])
    else:
        _show(plan, store, due, zone)
        if dry_run:
            say_beside("Nothing was written (--dry-run).")
            options = ["--roster", str(roster)] if roster else []
            options += ["--timezone", timezone] if timezone else []
            next_is("course", "collect", assignment, *map(str, files), *options, root=root, beside_table=True)
        else:
            _say_what_is_next(plan, store, root)
    if any(fate.status == "not taken" for fate in plan.fates):
        raise typer.Exit(1)


def _check(path: Path, course: Course) -> None:
    if not path.exists():
        raise CourseError(f"there is no file or folder {path}.")
    own, here = [course.all_submitted.resolve(), course.all_earlier.resolve()], path.resolve()
    if any(here.is_relative_to(folder) or folder.is_relative_to(here) for folder in own):
        raise CourseError(f"{path} holds, or lies in, the course's own folders; name the download itself.")


def _late(fate: Fate, due: Due) -> str:
    until = due(fate.student)
    if fate.time and until:
        late = fate.time - until
        return f"late by {str(late).split('.')[0]}" if late.total_seconds() > 0 else ""
    return "late, says Canvas" if fate.late else ""


def _say_what_is_next(plan: Plan, store: Store, root: Path | None) -> None:
    if store.course.students(store.assignment):
        next_is("course", "autograde", store.assignment, root=root, beside_table=True)
    else:
        why = "nothing was taken; the list says why" if plan.fates else "there was nothing in it"
        next_is("course", "collect", store.assignment, "DOWNLOAD", root=root, why=why, beside_table=True)


def _as_json(fate: Fate, due: Due) -> dict[str, Any]:
    about = {"student": fate.student, "status": fate.status, "file": fate.file, "said": fate.remark}
    time = fate.time.isoformat() if fate.time else None
    return {**about, "time": time, "late": bool(_late(fate, due)), "look": fate.look}


def _show(plan: Plan, store: Store, due: Due, zone: tzinfo | None) -> None:
    assignment, for_all = store.assignment, due("")
    until = f", due {for_all.astimezone(zone):%Y-%m-%d %H:%M %Z}" if for_all else ""
    title = f"{assignment}: collected{until}"
    table = Table("student", "", "handed in", "file", title=title, box=box.SIMPLE_HEAD)
    for column in table.columns:
        column.overflow = "fold"
    lines = []
    for fate in plan.fates:
        colour = COLOURS.get(fate.status, "dim")
        time = f"{fate.time.astimezone(zone):%Y-%m-%d %H:%M}" if fate.time else ""
        when = "\n".join(filter(None, (time, _late(fate, due))))
        what = "\n".join(printable(text) for text in (fate.file, fate.remark) if text)
        outcome = Text(fate.status, style=colour).append(" !" if fate.look else "", style="bold yellow")
        table.add_row(fate.student, outcome, when, what)
        look = "look" if fate.look else ""
        lines.append((fate.student, fate.status, look, time, _late(fate, due), fate.file, fate.remark))
    if not is_watched():
        say_beside(f"{title}.")
    show_table(table, HEADINGS, lines)
    counts = Counter(fate.status for fate in plan.fates)
    for status, meaning in STATUS.items():
        if counts[status]:
            say_beside(f"{counts[status]:5} {status}: {meaning}")
    if looks := sum(fate.look for fate in plan.fates):
        say_beside(f"{looks:5} marked !: a rule decided; look whether it is what was meant")
    for remark in plan.remarks:
        say_beside(remark)
    changed = dict.fromkeys(fate.student for fate in plan.fates if fate.status in ("taken", "replaced"))
    graded = [student for student in changed if store.course.autograded(store.spelled(student), assignment).exists()]
    if graded:
        say_beside(f"Graded before: {some(graded)}.")
