"""Draws the table students × tasks × points, as wide as the terminal is."""

from collections.abc import Iterator, Mapping
from typing import Any

from rich import box
from rich.console import Group
from rich.table import Table
from rich.text import Text

from nbjudge.commands import console, show_table
from nbjudge.course.characters import printable
from nbjudge.results.gradebook import Record
from nbjudge.results.table import ClassTable
from nbjudge.results.tasks import PLAIN_MEANS

FOR_NAMES = 30
"""Columns of the terminal that are left for ids and names."""
WAITS = "…"
NO_NOTES: Mapping[str, str] = {}


def show_class(table: ClassTable, notes: Mapping[str, str] = NO_NOTES) -> None:
    """Print the table, those who handed in nothing last; ``notes`` adds a column with a remark per student."""
    headings = ["student", "name", *table.names, "total", "status"]
    headings += ["handed in"] if notes else []
    waits = any(record.score(task) is None for record in table.there for task in table.tasks if record.points)
    notes_below = [PLAIN_MEANS] if any(task.is_plain for task in table.tasks) else []
    if any(record.penalty for record in table.there):
        notes_below.append("Points taken off for lateness are still in it; course show and exports leave them out.")
    notes_below += [f"{WAITS} waits for a person's points."] if waits else []
    legend = Text("\n".join(f" {line}" for line in [*(task.label for task in table.tasks), *notes_below]))
    rows = [_as_row(table, student, notes) for student in table.as_data()["students"]]
    show_table(Group(*_drawn(table, notes), legend), headings, rows)


def _as_row(table: ClassTable, student: dict[str, Any], notes: Mapping[str, str]) -> list[str]:
    waiting = student["waiting"]
    known = {name: "" if name in waiting else f"{value:g}" for name, value in student["points"].items()}
    points = list(known.values()) or [""] * len(table.tasks)
    total = "" if student["total"] is None else f"{student['total']:g}"
    note = [notes.get(student["student"], "")] if notes else []
    return [student["student"], student["name"], *points, total, student["status"], *note]


def _drawn(table: ClassTable, notes: Mapping[str, str]) -> Iterator[Table]:
    """The table; where the tasks don't fit beside each other, in several, the total in the last one."""
    shown = [f"{points:g}" for each in table.there for points in table.points(each)]
    digits = max([2, *map(len, shown), *(len(task.number) for task in table.tasks)])
    at_once = max(1, (console.width - FOR_NAMES) // (digits + 2))
    starts = range(0, len(table.tasks), at_once) or [0]
    for start in starts:
        is_last = start == starts[-1]
        yield _part(
            table, range(start, min(start + at_once, len(table.tasks))), notes if is_last else NO_NOTES, is_last
        )


def _part(table: ClassTable, places: range, notes: Mapping[str, str], has_total: bool) -> Table:
    everybody = [*table.there, *table.absent]
    has_names = any(record.person.full_name for record in everybody)
    title = f"{table.assignment}: {len(table.there)} submissions" if not places.start else None
    rows = Table(title=title, box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    rows.add_column("student", overflow="fold")
    if has_names:
        rows.add_column("name", overflow="fold")
    for place in places:
        rows.add_column(table.tasks[place].number, justify="right", no_wrap=True)
    if has_total:
        rows.add_column("total", justify="right", style="bold", no_wrap=True)
    if notes:
        rows.add_column("handed in", overflow="fold")
    for record in everybody:
        who = [printable(record.person.id), *([printable(record.person.full_name)] if has_names else [])]
        note = [notes.get(record.person.id, "")] if notes else []
        rows.add_row(*who, *_cells(table, record, places, has_total), *note)
    rows.add_section()
    possible = [f"{table.tasks[place].maximum:g}" for place in places] + ([f"{table.maximum:g}"] if has_total else [])
    rows.add_row("possible", *([""] if has_names else []), *possible)
    return rows


def _points(points: float, waits: bool) -> Text | str:
    return WAITS if waits else f"{points:g}" if points else Text("0", style="red")


def _cells(table: ClassTable, record: Record, places: range, has_total: bool) -> list[Text | str]:
    points = table.points(record)
    if not points:
        return [*["–"] * len(places), *([Text(record.status, style="dim")] if has_total else [])]
    shown = [_points(points[place], record.score(table.tasks[place]) is None) for place in places]
    return [*shown, *([f"{sum(points):g}"] if has_total else [])]
