"""What the gradebook knows of the cells of an assignment."""

import json
import math
from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from glob import glob
from pathlib import Path
from typing import Any

from nbgrader.api import Assignment, Gradebook, GradeCell, Notebook, SourceCell, TaskCell
from sqlalchemy import select

from nbjudge.course.course import Course
from nbjudge.course.graded import DAMAGED, OURS, TASK, notebooks_in, read_labels
from nbjudge.course.titles import Title, plain, titles

AS_MANY = 20
"""Graded submissions in which the names of tasks are looked for."""


@dataclass(frozen=True)
class Task:
    """A cell that gives points.

    Attributes
    ----------
    key : its id in the gradebook
    number, called : of its title in the notebook, where there is one
    """

    key: str
    assignment: str
    notebook: str
    name: str
    maximum: float
    number: str = ""
    called: str = ""

    @property
    def title(self) -> str:
        return self.called or plain(self.name)

    @property
    def label(self) -> str:
        """Number and title, as the feedback page has them."""
        return f"{self.number} · {self.title}"


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
    notebooks = {(task.assignment, task.notebook) for task in tasks}
    cells = {about: _cells(course, *about) for about in notebooks}
    places = {about: {_name(cell): place for place, cell in enumerate(cells[about])} for about in notebooks}

    def place(task: Task) -> tuple[str, str, float, str, str]:
        where = places[task.assignment, task.notebook].get(task.name, math.inf)
        return task.assignment, task.notebook, where, task.name, task.key

    found = {about: _titles(course, *about, cells[about]) for about in notebooks}
    return _numbered([_entitled(task, found[task.assignment, task.notebook]) for task in sorted(tasks, key=place)])


def _entitled(task: Task, found: dict[str, Title]) -> Task:
    title = found.get(task.name)
    return replace(task, number=title.number, called=title.text) if title else task


def _numbered(tasks: list[Task]) -> list[Task]:
    """The tasks with the numbers of their titles; with their places, where these aren't there or aren't unique."""
    numbers: dict[str, list[str]] = defaultdict(list)
    for task in tasks:
        numbers[task.assignment].append(task.number)
    seen: Counter[str] = Counter()
    numbered = []
    for task in tasks:
        seen[task.assignment] += 1
        own = numbers[task.assignment]
        is_unique = all(own) and len(set(own)) == len(own)
        numbered.append(task if is_unique else replace(task, number=str(seen[task.assignment])))
    return numbered


def _titles(course: Course, assignment: str, notebook: str, cells: list[dict[str, Any]]) -> dict[str, Title]:
    """What the tasks of a notebook are called, by the names of their test cells.

    Their texts are the instructor's; what each check calls its task stands in any notebook that was graded.
    """
    labels: dict[str, str] = {}
    folders = sorted(glob(str(course.autograded("*", assignment))))[:AS_MANY]
    for path in (path for folder in folders for path in notebooks_in(Path(folder)) if path.stem == notebook):
        labels = read_labels(path)
        if labels:
            break
    named = [{**cell, "metadata": {**cell["metadata"], OURS: {TASK: labels.get(_name(cell), "")}}} for cell in cells]
    try:
        return titles(named)
    except DAMAGED:
        return {}


def _cells(course: Course, assignment: str, notebook: str) -> list[dict[str, Any]]:
    """The cells of the source notebook: the gradebook doesn't know their order. None where it can't be read."""
    path = course.source(assignment) / f"{notebook}.ipynb"
    try:
        cells = json.loads(path.read_bytes())["cells"]
        return cells if all(isinstance(_name(cell), str) for cell in cells) else []
    except DAMAGED:
        return []


def _name(cell: dict[str, Any]) -> str:
    return cell["metadata"].get("nbgrader", {}).get("grade_id", "")


def stubs_of(book: Gradebook, assignment: str) -> dict[tuple[str, str], str]:
    """Text of each cell as the students got it, by notebook and ``grade_id``."""
    query = (
        select(Notebook.name, SourceCell.name, SourceCell.source)
        .join_from(SourceCell, Notebook, SourceCell.notebook_id == Notebook.id)
        .join(Assignment, Notebook.assignment_id == Assignment.id)
        .where(Assignment.name == assignment)
    )
    return {(notebook, name): text or "" for notebook, name, text in book.db.execute(query)}
