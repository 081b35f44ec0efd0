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
from nbjudge.course.graded import DAMAGED, OURS, TASK, Test, notebooks_in, read_tests
from nbjudge.course.titles import Title, plain, titles

PLAIN = "plain test"
PLAIN_MEANS = "A plain test is decided by its own asserts, in the process of the submission."
AS_MANY = 20
"""Graded submissions in which the names of tasks are looked for."""


@dataclass(frozen=True)
class Task:
    """A cell that gives points.

    Attributes
    ----------
    key : its id in the gradebook
    number, called : of its title in the notebook, where there is one
    is_plain : whether a test without probes decides, in the process of the submission
    """

    key: str
    assignment: str
    notebook: str
    name: str
    maximum: float
    number: str = ""
    called: str = ""
    is_plain: bool = False

    @property
    def title(self) -> str:
        return f"{self.called or plain(self.name)}{f' ({PLAIN})' if self.is_plain else ''}"

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

    tests = {about: _tests(course, *about) for about in notebooks}
    found = {about: _titles(tests[about], cells[about]) for about in notebooks}
    told = [_told(task, found[about], tests[about]) for task in sorted(tasks, key=place) if (about := _about(task))]
    return _numbered(told)


def _about(task: Task) -> tuple[str, str]:
    return task.assignment, task.notebook


def _told(task: Task, titles: dict[str, Title], tests: dict[str, Test]) -> Task:
    """The task with what the notebook says of it."""
    title, test = titles.get(task.name), tests.get(task.name)
    task = replace(task, number=title.number, called=title.text) if title else task
    return replace(task, is_plain=True) if test and test.is_plain else task


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


def _tests(course: Course, assignment: str, notebook: str) -> dict[str, Test]:
    """What is the same in each graded notebook, since the solution decides it: so any of them says it."""
    folders = sorted(glob(str(course.autograded("*", assignment))))[:AS_MANY]
    paths = (path for folder in folders for path in notebooks_in(Path(folder)) if path.stem == notebook)
    return next(filter(None, map(read_tests, paths)), {})


def _titles(tests: dict[str, Test], cells: list[dict[str, Any]]) -> dict[str, Title]:
    """What the tasks of a notebook are called, by the names of their test cells; their texts are the instructor's."""
    labels = {name: test.label for name, test in tests.items()}
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
