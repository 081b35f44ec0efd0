"""What the gradebook knows about each student and assignment, read with a handful of queries."""

import json
import math
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from nbgrader.api import (
    Assignment,
    Grade,
    Gradebook,
    Notebook,
    Student,
    SubmittedAssignment,
    SubmittedNotebook,
)
from nbgrader.coursedir import CourseDirectory
from sqlalchemy import select

from nbjudge.results.tasks import Task, tasks_of

GRADED = "graded"
MANUAL = "needs manual grade"
MISSING = "missing"
REFUSED = "refused"
UNGRADED = "not graded"


@dataclass(frozen=True)
class Person:
    """A student. What the gradebook doesn't know is ""."""

    id: str
    last_name: str = ""
    first_name: str = ""
    email: str = ""
    lms_user_id: str = ""

    @property
    def full_name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()

    @property
    def sortable_name(self) -> str:
        return ", ".join(filter(None, (self.last_name, self.first_name)))


@dataclass(frozen=True)
class Record:
    """One student's result in one assignment.

    Attributes
    ----------
    status : one of the constants of this module
    in_gradebook : whether the gradebook has a submission
    seconds_late : None where the gradebook has no due date or no time
    points : by ``Task.key``, for the tasks that were graded
    unscored : those of ``points`` that neither the autograder nor a person has given a score
    raw, penalty, total : None where nothing was graded
    """

    assignment: str
    duedate: datetime | None
    person: Person
    status: str
    in_gradebook: bool
    timestamp: datetime | None
    seconds_late: float | None
    points: dict[str, float]
    unscored: frozenset[str]
    raw: float | None
    penalty: float | None
    total: float | None
    maximum: float

    @property
    def is_graded(self) -> bool:
        """Whether there is a score for any task."""
        return bool(self.points.keys() - self.unscored)

    def score(self, task: Task) -> float | None:
        """Points of a task; None where nobody has given any."""
        return None if task.key in self.unscored else self.points.get(task.key)


@dataclass
class _Submission:
    row: Any
    notebooks: dict[str, float]  # penalty by name of the notebook
    grades: list[Any]


def opened(course: CourseDirectory) -> Gradebook:
    """The gradebook, to read from. With the course's id, nbgrader would add a course of that name."""
    return Gradebook(course.db_url, course_id="")


def read(
    gradebook: Gradebook, course: CourseDirectory, assignments: Collection[str] = (), students: Collection[str] = ()
) -> tuple[list[Task], list[Record]]:
    """All results, by assignment and then by student id.

    Parameters
    ----------
    assignments, students
        Names to choose; none means all.

    Returns
    -------
    tasks : in the order of the source notebooks, where those are there; else by name
    records : one for each student in each assignment, also for those who handed in nothing

    Raises
    ------
    ValueError
        If the gradebook lacks one of the names.
    """
    ask = gradebook.db.execute
    wanted = {each.id: each for each in ask(select(Assignment.id, Assignment.name, Assignment.duedate))}
    people = {each.id: each for each in map(_person, ask(select(Student.__table__)))}
    _check("assignment", assignments, [each.name for each in wanted.values()])
    _check("student", students, people)
    wanted = {key: each for key, each in wanted.items() if not assignments or each.name in assignments}
    chosen = [people[each] for each in sorted(people) if not students or each in students]
    tasks = tasks_of(gradebook, course, {key: each.name for key, each in wanted.items()})
    handed_in = _submissions(gradebook, list(wanted))
    records = [
        _record(each, person, handed_in.get((each.id, person.id)), tasks, course)
        for each in sorted(wanted.values(), key=lambda each: each.name)
        for person in chosen
    ]
    return tasks, records


def _check(kind: str, asked: Collection[str], known: Collection[str]) -> None:
    unknown = sorted(set(asked) - set(known))
    if unknown:
        raise ValueError(f"the gradebook knows no {kind} {unknown[0]}; is the name right, and was anything graded yet?")


def _person(row: Any) -> Person:
    names = ("last_name", "first_name", "email", "lms_user_id")
    return Person(row.id, **{name: getattr(row, name) or "" for name in names})


