"""What one student's submission was judged to be, from gradebook and graded notebook."""

from dataclasses import dataclass
from typing import Any

from nbjudge.course.course import Course
from nbjudge.course.graded import Graded, read_submission
from nbjudge.results.by_hand import ByHand, comments, points_by_hand
from nbjudge.results.gradebook import Record, existing, open_gradebook, read_records
from nbjudge.results.tasks import Task
from nbprobe.verdict import Verdict


@dataclass(frozen=True)
class StudentResult:
    """Points and verdicts of one student in one assignment.

    Attributes
    ----------
    by_hand : by key of the task
    comments : name of a cell, and what a person wrote below it
    """

    record: Record
    tasks: list[Task]
    graded: Graded
    by_hand: dict[str, ByHand]
    comments: list[tuple[str, str]]

    def verdict(self, task: Task) -> Verdict | None:
        return self.graded.verdicts.get((task.notebook, task.name))

    def as_data(self) -> dict[str, Any]:
        """The same for programs."""
        record = self.record
        return {
            "assignment": record.assignment,
            "student": record.person.id,
            "name": record.person.full_name,
            "status": record.status,
            "handed_in": record.timestamp.isoformat() + "Z" if record.timestamp else None,
            "seconds_late": record.seconds_late,
            "points": record.raw,
            "penalty": record.penalty,
            "total": record.total,
            "possible": record.maximum,
            "refused": self.graded.refused,
            "repaired": [repair.text for repair in self.graded.repaired],
            "stopped": self.graded.stopped,
            "isolation": self.graded.isolation,
            "tasks": [self._task(task) for task in self.tasks],
            "comments": [{"cell": cell, "comment": text} for cell, text in self.comments],
        }

    def _task(self, task: Task) -> dict[str, Any]:
        verdict, by_hand = self.verdict(task), self.by_hand.get(task.key)
        rows = verdict.as_data()["rows"] if verdict else []
        return {
            "name": task.name,
            "number": task.number,
            "title": task.title,
            "points": self.record.score(task),
            "possible": task.maximum,
            "plain": task.is_plain,
            "automatic": by_hand.automatic if by_hand else self.record.score(task),
            "given": by_hand.given if by_hand else None,
            "extra": by_hand.extra if by_hand else 0.0,
            "needs_manual_grade": bool(by_hand and by_hand.is_open),
            "diagnosis": verdict.diagnosis if verdict else "",
            "rows": [{**row, "reason": (row["reason"] or {}).get("text", "")} for row in rows],
        }


def read_result(course: Course, assignment: str, student: str) -> StudentResult:
    """
    Raises
    ------
    CourseError
        If the gradebook has no such assignment, or no such student.
    """
    with open_gradebook(course) as gradebook:
        tasks, (record,) = read_records(gradebook, course, [assignment], [student])
        by_hand = {each.task: each for each in points_by_hand(gradebook, assignment) if each.student == student}
        said = comments(gradebook, assignment, student)
    folder = existing(course.autograded, student, assignment)
    graded = read_submission(folder) if folder else None
    return StudentResult(record, tasks, graded or Graded(), by_hand, said)
