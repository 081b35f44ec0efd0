"""What people gave: points in place of the automatic ones, or beside them, and comments."""

from dataclasses import dataclass

from nbgrader.api import Assignment, BaseCell, Comment, Grade, Gradebook, SubmittedAssignment, SubmittedNotebook
from sqlalchemy import Select, or_, select


@dataclass(frozen=True)
class ByHand:
    """Points of a task in which a person had a part, or has to have.

    Attributes
    ----------
    task : its key in the gradebook
    automatic, given : None where there are none
    extra : on top of either
    is_open : whether a person has to look at it, still or again
    """

    student: str
    task: str
    automatic: float | None
    given: float | None
    extra: float
    is_open: bool


def points_by_hand(gradebook: Gradebook, assignment: str) -> list[ByHand]:
    """Of all students, by id and then by task; tasks that the autograder alone has graded are left out."""
    columns = (Grade.cell_id, Grade.auto_score, Grade.manual_score, Grade.extra_credit, Grade.needs_manual_grade)
    has_part = or_(Grade.manual_score.is_not(None), Grade.extra_credit.is_not(None), Grade.needs_manual_grade)
    query = each_of(Grade, assignment).add_columns(*columns).where(has_part)
    found = [
        ByHand(student, key, automatic, given, extra or 0.0, bool(is_open))
        for student, _, key, automatic, given, extra, is_open in gradebook.db.execute(query)
        if given is not None or extra or is_open
    ]
    return sorted(found, key=lambda each: (each.student, each.task))


def comments(gradebook: Gradebook, assignment: str, student: str) -> list[tuple[str, str]]:
    """Comments of people to a student: name of the cell below which it stands, and the text."""
    query = each_of(Comment, assignment).add_columns(Comment.manual_comment)
    query = query.where(SubmittedAssignment.student_id == student, Comment.manual_comment.is_not(None))
    return sorted((cell, text) for _, cell, text in gradebook.db.execute(query) if text.strip())


def each_of(kind: type[Grade] | type[Comment], assignment: str) -> Select:
    """Student and cell of each grade, or of each comment, in an assignment; columns can be added."""
    return (
        select(SubmittedAssignment.student_id, BaseCell.name)
        .select_from(kind)
        .join(SubmittedNotebook, kind.notebook_id == SubmittedNotebook.id)
        .join(SubmittedAssignment, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
        .join(Assignment, SubmittedAssignment.assignment_id == Assignment.id)
        .join(BaseCell, kind.cell_id == BaseCell.id)
        .where(Assignment.name == assignment)
    )
