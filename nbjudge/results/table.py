"""The class at a glance: students × tasks × points."""

from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from nbjudge.course.course import Course
from nbjudge.course.graded import read_isolation
from nbjudge.results.gradebook import MISSING, Record, existing, not_in_gradebook, open_gradebook, read_records
from nbjudge.results.tasks import Task


@dataclass(frozen=True)
class ClassTable:
    """What nbgrader wrote down.

    Attributes
    ----------
    tasks : in the order of the notebook
    there : of those who handed in, by id
    absent : of those who handed in nothing, by id
    waiting : who handed in and has no grade yet
    walls : behind which each submission ran of which that is known
    """

    assignment: str
    tasks: list[Task]
    there: list[Record]
    absent: list[Record]
    waiting: list[str]
    walls: list[str]

    @property
    def maximum(self) -> float:
        return sum(task.maximum for task in self.tasks)

    @cached_property
    def names(self) -> list[str]:
        """Of the tasks, by which they are told apart: two notebooks may have cells of one name."""
        taken = Counter(task.name for task in self.tasks)
        return [task.name if taken[task.name] == 1 else f"{task.notebook}/{task.name}" for task in self.tasks]

    def points(self, record: Record) -> list[float]:
        """Of each task; none for those who handed in nothing or aren't graded."""
        return [record.points.get(task.key, 0.0) for task in self.tasks] if record.total is not None else []

    def as_data(self) -> dict[str, Any]:
        """The table for programs."""
        tasks = [
            {
                "name": name,
                "number": task.number,
                "title": task.title,
                "points": task.maximum,
                "plain": task.is_plain,
            }
            for name, task in zip(self.names, self.tasks, strict=True)
        ]
        students = [self._row(record) for record in (*self.there, *self.absent)]
        return {
            "assignment": self.assignment,
            "tasks": tasks,
            "possible": self.maximum,
            "isolation": dict(Counter(self.walls)),
            "students": students,
        }

    def _row(self, record: Record) -> dict[str, Any]:
        points = dict(zip(self.names, self.points(record), strict=False))
        who = {"student": record.person.id, "name": record.person.full_name, "status": record.status}
        tasks = zip(self.names, self.tasks, strict=True)
        waiting = [name for name, task in tasks if name in points and record.score(task) is None]
        total = sum(points.values()) if points else None
        return {**who, "points": points, "waiting": waiting, "total": total, "penalty": record.penalty}


def read_table(course: Course, assignment: str) -> ClassTable:
    """
    Raises
    ------
    CourseError
        If the gradebook has no such assignment.
    """
    with open_gradebook(course) as gradebook:
        tasks, records = read_records(gradebook, course, [assignment])
    there = [record for record in records if _is_there(record)]
    absent = [record for record in records if not _is_there(record)]
    folders = (existing(course.autograded, record.person.id, assignment) for record in there)
    walls = [wall for folder in folders if folder and (wall := read_isolation(folder))]
    return ClassTable(assignment, tasks, there, absent, not_in_gradebook(course, assignment, records), walls)


def _is_there(record: Record) -> bool:
    return record.in_gradebook and record.status != MISSING


def scores(course: Course, assignment: str) -> tuple[dict[str, float], dict[str, dict[str, float]]]:
    """What nbgrader wrote down.

    Returns
    -------
    maximum : points that each test cell can give, in the order of the notebook
    students : for each student who has a grade, in alphabetical order, the points of each test cell

    Raises
    ------
    CourseError
        If the gradebook has no such assignment.
    """
    table = read_table(course, assignment)
    graded = {each.person.id: table.points(each) for each in table.there if each.total is not None}
    students = {student: dict(zip(table.names, points, strict=True)) for student, points in graded.items()}
    return dict(zip(table.names, (task.maximum for task in table.tasks), strict=True)), students
