"""Tries a draft in the sandbox: the instructor's notebook with a student's lines in it, as a submission would run."""

import copy
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from nbjudge.course.cells import is_grade, is_solution
from nbjudge.course.course import Course
from nbjudge.course.whole_notebook import whole_notebook
from nbjudge.judging.misconception import Misconception
from nbjudge.judging.oracle import Answers
from nbjudge.judging.written_rules import with_rules
from nbjudge.mistakes.draft import changed
from nbjudge.mistakes.groups import Group
from nbjudge.sandbox.step import SandboxedExecute
from nbprobe.evidence import Raw, published
from nbprobe.judge import judge, results, same

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
        evidence = self._run(cells)
        own = results(self.answers.solution[self.group.test], evidence[self.group.test])
        return same(self.group.results, own) and all(
            self._is_full(test, raws) for test, raws in evidence.items() if test != self.group.test
        )

    def _is_full(self, test: str, raws: Raw) -> bool:
        answers = self.answers
        return judge(answers.solution[test], raws, answers.points[test], [], fragile=answers.fragile[test]).is_full

    def _run(self, cells: dict[str, str]) -> dict[str, Raw]:
        """Evidence of the hidden probes, by ``grade_id`` of the test cell."""
        source = self.course.source(self.assignment)
        path = source / f"{self.group.notebook}.ipynb"
        notebook = copy.deepcopy(whole_notebook(self.course, self.assignment, path))
        for cell in notebook.cells:
            name = cell.metadata.get("nbgrader", {}).get("grade_id")
            if is_solution(cell) and name in cells:
                cell.source = cells[name]
        about = {"notebook": path.stem, "assignment": self.assignment, "student": ".", "db_url": self.course.db_url}
        with tempfile.TemporaryDirectory() as folder:
            place = Path(folder, "notebook")  # the step removes it where no sandbox starts
            shutil.copytree(source, place, ignore=shutil.ignore_patterns("*.ipynb", "__pycache__"), symlinks=True)
            resources = {"nbgrader": about, "metadata": {"name": path.stem, "path": str(place)}}
            step = SandboxedExecute(parent=self.course.app, isolation="sandbox")
            step.notebook_seconds = min(step.notebook_seconds, SECONDS)  # a person waits for it
            ran, _ = step.preprocess(notebook, resources)
        return {
            name: with_rules(ran, cell, right, published(cell.outputs))
            for cell in ran.cells
            if is_grade(cell)
            if (right := self.answers.solution.get(name := cell.metadata.nbgrader.grade_id)) is not None
        }
