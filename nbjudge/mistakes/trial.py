"""Tries a draft in the sandbox: the instructor's notebook with a student's lines in it, as a submission would run."""

from dataclasses import dataclass

from nbjudge.course.course import Course
from nbjudge.judging.misconception import Misconception
from nbjudge.judging.oracle import Answers
from nbjudge.judging.own_notebook import evidence, is_full
from nbjudge.mistakes.draft import changed
from nbjudge.mistakes.groups import Group
from nbprobe.judge import results, same

SECONDS = 30.0
"""What the notebook with a draft in it may take."""


@dataclass(frozen=True)
class Bench:
    """Where drafts about a group are tried. ``solutions`` are the solution cells of the source notebook."""

    course: Course
    assignment: str
    group: Group
    answers: Answers
    solutions: dict[str, str]

    def reproduces(self, draft: Misconception) -> bool:
        """Whether a draft gives the results of the group under the probes of its test, and right ones elsewhere.

        Raises
        ------
        SandboxError, SystemExit
            If there is no sandbox to try it in.
        """
        cells = changed(draft, self.solutions)
        if not cells:
            return False
        path = self.course.source(self.assignment) / f"{self.group.notebook}.ipynb"
        # a person waits for it
        found = evidence(self.course, self.assignment, path, self.answers, "sandbox", cells, SECONDS)
        own = results(self.answers.solution[self.group.test], found[self.group.test])
        return same(self.group.results, own) and all(
            is_full(self.answers, test, raws) for test, raws in found.items() if test != self.group.test
        )
