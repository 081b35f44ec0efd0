"""What the report needs of a class: gradebook, graded notebooks, and what was handed in."""

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nbjudge.course.course import Course
from nbjudge.course.graded import Graded, read_submission
from nbjudge.results.by_hand import ByHand, points_by_hand
from nbjudge.results.gradebook import MISSING, Person, Record, open_gradebook, read_records
from nbjudge.results.tasks import Task, stubs_of


@dataclass
class ClassResults:
    """How an assignment went in a class.

    Attributes
    ----------
    records : by student, those with a submission in the gradebook
    stubs : the cells as students got them, by notebook and ``grade_id``
    people : everybody in the gradebook, by id
    by_hand : points in which a person had a part, or has to have
    names : everything that could name somebody: ids, first and last names, addresses
    """

    assignment: str
    tasks: list[Task]
    records: dict[str, Record]
    graded: dict[str, Graded]
    not_graded: dict[str, str]
    stubs: dict[tuple[str, str], str]
    names: set[str]
    people: dict[str, Person] = field(default_factory=dict)
    by_hand: list[ByHand] = field(default_factory=list)
    due: datetime | None = None

    @property
    def counted(self) -> list[str]:
        """Students in the statistics: with a score, and not refused."""
        return [
            student for student, record in self.records.items() if record.is_graded and not self.is_refused(student)
        ]

    def is_refused(self, student: str) -> bool:
        return student in self.graded and bool(self.graded[student].refused)

    def table(self) -> NDArray:
        """Points of the counted students, [N, T], with NaN where there is no score."""
        rows = [[self.records[student].score(task) for task in self.tasks] for student in self.counted]
        return np.array(rows, dtype=float).reshape(len(rows), len(self.tasks))


def read_class(course: Course, assignment: str) -> ClassResults:
    """Read gradebook, graded notebooks and the names of what was handed in.

    Raises
    ------
    CourseError
        If the gradebook has no such assignment.
    """
    with open_gradebook(course) as book:
        tasks, everyone = read_records(book, course, [assignment])
        stubs = stubs_of(book, assignment)
        by_hand = points_by_hand(book, assignment)
    people = [record.person for record in everyone]
    names = {name for one in people for name in (one.id, one.last_name, one.first_name, one.email) if name}
    handed_in = {record.person.id: record for record in everyone if record.in_gradebook and record.status != MISSING}
    absent = [record.person.id for record in everyone if record.person.id not in handed_in]
    graded: dict[str, Graded] = {}
    for student in handed_in:
        if Path(student).name == student:  # no path to another folder
            submission = read_submission(course.autograded(student, assignment))
            graded |= {student: submission} if submission else {}
    why = _not_graded(course, assignment, handed_in, absent)
    by_id = {person.id: person for person in people}
    due = next((record.duedate for record in everyone), None)
    return ClassResults(assignment, tasks, handed_in, graded, why, stubs, names, by_id, by_hand, due)


def _not_graded(course: Course, assignment: str, handed_in: dict[str, Record], absent: list[str]) -> dict[str, str]:
    """Those without a grade, and why."""
    why = dict.fromkeys(absent, "nothing was handed in")
    for student in course.students(assignment):
        why[student] = course.why_not_graded(student, assignment)
    for student, record in handed_in.items():
        why.pop(student, None)
        if not record.is_graded:
            why[student] = "the gradebook has the submission, but no score; grade it again"
    return dict(sorted(why.items()))
