"""When a submission was due, and what being late costs: a grade depends on that, too."""

import inspect
from pathlib import Path

from nbgrader.preprocessors import AssignLatePenalties

from nbjudge.course.course import Course
from nbjudge.judging.loaded import digest
from nbjudge.results.due_dates import DueDates


class Lateness:
    """What is known of it when a run begins."""

    def __init__(self, course: Course, assignment: str) -> None:
        self._dates = DueDates(course, assignment)
        self._policy = _policy(course)

    def of(self, student: str) -> str:
        """All of it that counts for one student, as a text."""
        return f"{self._dates.due} {self._dates.extensions.get(student, '')} {self._policy}"


def _policy(course: Course) -> str:
    """The text of the plugin that says what being late costs. Its settings count with the rest of the configuration."""
    plugin = AssignLatePenalties(config=course.config).plugin_class
    try:
        return digest(Path(inspect.getfile(plugin)))
    except (OSError, TypeError):  # it has no file
        return str(plugin.__qualname__)
