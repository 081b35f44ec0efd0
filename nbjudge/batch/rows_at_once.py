"""Rows of the gradebook that belong to one notebook, read at once. nbgrader asks for each of them by its name."""

from collections.abc import Callable
from typing import Any

from nbgrader.api import (
    Assignment,
    BaseCell,
    Comment,
    Grade,
    Gradebook,
    GradeCell,
    Notebook,
    SolutionCell,
    SourceCell,
    SubmittedAssignment,
    SubmittedNotebook,
)
from sqlalchemy import Select, select

Find = Callable[..., Any]


def _finder(ask: Find, rows: Callable[..., Select]) -> Find:
    """``ask`` is nbgrader's own, for all others: cells of tasks, and those that aren't there."""

    def find(self: Gradebook, name: str, *place: str) -> Any:
        known, key = self.__dict__.setdefault("_rows", {}), (ask, *place)
        if key not in known:
            known[key] = dict(self.db.execute(rows(*place)).all())
        return known[key].get(name) or ask(self, name, *place)

    return find


def _cells(kind: Any) -> Callable[[str, str], Select]:
    """Cells of an instructor's notebook, by their names."""

    def rows(notebook: str, assignment: str) -> Select:
        of_notebook = select(kind.name, kind).join(Notebook, Notebook.id == kind.notebook_id)
        of_assignment = of_notebook.join(Assignment, Assignment.id == Notebook.assignment_id)
        return of_assignment.where(Notebook.name == notebook, Assignment.name == assignment)

    return rows


def _results(kind: Any, cell: Any) -> Callable[[str, str, str], Select]:
    """What a submission has for each of these cells, by their names.

    The gradebook finds a row by its cell and notebook; by the notebook alone, it goes through those of all students.
    """

    def rows(notebook: str, assignment: str, student: str) -> Select:
        own = (
            select(SubmittedNotebook.id, SubmittedNotebook.notebook_id)
            .join(Notebook, Notebook.id == SubmittedNotebook.notebook_id)
            .join(SubmittedAssignment, SubmittedAssignment.id == SubmittedNotebook.assignment_id)
            .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
            .where(Notebook.name == notebook, Assignment.name == assignment, SubmittedAssignment.student_id == student)
            .subquery()
        )
        cells = select(BaseCell.id).where(BaseCell.notebook_id == select(own.c.notebook_id).scalar_subquery())
        results = select(cell.name, kind).join(cell, cell.id == kind.cell_id)
        return results.where(kind.cell_id.in_(cells), kind.notebook_id == select(own.c.id).scalar_subquery())

    return rows


ROWS = {
    name: _finder(getattr(Gradebook, name), rows)
    for name, rows in (
        ("find_source_cell", _cells(SourceCell)),
        ("find_graded_cell", _cells(GradeCell)),
        ("find_grade", _results(Grade, GradeCell)),
        ("find_comment", _results(Comment, SolutionCell)),
    )
}
"""Methods of a gradebook. With the first row that nbgrader asks for, all are read, and kept until it is closed: nobody
adds any while a submission is graded."""
