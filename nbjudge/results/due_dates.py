"""When an assignment was due, for everybody and for those who have an extension."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from nbgrader.api import Assignment, Gradebook, Student, SubmittedAssignment
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from nbjudge.course.course import Course

Due = Callable[[str], datetime | None]
"""By a student's id; that of nobody, "", stands for all who have no extension."""


class DueDates:
    """What the gradebook says of it."""

    def __init__(self, course: Course, assignment: str) -> None:
        self.due: datetime | None = None
        self.extensions: dict[str, timedelta] = {}
        if not course.has_gradebook():  # to open it would make one
            return
        with Gradebook(course.db_url, course.directory.course_id) as gradebook:
            self.due = gradebook.db.execute(select(Assignment.duedate).where(Assignment.name == assignment)).scalar()
            extensions = (
                select(Student.id, SubmittedAssignment.extension)
                .join(SubmittedAssignment, SubmittedAssignment.student_id == Student.id)
                .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
                .where(Assignment.name == assignment)
            )
            self.extensions = {student: extra for student, extra in gradebook.db.execute(extensions) if extra}

    def of(self, student: str) -> datetime | None:
        """When it is due for one student, in UTC; None where nothing is said."""
        if self.due is None:
            return None
        due = self.due + self.extensions[student] if student in self.extensions else self.due
        return due.replace(tzinfo=UTC)


def due_of_each(course: Course, assignment: str) -> Due:
    """The same where the gradebook may be one of another version, which says nothing."""
    try:
        return DueDates(course, assignment).of
    except SQLAlchemyError:
        return lambda student: None
