"""Tells whether anybody has worked on a notebook. Content goes before names and times: what is empty never wins."""

from collections.abc import Sequence
from pathlib import Path

from nbgrader.utils import is_locked

from nbjudge.course import notebooks
from nbjudge.course.course import Course
from nbjudge.intake.definitions import all_defined_names
from nbjudge.intake.reading import RefusedError, SubmittedCell, read_cells


class Untouched:
    """Knows how a notebook of an assignment looked when students got it."""

    def __init__(self, course: Course, assignment: str, name: str) -> None:
        path = course.release(assignment) / name
        release = notebooks.read_again(path) if path.is_file() else None
        graded = notebooks.graded_cells(release) if release else {}
        self._answers = {own for own, cell in graded.items() if not is_locked(cell)}
        self._given = {cell.source.strip() for cell in graded.values()}
        self._names = {each for own in self._answers for each in all_defined_names(graded[own].source)}

    def is_so(self, cells: Sequence[SubmittedCell]) -> bool:
        """Whether all answers are those that came with the release. Where there is none to compare with, nobody is."""
        return bool(self._answers) and not any(map(self._is_work, cells))

    def _is_work(self, cell: SubmittedCell) -> bool:
        text = cell.text.strip()
        if not text or text in self._given:
            return False
        return cell.grade_id in self._answers or bool(all_defined_names(text) & self._names)

    def is_file(self, path: Path) -> bool:
        """The same for a file; one that can't be read holds no work."""
        try:
            return self.is_so(read_cells(path))
        except RefusedError:
            return bool(self._answers)
