"""Writes to the gradebook who there is, and until when they have time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from nbgrader.api import Assignment, Gradebook, MissingEntry, Student
from sqlalchemy.exc import DataError

from nbjudge.course.course import Course
from nbjudge.course.errors import CourseError, database_said
from nbjudge.results.due_dates import DueDates
from nbjudge.results.gradebook import Person

NAMES = {"first_name": "first name", "last_name": "last name"}
UNIQUE = {"email": "address", "lms_user_id": "number"}
"""What would be another one's if it were shorter."""


@dataclass
class Enrolment:
    """What became of students who were to be added.

    Attributes
    ----------
    remarks : a sentence for each of whom something couldn't be kept as it is
    left_out : ids of those who couldn't be added
    """

    remarks: list[str] = field(default_factory=list)
    left_out: set[str] = field(default_factory=set)


def enrol(course: Course, people: Sequence[Person]) -> Enrolment:
    """Add students to the gradebook, and what it doesn't know of those who are there. Nothing is overwritten.

    What it can't hold of one costs nobody else anything, and nobody their place: a name is shortened, and what would
    be another one if it were shorter is left out.
    """
    enrolment = Enrolment()
    with Gradebook(course.db_url, course.directory.course_id) as gradebook:
        try:
            enrolment.remarks = [said for said in _add(gradebook, people) if said]
        except (DataError, UnicodeError):  # which one it is, the database doesn't say
            gradebook.db.rollback()
            for person in people:
                _add_alone(gradebook, person, enrolment)
    return enrolment


def _add_alone(gradebook: Gradebook, person: Person, enrolment: Enrolment) -> None:
    """The whole of what is known of one student, or else the id."""
    said = f"The gradebook takes nothing of {person.id} but the id"
    for what in (person, Person(person.id)):
        try:
            enrolment.remarks += filter(None, _add(gradebook, [what]))
            if what != person:
                enrolment.remarks.append(f"{said}.")
            return
        except (DataError, UnicodeError) as error:
            gradebook.db.rollback()
            said = f"{said} ({database_said(error)})"
    enrolment.remarks.append(f"The gradebook doesn't take {person.id}, who isn't added; rename the student's folder.")
    enrolment.left_out.add(person.id)


def _add(gradebook: Gradebook, people: Sequence[Person]) -> list[str]:
    """All or none of them. A sentence for each, or ""."""
    ids = [person.id for person in people]
    asked = gradebook.db.query(Student)
    known = {student.id: student for student in (asked.filter(Student.id.in_(ids)) if len(ids) == 1 else asked).all()}
    said = []
    for person in people:
        student = known.get(person.id) or Student(id=person.id)
        has_name = bool(student.first_name or student.last_name)
        changed = [_set(student, name, getattr(person, name)) for name in NAMES if not has_name]
        changed += [_set(student, name, getattr(person, name)) for name in UNIQUE if not getattr(student, name)]
        gradebook.db.add(student)
        what = " and ".join(filter(None, changed))
        said.append(f"The gradebook can't hold all that the roster says of {student.id}: {what}." if what else "")
    gradebook.db.commit()
    return said


def _set(student: Student, name: str, value: str) -> str:
    """Keep what the column takes, whatever the database is. What was changed for that, or ""."""
    column = Student.__table__.columns[name].type
    kept = value.encode(errors="ignore").decode().replace("\0", "")[: column.length]
    is_whole = kept == value
    setattr(student, name, (kept if is_whole or name in NAMES else "") or None)
    called = {**NAMES, **UNIQUE}[name]
    return "" if is_whole else f"the {called} is {'shortened' if name in NAMES else 'left out'}"


def set_due(course: Course, assignment: str, due: datetime | None) -> DueDates:
    """Set when an assignment is due. Who has more time keeps it until the same moment. Returns what held before.

    Raises
    ------
    CourseError
        If it is to be due at no time, and somebody has more time: nbgrader keeps no moment, only the time between.
    """
    before = DueDates(course, assignment)
    if due is None and before.extensions:
        student, *others = sorted(before.extensions)
        who = f"{student} and {len(others)} more have extensions" if others else f"{student} has an extension"
        raise CourseError(
            f"{who}, and without a due date there is none; take it away first: "
            f"course extend {assignment} {student} --until none."
        )
    with Gradebook(course.db_url, course.directory.course_id) as gradebook:
        gradebook.update_or_create_assignment(assignment, duedate=_as_kept(due) if due else None)
    kept = {student: until for student in before.extensions if (until := before.of(student))}
    if due:
        extend(course, assignment, kept)
    return before


def _as_kept(time: datetime) -> datetime:
    """In UTC and without saying so, as nbgrader keeps times."""
    return time.astimezone(UTC).replace(tzinfo=None)


def extend(course: Course, assignment: str, until: Mapping[str, datetime | None]) -> None:
    """Give students time until a moment; None, or one before the assignment is due, takes their extension away.

    Raises
    ------
    CourseError
        If the gradebook doesn't know a student, or no due date.
    """
    if not until:
        return
    with Gradebook(course.db_url, course.directory.course_id) as gradebook:
        known = gradebook.db.query(Assignment).filter(Assignment.name == assignment).one_or_none()
        if known is None or known.duedate is None:
            raise CourseError(f"{assignment} has no due date yet; set it first: course due {assignment} DATE.")
        for student in until:
            try:
                gradebook.find_student(student)
            except MissingEntry:
                raise CourseError(
                    f"the gradebook knows no student {student}; is the id right? Collecting with a roster adds them."
                ) from None
        for student, moment in until.items():
            extra = _as_kept(moment) - known.duedate if moment else None
            is_later = extra is not None and extra.total_seconds() > 0
            try:
                submission = gradebook.find_submission(assignment, student)
            except MissingEntry:
                if not is_later:
                    continue
                submission = gradebook.add_submission(assignment, student)
            submission.extension = extra if is_later else None
        gradebook.db.commit()
