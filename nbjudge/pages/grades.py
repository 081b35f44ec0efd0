"""nbgrader's step that writes points and comments into a graded notebook, and says what nobody has read yet."""

from typing import Any

import nbgrader.preprocessors
from nbformat import NotebookNode

WAITS = "waits"
"""Key beside ``score`` in the metadata of a cell: whether it still waits for a person's points."""


class GetGrades(nbgrader.preprocessors.GetGrades):
    """As nbgrader's own, to whom what nobody has read yet is worth 0 points."""

    def _get_score(self, cell: NotebookNode, resources: dict[str, Any]) -> None:
        super()._get_score(cell, resources)
        grade = self.gradebook.find_grade(
            cell.metadata.nbgrader.grade_id, self.notebook_id, self.assignment_id, self.student_id
        )
        cell.metadata.nbgrader[WAITS] = grade.auto_score is None and grade.manual_score is None
