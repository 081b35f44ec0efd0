"""What the gradebook knows of the cells of an assignment."""

import json
import math
from dataclasses import dataclass

from nbgrader.api import Assignment, Gradebook, GradeCell, Notebook, SourceCell, TaskCell
from sqlalchemy import select

from nbjudge.course.course import Course


def title_of(name: str) -> str:
    """What a task is called wherever people read of it, from the name of its test cell."""
    return name.removeprefix("test_").replace("_", " ")


@dataclass(frozen=True)
class Task:
    """A cell that gives points. ``key`` is its id in the gradebook."""

    key: str
    assignment: str
    notebook: str
    name: str
    maximum: float

    @property
    def title(self) -> str:
        return title_of(self.name)


def tasks_of(gradebook: Gradebook, course: Course, assignments: dict[str, str]) -> list[Task]:
    """The tasks in the order of the source notebooks, where those are there; else by name.

    ``assignments`` are their names by id.
    """
    tasks: list[Task] = []
    for kind in (GradeCell, TaskCell):
        query = (
            select(kind.id, kind.name, kind.max_score, Notebook.name.label("notebook"), Notebook.assignment_id)
            .join(Notebook, kind.notebook_id == Notebook.id)
            .where(Notebook.assignment_id.in_(assignments))
        )
        tasks += [
            Task(row.id, assignments[row.assignment_id], row.notebook, row.name, row.max_score or 0.0)
            for row in gradebook.db.execute(query)
        ]
    places = {
        (assignment, notebook): _places(course, assignment, notebook)
        for assignment, notebook in {(task.assignment, task.notebook) for task in tasks}
    }

    def place(task: Task) -> tuple[str, str, float, str, str]:
        where = places[task.assignment, task.notebook].get(task.name, math.inf)
        return task.assignment, task.notebook, where, task.name, task.key

    return sorted(tasks, key=place)


def _places(course: Course, assignment: str, notebook: str) -> dict[str, int]:
    """The place of each cell in the source notebook: the gradebook doesn't know their order."""
    path = course.source(assignment) / f"{notebook}.ipynb"
    try:
        cells = json.loads(path.read_bytes())["cells"]
        return {cell["metadata"].get("nbgrader", {}).get("grade_id", ""): place for place, cell in enumerate(cells)}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def stubs_of(book: Gradebook, assignment: str) -> dict[tuple[str, str], str]:
    """Text of each cell as the students got it, by notebook and ``grade_id``."""
    query = (
        select(Notebook.name, SourceCell.name, SourceCell.source)
        .join_from(SourceCell, Notebook, SourceCell.notebook_id == Notebook.id)
        .join(Assignment, Notebook.assignment_id == Assignment.id)
        .where(Assignment.name == assignment)
    )
    return {(notebook, name): text or "" for notebook, name, text in book.db.execute(query)}
