"""The class at a glance: students × tasks × points."""

from nbgrader.coursedir import CourseDirectory
from rich import box
from rich.table import Table

from nbjudge.results import gradebook as records


def scores(course: CourseDirectory, assignment: str) -> tuple[dict[str, float], dict[str, dict[str, float]]]:
    """What nbgrader wrote down.

    Returns
    -------
    maximum : points that each test cell can give, in the order of the notebook
    students : for each student who handed in, in alphabetical order, the points of each test cell

    Raises
    ------
    ValueError
        If the gradebook has no such assignment.
    """
    with records.opened(course) as book:
        tasks, everyone = records.read(book, course, [assignment])
    students = {
        each.person.id: {task.name: each.points.get(task.key, 0.0) for task in tasks}
        for each in everyone
        if each.in_gradebook
    }
    return {task.name: task.maximum for task in tasks}, students


def table(course: CourseDirectory, assignment: str, notes: dict[str, str] | None = None) -> Table:
    """A table of the scores; ``notes`` adds a last column with a remark per student."""
    maximum, students = scores(course, assignment)
    legend = " · ".join(f"{number} {name.removeprefix('test_')}" for number, name in enumerate(maximum, 1))
    result = Table(title=f"{assignment}: {len(students)} submissions", caption=legend, box=box.SIMPLE_HEAD)
    result.add_column("student")
    for number, _ in enumerate(maximum, 1):
        result.add_column(str(number), justify="right")
    result.add_column("total", justify="right", style="bold")
    if notes:
        result.add_column("handed in")
    for student, points in students.items():
        cells = [f"{value:g}" if value else "[red]0[/red]" for value in points.values()]
        result.add_row(student, *cells, f"{sum(points.values()):g}", *([notes.get(student, "")] if notes else []))
    result.add_section()
    result.add_row("possible", *(f"{value:g}" for value in maximum.values()), f"{sum(maximum.values()):g}")
    return result
