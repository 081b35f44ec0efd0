"""Automatic scores that must not stay: those of an earlier grading, or of one that failed. Manual ones do stay."""

from collections.abc import Iterable

from nbgrader.api import BaseCell, Grade, Gradebook, MissingEntry
from sqlalchemy import select, update

from nbjudge.course.course import Course


def forget(db_url: str, assignment: str, student: str, notebooks: Iterable[str]) -> None:
    """Take back those that a student has for the notebooks with these names."""
    with Gradebook(db_url) as gradebook:
        for name in notebooks:
            try:
                submission = gradebook.find_submission_notebook(name, assignment, student)
            except MissingEntry:  # it was never graded
                continue
            cells = select(BaseCell.id).where(BaseCell.notebook_id == submission.notebook_id)
            own = (Grade.notebook_id == submission.id, Grade.cell_id.in_(cells))  # it has an index by both, not by one
            gradebook.db.execute(update(Grade).where(*own).values(auto_score=None))
        gradebook.db.commit()


def forget_all(course: Course, assignment: str, student: str) -> None:
    """Take back those of a whole submission."""
    forget(course.db_url, assignment, student, [path.stem for path in course.notebooks(assignment)])
