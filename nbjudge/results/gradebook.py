"""What the gradebook knows about each student and assignment, read with a handful of queries."""

import math
from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
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
from sqlalchemy import select

from nbjudge.course.course import Course
from nbjudge.course.errors import CourseError
from nbjudge.course.files import is_too_long
from nbjudge.course.graded import read_graded
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

    @property
    def is_late(self) -> bool:
        """Whether it came in after its time, or costs points as if it did."""
        return bool(self.seconds_late or self.penalty)

    def score(self, task: Task) -> float | None:
        """Points of a task; None where nobody has given any."""
        return None if task.key in self.unscored else self.points.get(task.key)


@dataclass
class _Submission:
    row: Any
    notebooks: dict[str, float]  # penalty by name of the notebook
    grades: list[Any]


def open_gradebook(course: Course) -> Gradebook:
    """The gradebook, to read from. With the course's id, nbgrader would add a course of that name."""
    return Gradebook(course.db_url, course_id="")


def read_records(
    gradebook: Gradebook, course: Course, assignments: Collection[str] = (), students: Collection[str] = ()
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
    CourseError
        If the gradebook lacks one of the names.
    """
    ask = gradebook.db.execute
    rows = list(ask(select(Assignment.id, Assignment.name, Assignment.duedate)))
    people = read_people(gradebook)
    _require("assignment", assignments, [row.name for row in rows])
    _require("student", students, people)
    chosen = sorted((row for row in rows if not assignments or row.name in assignments), key=lambda row: row.name)
    chosen_people = [people[student] for student in sorted(people) if not students or student in students]
    names = {row.id: row.name for row in chosen}
    tasks = tasks_of(gradebook, course, names)
    submissions = _submissions(gradebook, list(names))
    records = [
        _record(row, person, submissions.get((row.id, person.id)), tasks, course)
        for row in chosen
        for person in chosen_people
    ]
    return tasks, records


def read_people(gradebook: Gradebook) -> dict[str, Person]:
    """Everybody whom the gradebook knows, by id."""
    return {person.id: person for person in map(_person, gradebook.db.execute(select(Student.__table__)))}


def _require(kind: str, asked: Collection[str], known: Collection[str]) -> None:
    unknown = sorted(set(asked) - set(known))
    if unknown:
        raise CourseError(
            f"the gradebook knows no {kind} {unknown[0]}; is the name right, and was anything graded yet?"
        )


def _person(row: Any) -> Person:
    names = ("last_name", "first_name", "email", "lms_user_id")
    return Person(row.id, **{name: getattr(row, name) or "" for name in names})


def _submissions(gradebook: Gradebook, assignments: list[str]) -> dict[tuple[str, str], _Submission]:
    ask = gradebook.db.execute
    ours = SubmittedAssignment.assignment_id.in_(assignments)
    columns = SubmittedAssignment.__table__.columns
    submissions = {row.id: _Submission(row, {}, []) for row in ask(select(*columns).where(ours))}
    notebooks = (
        select(SubmittedNotebook.assignment_id, Notebook.name, SubmittedNotebook.late_submission_penalty)
        .join(Notebook, SubmittedNotebook.notebook_id == Notebook.id)
        .join(SubmittedAssignment, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
        .where(ours)
    )
    for submission, name, penalty in ask(notebooks):
        submissions[submission].notebooks[name] = penalty or 0.0
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
        submissions[row.assignment_id].grades.append(row)
    return {(one.row.assignment_id, one.row.student_id): one for one in submissions.values()}


def _record(
    assignment: Any, person: Person, submission: _Submission | None, tasks: Sequence[Task], course: Course
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
    if submission and status not in (UNGRADED, MISSING):
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


def _status(assignment: str, student: str, submission: _Submission | None, course: Course) -> str:
    if submission is None:
        return UNGRADED if _has_handed_in(course, student, assignment) else MISSING
    grades = submission.grades
    graded = existing(course.autograded, student, assignment)
    has_points = any(row.auto_score or row.manual_score for row in grades)  # which a person may have given before
    if graded and not has_points and any(map(_is_refused, graded.glob("*.ipynb"))):
        return REFUSED
    has_score = any(map(_has_score, grades))
    if not has_score and not graded:  # there is only an extension, or its grading failed
        return UNGRADED if _has_handed_in(course, student, assignment) else MISSING
    if any(row.needs_manual_grade for row in grades):
        return MANUAL
    return GRADED if has_score else UNGRADED


def existing(place_of: Callable[[str, str], Path], student: str, assignment: str) -> Path | None:
    """The student's folder, such as that by ``course.autograded``, if there is one.

    The gradebook can hold any id; one that is no plain name has no folder.
    """
    if student in ("", ".", "..") or Path(student).name != student or is_too_long(student):
        return None
    place = place_of(student, assignment)
    return place if place.is_dir() and not place.is_symlink() and not place.parent.is_symlink() else None


def _has_handed_in(course: Course, student: str, assignment: str) -> bool:
    """Whether there is a folder; also where its owner has closed it, or one above it, to those who grade."""
    try:
        return existing(course.submitted, student, assignment) is not None
    except PermissionError:
        return True


def _is_refused(notebook: Path) -> bool:
    """Whether the intake couldn't take this notebook. It earns nothing, so only those with 0 points are looked at."""
    graded = read_graded(notebook)
    return graded is not None and bool(graded.refused)


def not_in_gradebook(course: Course, assignment: str, records: Sequence[Record]) -> list[str]:
    """Who handed in a folder but has no grade yet, whether the gradebook knows them or not."""
    graded = {record.person.id for record in records if record.status in (GRADED, MANUAL, REFUSED)}
    names = [name for name in course.students(assignment) if not name.startswith(".") and name not in graded]
    return [name for name in names if _has_handed_in(course, name, assignment)]


def counts(records: Sequence[Record]) -> dict[str, int]:
    """How many records have each status, in the order of the constants above."""
    number: defaultdict[str, int] = defaultdict(int)
    for record in records:
        number[record.status] += 1
    return {status: number[status] for status in (GRADED, MANUAL, MISSING, REFUSED, UNGRADED) if number[status]}
