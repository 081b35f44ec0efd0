"""When a submission was due, and what being late costs: a grade depends on that, too."""

import inspect
from pathlib import Path

from nbgrader.api import Assignment, Gradebook, Student, SubmittedAssignment
from nbgrader.preprocessors import AssignLatePenalties
from sqlalchemy import select

from nbjudge.course.course import Course
from nbjudge.judging.loaded import digest


class Lateness:
    """What is known of it when a run begins."""

    def __init__(self, course: Course, assignment: str) -> None:
        with Gradebook(course.db_url, course.directory.course_id) as gradebook:
            due = select(Assignment.duedate).where(Assignment.name == assignment)
            self._due = str(gradebook.db.execute(due).scalar())
            extensions = (
                select(Student.id, SubmittedAssignment.extension)
                .join(SubmittedAssignment, SubmittedAssignment.student_id == Student.id)
                .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
                .where(Assignment.name == assignment)
            )
            self._extensions = {student: str(extra or "") for student, extra in gradebook.db.execute(extensions)}
        self._policy = _policy(course)

    def of(self, student: str) -> str:
        """All of it that counts for one student, as a text."""
        return f"{self._due} {self._extensions.get(student, '')} {self._policy}"


def _policy(course: Course) -> str:
    """The text of the plugin that says what being late costs. Its settings count with the rest of the configuration."""
    plugin = AssignLatePenalties(config=course.config).plugin_class
    try:
        return digest(Path(inspect.getfile(plugin)))
    except (OSError, TypeError):  # it has no file
        return str(plugin.__qualname__)
