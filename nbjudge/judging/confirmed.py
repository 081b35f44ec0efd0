"""Saves scores as nbgrader does, but asks for no decision again that an instructor made on the same grounds."""

import json
from pathlib import Path
from typing import Any

from nbformat import NotebookNode
from nbgrader.preprocessors import SaveAutoGrades
from nbgrader.utils import is_solution, is_task

from nbjudge.course.cells import UNGRADED
from nbjudge.course.course import Course
from nbjudge.course.files import make_folders, whole_file
from nbjudge.course.graded import ADDED
from nbjudge.course.kept_names import handed_in_name
from nbjudge.course.timestamps import TIMESTAMP
from nbjudge.judging.loaded import digest
from nbprobe.answers import SUFFIX as CHECKS
from nbprobe.wire import digest_of_text


class SaveGrades(SaveAutoGrades):
    """Whoever gives points by hand decides on what somebody wrote and on its automatic score. While both stay as they
    were, the decision stands; nbgrader would have it confirmed again after every grading.
    """

    def preprocess(self, nb: NotebookNode, resources: dict[str, Any]) -> tuple[NotebookNode, dict[str, Any]]:
        course, about = Course.of(self), resources["nbgrader"]
        path, notebook = course.grounds(about["student"], about["assignment"]), about["notebook"]
        files = _files(Path(resources["metadata"]["path"]))
        self._seen, self._in_a_row = (_texts(nb), files), _in_a_row(nb, files)
        self._known, self._grounds = _read(path).get(notebook, {}), dict[str, str]()
        nb, resources = super().preprocess(nb, resources)
        make_folders(path.parent)
        with whole_file(path) as file:
            file.write(json.dumps({**_read(path), notebook: self._grounds}, indent=1).encode())
        return nb, resources

    def _add_score(self, cell: NotebookNode, resources: dict[str, Any]) -> None:
        name = cell.metadata.nbgrader.grade_id
        grade = self.gradebook.find_grade(name, self.notebook_id, self.assignment_id, self.student_id)
        has_extra = bool(grade.extra_credit)
        is_confirmed = (grade.manual_score is not None or has_extra) and not grade.needs_manual_grade
        super()._add_score(cell, resources)
        scores = grade.auto_score, grade.max_score
        self._grounds[name] = digest_of_text(repr((*self._seen, *scores)))
        is_known = self._is_as_known(name, scores)
        if is_confirmed and is_known:
            grade.needs_manual_grade = False
        elif has_extra and not is_known:  # nbgrader doesn't ask about that
            grade.needs_manual_grade = True
        else:
            return
        self.gradebook.db.commit()

    def _is_as_known(self, name: str, scores: tuple[float | None, float]) -> bool:
        known = self._known.get(name)
        return known == self._grounds[name] or known == digest_of_text(repr((self._in_a_row, *scores)))


def _texts(nb: NotebookNode) -> list[tuple[str, int, str, str, str, str]]:
    """What a student wrote, each text with its role and its place: the marked cell that it stands in or below, and the
    number of further cells of the instructor's since.

    The same texts in other places are other answers: what stood in a cell of the student's own may be the answer now.
    """
    texts, mark, further = [], "", 0
    for cell in nb.cells:
        if "grade_id" in cell.metadata.get("nbgrader", {}):
            mark, further = cell.metadata.nbgrader.grade_id, 0
        elif not cell.id.startswith(ADDED):
            further += 1
        if _is_students(cell):
            attachments = repr(cell.get("attachments") or {})
            texts.append((mark, further, _role(cell), cell.cell_type, cell.source, attachments))
    return texts


def _role(cell: NotebookNode) -> str:
    """Whether a text is an answer or stands beside one, and in a cell of what kind."""
    if is_solution(cell) or is_task(cell):
        return "answer"
    added = next((kind for kind in ADDED if cell.id.startswith(kind)), "")
    return added or UNGRADED


def _in_a_row(nb: NotebookNode, files: list[str]) -> list[str]:
    """The same without places, as it was summed up before 1.1 came out: a class that was graded then needn't be
    confirmed again. Whoever is graded has a sum of the new form from then on."""
    theirs = [cell for cell in nb.cells if _is_students(cell)]
    pictures = [repr(cell.attachments) for cell in theirs if cell.get("attachments")]
    return [*(cell.source for cell in theirs), *pictures, *files]


def _is_students(cell: NotebookNode) -> bool:
    """Whether a student may have written in it."""
    is_ungraded = UNGRADED in cell.metadata.get("tags", [])  # its text is shown
    return is_solution(cell) or is_task(cell) or is_ungraded or cell.id.startswith(ADDED)


def _files(folder: Path) -> list[str]:
    """Paths and contents of what lies beside the notebooks: answers read it, and texts show it."""
    beside = (path for path in folder.rglob("*") if path.is_file())
    # what `course outputs` makes is no answer; a student's file of such a name has another one
    own = (path for path in beside if path.suffix != ".ipynb" and not path.name.endswith(CHECKS))
    own = (path for path in own if path != folder / TIMESTAMP)
    # one of the exercise's own may have the name with which another one was handed in
    named = sorted((handed_in_name(path.relative_to(folder)), digest(path)) for path in own)
    return [repr((str(name), content)) for name, content in named]


def _read(path: Path) -> dict[str, dict[str, str]]:
    """The grounds of the last grading, by notebook and ``grade_id``; none from a file that somebody damaged."""
    try:
        notebooks = json.loads(path.read_bytes())
        return {str(name): dict(grounds) for name, grounds in notebooks.items()}
    except (OSError, ValueError, AttributeError, TypeError, RecursionError):
        return {}
