"""Writes to the gradebook who there is, and until when they have time."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from nbgrader.api import Assignment, Gradebook, MissingEntry, Student

from nbjudge.course.course import Course
from nbjudge.course.errors import CourseError
from nbjudge.results.due_dates import DueDates
from nbjudge.results.gradebook import Person


def enrol(course: Course, people: Sequence[Person]) -> None:
    """Add students to the gradebook, and what it doesn't know of those who are there. Nothing is overwritten."""
    with Gradebook(course.db_url, course.directory.course_id) as gradebook:
        known = {student.id: student for student in gradebook.db.query(Student).all()}
        for person in people:
            student = known.get(person.id) or Student(id=person.id)
            if not (student.first_name or student.last_name):
                student.first_name, student.last_name = person.first_name or None, person.last_name or None
            student.email = student.email or person.email or None
            student.lms_user_id = student.lms_user_id or person.lms_user_id or None
            gradebook.db.add(student)
        gradebook.db.commit()


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
