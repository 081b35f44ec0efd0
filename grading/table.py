"""The class at a glance: students × tasks × points."""

from pathlib import Path

from rich import box
from rich.table import Table

from grading.desk.points import read_points


def scores(gradebook: Path, assignment: str) -> tuple[dict[str, float], dict[str, dict[str, float]]]:
    """What nbgrader wrote down.

    Returns
    -------
    maximum : points that each test cell can give, in the order of the notebook
    students : for each student, in alphabetical order, the points of each test cell
    """
    made = read_points(f"sqlite:///{gradebook}", assignment)
    students = {
        student: {task.name: submission.points[task] or 0.0 for task in made.tasks}
        for student, submission in made.submissions.items()
    }
    return {task.name: task.maximum for task in made.tasks}, students


def table(gradebook: Path, assignment: str, notes: dict[str, str] | None = None) -> Table:
    """A table of the scores; ``notes`` adds a last column with a remark per student."""
    maximum, students = scores(gradebook, assignment)
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
