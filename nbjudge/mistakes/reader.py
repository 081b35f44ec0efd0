"""What is told of a group: the task, one student's method, and a draft of the misconception."""

import sys
import time
from dataclasses import replace

from nbjudge.course.course import Course
from nbjudge.course.errors import CourseError
from nbjudge.judging.misconception import Misconception
from nbjudge.mistakes.draft import drafts
from nbjudge.mistakes.groups import Group, answers_of
from nbjudge.mistakes.method import Method, Source
from nbjudge.mistakes.trial import Bench
from nbjudge.sandbox.bubblewrap import SandboxError

LOOKED_AT, TRIED = 8, 3
"""Submissions of a group whose methods are read to find a short one, and those from which drafts are made."""
SECONDS = 120.0
"""After so much time no other draft is tried."""


class Reader:
    """Reads on about groups. It opens the notebooks of a few of their students."""

    def __init__(self, course: Course, assignment: str) -> None:
        self.course, self.assignment = course, assignment
        self._answers = answers_of(course, assignment)
        self._sources = {
            notebook: Source(course, assignment, notebook, answers) for notebook, answers in self._answers.items()
        }

    def task(self, group: Group) -> str:
        """What the check calls the task ("Task 3"), or ""."""
        return self._answers[group.notebook].headings.get(group.test, ("", ""))[0]

    def method(self, group: Group) -> Method:
        """One student's method: a short one."""
        return self._methods(group)[0]

    def _methods(self, group: Group) -> list[Method]:
        source = self._sources[group.notebook]
        methods = [source.method(group.test, student) for student in group.students[:LOOKED_AT]]
        return sorted(methods, key=lambda method: (not method.region.strip(), len(method.region), method.region))

    def draft(self, group: Group, sentence: str) -> tuple[Misconception | None, int]:
        """The smallest draft that gives the results of the group, or None; and how many were tried.

        Raises
        ------
        CourseError
            If there is no sandbox to try them in.
        """
        if sys.platform != "linux":
            raise CourseError(
                "a draft is a student's code that is tried behind walls, and there are walls on Linux only."
            )
        solutions = self._sources[group.notebook].solutions
        bench = Bench(self.course, self.assignment, group, self._answers[group.notebook], solutions)
        tried, end = 0, time.monotonic() + SECONDS
        try:
            for method in self._methods(group)[:TRIED]:
                for draft in drafts(method, group.test):
                    tried += 1
                    if bench.reproduces(draft):
                        return replace(draft, sentence=sentence), tried
                    if time.monotonic() > end:  # a method that hangs here hangs in each draft of it
                        return None, tried
        except (SandboxError, SystemExit) as error:
            raise CourseError(f"the draft can't be tried: {error}") from None
        return None, tried