def _submissions(gradebook: Gradebook, assignments: list[str]) -> dict[tuple[str, str], _Submission]:
    ask = gradebook.db.execute
    ours = SubmittedAssignment.assignment_id.in_(assignments)
    columns = SubmittedAssignment.__table__.columns
    found = {row.id: _Submission(row, {}, []) for row in ask(select(*columns).where(ours))}
    notebooks = (
        select(SubmittedNotebook.assignment_id, Notebook.name, SubmittedNotebook.late_submission_penalty)
        .join(Notebook, SubmittedNotebook.notebook_id == Notebook.id)
        .join(SubmittedAssignment, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
        .where(ours)
    )
    for submission, name, penalty in ask(notebooks):
        found[submission].notebooks[name] = penalty or 0.0
    grades = (
        select(
            SubmittedNotebook.assignment_id,
            Grade.cell_id,
            Grade.score.label("score"),
            Grade.auto_score,
            Grade.manual_score,
            Grade.needs_manual_grade,
        )
        .join(SubmittedNotebook, Grade.notebook_id == SubmittedNotebook.id)
        .join(SubmittedAssignment, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
        .where(ours)
    )
    for row in ask(grades):
        found[row.assignment_id].grades.append(row)
    return {(each.row.assignment_id, each.row.student_id): each for each in found.values()}


def _record(
    assignment: Any, person: Person, submission: _Submission | None, tasks: Sequence[Task], course: CourseDirectory
) -> Record:
    maximum = math.fsum(task.maximum for task in tasks if task.assignment == assignment.name)
    status = _status(assignment.name, person.id, submission, course)
    timestamp = submission.row.timestamp if submission else None
    late = None
    if submission and timestamp and assignment.duedate:
        duedate = assignment.duedate + (submission.row.extension or timestamp - timestamp)
        late = max(0.0, (timestamp - duedate).total_seconds())
    points: dict[str, float] = {}
    unscored: frozenset[str] = frozenset()
    raw = penalty = total = None
    if submission and status != UNGRADED:
        points = {row.cell_id: row.score for row in submission.grades}
        unscored = frozenset(row.cell_id for row in submission.grades if not _has_score(row))
        raw = math.fsum(points.values())
        penalty = math.fsum(submission.notebooks.values())
        total = max(0.0, raw - penalty)
    return Record(
        assignment=assignment.name,
        duedate=assignment.duedate,
        person=person,
        status=status,
        in_gradebook=submission is not None,
        timestamp=timestamp,
        seconds_late=late,
        points=points,
        unscored=unscored,
        raw=raw,
        penalty=penalty,
        total=total,
        maximum=maximum,
    )


def _has_score(row: Any) -> bool:
    return row.auto_score is not None or row.manual_score is not None


def _status(assignment: str, student: str, submission: _Submission | None, course: CourseDirectory) -> str:
    if submission is None:
        return UNGRADED if folder(course, course.submitted_directory, student, assignment) else MISSING
    grades = submission.grades
    graded = folder(course, course.autograded_directory, student, assignment)
    if graded and not any(row.auto_score for row in grades) and any(map(_refused, graded.glob("*.ipynb"))):
        return REFUSED
    if any(row.needs_manual_grade for row in grades):
        return MANUAL
    return GRADED if any(map(_has_score, grades)) else UNGRADED


def folder(course: CourseDirectory, step: str, student: str, assignment: str) -> Path | None:
    """The student's folder of one step of nbgrader, if there is one. An id that is no plain name has none."""
    if student in ("", ".", "..") or Path(student).name != student or len(student.encode(errors="replace")) > 255:
        return None
    place = Path(course.format_path(step, student, assignment))
    return place if place.is_dir() and not place.is_symlink() and not place.parent.is_symlink() else None


def _refused(notebook: Path) -> bool:
    """Whether the intake couldn't take this notebook. It earns nothing, so only those with 0 points are looked at."""
    try:
        return not notebook.is_symlink() and "refused" in json.loads(notebook.read_bytes())["metadata"]["intake"]
    except (OSError, ValueError, KeyError, TypeError):
        return False


def not_in_gradebook(course: CourseDirectory, assignment: str, records: Sequence[Record]) -> list[str]:
    """Who handed in a folder but has no grade yet, whether the gradebook knows them or not."""
    done = {each.person.id for each in records if each.status in (GRADED, MANUAL, REFUSED)}
    everyone = Path(course.root, course.submitted_directory)
    if not everyone.is_dir():
        return []
    names = sorted(each.name for each in everyone.iterdir() if not each.name.startswith("."))
    return [name for name in names if name not in done and folder(course, course.submitted_directory, name, assignment)]


def counts(records: Sequence[Record]) -> dict[str, int]:
    """How many records have each status, in the order of the constants above."""
    number: defaultdict[str, int] = defaultdict(int)
    for each in records:
        number[each.status] += 1
    return {status: number[status] for status in (GRADED, MANUAL, MISSING, REFUSED, UNGRADED) if number[status]}
