"""The points of a whole class, read from nbgrader's gradebook in a few queries, whatever the number of students."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from nbgrader.api import (
    BaseCell,
    Grade,
    Gradebook,
    GradeCell,
    Notebook,
    SourceCell,
    Student,
    SubmittedAssignment,
    SubmittedNotebook,
    TaskCell,
)
from sqlalchemy import select
from sqlalchemy.engine import make_url


@dataclass(frozen=True)
class Task:
    """A cell that gives points."""

    notebook: str
    name: str
    maximum: float

    @property
    def title(self) -> str:
        return self.name.removeprefix("test_").replace("_", " ")


@dataclass
class Submission:
    """What the gradebook knows of one submission.

    Attributes
    ----------
    points : by task; None where neither the autograder nor a person has given a score
    seconds_late : None if the gradebook has no due date or no time of submission
    penalty : points that nbgrader takes off for lateness; they are not taken off in ``points``
    """

    points: dict[Task, float | None]
    seconds_late: float | None = None
    penalty: float = 0.0

    @property
    def is_graded(self) -> bool:
        return any(score is not None for score in self.points.values())


@dataclass
class ClassPoints:
    """The class as the gradebook has it.

    Attributes
    ----------
    tasks : in the order of the notebooks
    submissions : by student, in alphabetical order
    absent : students who are in the gradebook, without a submission
    stubs : text of each cell as the students got it, by notebook and ``grade_id``
    names : everything that could name somebody: ids, first and last names, addresses
    """

    tasks: list[Task]
    submissions: dict[str, Submission] = field(default_factory=dict)
    absent: list[str] = field(default_factory=list)
    stubs: dict[tuple[str, str], str] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)


def is_missing(db_url: str) -> bool:
    """Whether the gradebook is a file that isn't there; to open it would make an empty one."""
    url = make_url(db_url)
    return url.get_backend_name() == "sqlite" and not Path(url.database or "").is_file()


def read_points(db_url: str, assignment: str, order: list[str] | None = None) -> ClassPoints:
    """Read everything about one assignment. Nothing is written.

    Parameters
    ----------
    order : ``grade_id`` of the cells in the order of the notebook, which the gradebook doesn't keep

    Raises
    ------
    nbgrader.api.MissingEntry
        If the gradebook has no such assignment.
    """
    with Gradebook(db_url, course_id="") as book:  # with an id, it would add a course of that name
        found = book.find_assignment(assignment)
        about, duedate = found.id, found.duedate
        made = ClassPoints(_tasks(book, about, order or []))
        _read_submissions(book, about, duedate, made)
        _read_grades(book, about, made)
        _read_people(book, made)
        _read_stubs(book, about, made)
    return made


def _tasks(book: Gradebook, assignment: str, order: list[str]) -> list[Task]:
    found = []
    for kind in (GradeCell, TaskCell):
        query = (
            select(Notebook.name, kind.name, kind.max_score)
            .join_from(kind, Notebook, kind.notebook_id == Notebook.id)
            .where(Notebook.assignment_id == assignment)
        )
        found += [Task(*row) for row in book.db.execute(query)]
    place = {name: number for number, name in enumerate(order)}
    return sorted(found, key=lambda task: (task.notebook, place.get(task.name, len(place))))


def _read_submissions(book: Gradebook, assignment: str, duedate: datetime | None, made: ClassPoints) -> None:
    query = (
        select(SubmittedAssignment.student_id, SubmittedAssignment.timestamp, SubmittedAssignment.extension)
        .where(SubmittedAssignment.assignment_id == assignment)
        .order_by(SubmittedAssignment.student_id)
    )
    rows = sorted(book.db.execute(query), key=lambda row: row[0])  # databases sort by rules of their own
    for student, timestamp, extension in rows:
        late = seconds_late(timestamp, duedate, extension)
        made.submissions[student] = Submission(dict.fromkeys(made.tasks), late)


def seconds_late(timestamp: datetime | None, duedate: datetime | None, extension: timedelta | None) -> float | None:
    """Like nbgrader's ``total_seconds_late``, but None where it isn't known."""
    if timestamp is None or duedate is None:
        return None
    return max(0.0, (timestamp - duedate - (extension or timedelta())).total_seconds())


def _read_grades(book: Gradebook, assignment: str, made: ClassPoints) -> None:
    cell: Any = BaseCell.__table__  # not the class, which joins a table for each kind of cell
    query = (
        select(
            SubmittedAssignment.student_id,
            Notebook.name,
            cell.c.name,
            Grade.score,
            Grade.auto_score,
            Grade.manual_score,
            SubmittedNotebook.late_submission_penalty,
        )
        .select_from(Grade)
        .join(SubmittedNotebook, Grade.notebook_id == SubmittedNotebook.id)
        .join(SubmittedAssignment, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
        .join(Notebook, SubmittedNotebook.notebook_id == Notebook.id)
        .join(cell, Grade.cell_id == cell.c.id)
        .where(SubmittedAssignment.assignment_id == assignment)
    )
    tasks = {(task.notebook, task.name): task for task in made.tasks}
    penalties: dict[tuple[str, str], float] = {}
    for student, notebook, name, score, automatic, manual, penalty in book.db.execute(query):
        if (notebook, name) in tasks and student in made.submissions:
            given = score if automatic is not None or manual is not None else None
            made.submissions[student].points[tasks[notebook, name]] = given
            penalties[student, notebook] = penalty or 0.0
    for (student, _), penalty in penalties.items():
        made.submissions[student].penalty += penalty


def _read_people(book: Gradebook, made: ClassPoints) -> None:
    query = select(Student.id, Student.first_name, Student.last_name, Student.email)
    for student, *names in book.db.execute(query):
        made.names |= {student, *(name for name in names if name)}
        if student not in made.submissions:
            made.absent.append(student)
    made.absent.sort()


def _read_stubs(book: Gradebook, assignment: str, made: ClassPoints) -> None:
    query = (
        select(Notebook.name, SourceCell.name, SourceCell.source)
        .join_from(SourceCell, Notebook, SourceCell.notebook_id == Notebook.id)
        .where(Notebook.assignment_id == assignment)
    )
    made.stubs = {(notebook, name): text or "" for notebook, name, text in book.db.execute(query)}
