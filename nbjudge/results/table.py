"""The class at a glance: students × tasks × points."""

from rich import box
from rich.table import Table
from rich.text import Text

from nbjudge.course.characters import printable
from nbjudge.course.course import Course
from nbjudge.results.gradebook import open_gradebook, read_records


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
    with open_gradebook(course) as gradebook:
        tasks, records = read_records(gradebook, course, [assignment])
    students = {
        record.person.id: {task.name: record.points.get(task.key, 0.0) for task in tasks}
        for record in records
        if record.in_gradebook
    }
    return {task.name: task.maximum for task in tasks}, students


def class_table(course: Course, assignment: str, notes: dict[str, str] | None = None) -> Table:
    """A table of the scores; ``notes`` adds a last column with a remark per student."""
    maximum, students = scores(course, assignment)
    legend = " · ".join(f"{number} {name.removeprefix('test_')}" for number, name in enumerate(maximum, 1))
    rows = Table(title=f"{assignment}: {len(students)} submissions", caption=legend, box=box.SIMPLE_HEAD)
    rows.add_column("student")
    for number, _ in enumerate(maximum, 1):
        rows.add_column(str(number), justify="right")
    rows.add_column("total", justify="right", style="bold")
    if notes:
        rows.add_column("handed in")
    for student, points in students.items():
        cells = [f"{value:g}" if value else Text("0", style="red") for value in points.values()]
        rows.add_row(
            printable(student), *cells, f"{sum(points.values()):g}", *([notes.get(student, "")] if notes else [])
        )
    rows.add_section()
    rows.add_row("possible", *(f"{value:g}" for value in maximum.values()), f"{sum(maximum.values()):g}")
    return rows
