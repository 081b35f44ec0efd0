"""The class at a glance: students × tasks × points."""

from rich import box
from rich.table import Table
from rich.text import Text

from nbjudge.course.characters import printable
from nbjudge.course.course import Course
from nbjudge.results.gradebook import MISSING, Record, open_gradebook, read_records
from nbjudge.results.tasks import Task


def scores(course: Course, assignment: str) -> tuple[dict[str, float], dict[str, dict[str, float]]]:
    """What nbgrader wrote down.

    Returns
    -------
    maximum : points that each test cell can give, in the order of the notebook
    students : for each student who handed in, in alphabetical order, the points of each test cell

    Raises
    ------
    CourseError
        If the gradebook has no such assignment.
    """
    tasks, records = _read(course, assignment)
    students = {record.person.id: _points(tasks, record) for record in records if _is_there(record)}
    return {task.name: task.maximum for task in tasks}, students


def class_table(course: Course, assignment: str, notes: dict[str, str] | None = None) -> Table:
    """A table of the scores, those who handed in nothing last; ``notes`` adds a column with a remark per student."""
    tasks, records = _read(course, assignment)
    legend = " · ".join(f"{number} {task.name.removeprefix('test_')}" for number, task in enumerate(tasks, 1))
    number = sum(map(_is_there, records))
    rows = Table(title=f"{assignment}: {number} submissions", caption=legend, box=box.SIMPLE_HEAD)
    has_names = any(record.person.full_name for record in records)
    rows.add_column("student")
    if has_names:
        rows.add_column("name")
    for place, _ in enumerate(tasks, 1):
        rows.add_column(str(place), justify="right")
    rows.add_column("total", justify="right", style="bold")
    if notes:
        rows.add_column("handed in")
    for record in sorted(records, key=lambda record: not _is_there(record)):
        who = [printable(record.person.id), *([printable(record.person.full_name)] if has_names else [])]
        points = _points(tasks, record) if _is_there(record) else {}
        cells = [f"{value:g}" if value else Text("0", style="red") for value in points.values()] or ["–"] * len(tasks)
        total = f"{sum(points.values()):g}" if points else Text(record.status, style="dim")
        rows.add_row(*who, *cells, total, *([(notes or {}).get(record.person.id, "")] if notes else []))
    rows.add_section()
    possible = [f"{task.maximum:g}" for task in tasks]
    rows.add_row("possible", *([""] if has_names else []), *possible, f"{sum(task.maximum for task in tasks):g}")
    return rows


def _read(course: Course, assignment: str) -> tuple[list[Task], list[Record]]:
    with open_gradebook(course) as gradebook:
        return read_records(gradebook, course, [assignment])


def _is_there(record: Record) -> bool:
    return record.in_gradebook and record.status != MISSING


def _points(tasks: list[Task], record: Record) -> dict[str, float]:
    return {task.name: record.points.get(task.key, 0.0) for task in tasks}
