"""The report on a term: how points went over its assignments, what comes back, and who stopped handing in."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np
from nbgrader.api import Assignment
from numpy.typing import NDArray
from sqlalchemy import select

from nbjudge.course.course import NOT_YET, Course
from nbjudge.course.errors import CourseError
from nbjudge.results import reasons, statistics
from nbjudge.results.class_results import ClassResults, read_class
from nbjudge.results.gradebook import open_gradebook
from nbjudge.results.labels import Labels
from nbjudge.results.lists import first
from nbjudge.results.page import render


def read_term(course: Course) -> list[ClassResults]:
    """All assignments of the gradebook to which somebody has handed in, in the order in which they were due.

    Raises
    ------
    CourseError
        If there is none.
    """
    with open_gradebook(course) as book:
        names = sorted(book.db.execute(select(Assignment.name)).scalars())
    classes = [results for results in (read_class(course, name) for name in names) if results.records]
    if not classes:
        raise CourseError("nothing is graded yet; run course autograde ASSIGNMENT first.")
    return sorted(classes, key=lambda results: (results.due or datetime.max, results.assignment))


def term_page(classes: Sequence[ClassResults], pseudonyms: bool = False) -> str:
    """The page as HTML."""
    return render("term.html.j2", **contents(classes, pseudonyms))


def contents(classes: Sequence[ClassResults], pseudonyms: bool = False) -> dict[str, Any]:
    """What the template shows."""
    labels = Labels(classes, pseudonyms)
    shares = _shares(classes)
    return {
        "pseudonyms": pseudonyms,
        "assignments": [_assignment(results, shares, column) for column, results in enumerate(classes)],
        "handed_in": len({student for results in classes for student in results.records}),
        "again": _what_comes_back(classes, labels),
        "stopped": _who_stopped(classes, labels),
        "fewest": statistics.FEWEST,
    }


def _shares(classes: Sequence[ClassResults]) -> NDArray:
    """Share of the points of each student in each assignment, [N, A], with NaN where they aren't counted."""
    students = sorted({student for results in classes for student in results.counted})
    row_of = {student: row for row, student in enumerate(students)}
    shares = np.full((len(students), len(classes)), np.nan)
    for column, results in enumerate(classes):
        maximum = sum(task.maximum for task in results.tasks)
        for student, total in zip(results.counted, results.table().sum(axis=1), strict=True):
            shares[row_of[student], column] = total / maximum if maximum else np.nan
    return shares


def _assignment(results: ClassResults, shares: NDArray, column: int) -> dict[str, Any]:
    table = results.table()
    totals = table[~np.isnan(table).any(axis=1)].sum(axis=1)
    numbers = statistics.task_numbers(table, [task.maximum for task in results.tasks])
    known = [(its.discrimination, task.label) for its, task in zip(numbers, results.tasks, strict=True)]
    discriminations = sorted((value, title) for value, title in known if value is not None)
    own = shares[:, column][~np.isnan(shares[:, column])]
    correlation, why_not = statistics.item_rest(shares, column)
    return {
        "name": results.assignment,
        "due": results.due,
        "graded": len(results.counted),
        "maximum": sum(task.maximum for task in results.tasks),
        "spread": statistics.spread(totals),
        "share": float(own.mean()) if len(own) else None,
        "discrimination": float(np.mean([value for value, _ in discriminations])) if discriminations else None,
        "lowest": discriminations[0] if discriminations else None,
        "with_others": correlation,
        "why_not": why_not.replace("task", "assignment"),
        "broken": sum(bool(statistics.trouble(its)) for its in numbers),
        "refused": sum(map(results.is_refused, results.records)),
        "late": sum(record.is_late for record in results.records.values()),
        "not_graded": len(results.not_graded),
    }


def _what_comes_back(classes: Sequence[ClassResults], labels: Labels) -> dict[str, Any]:
    """Sentences that students read in several assignments."""
    found: dict[reasons.Cause, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for results in classes:
        for loss in reasons.losses(results):
            if loss.cause.sentence not in reasons.NAMES_NO_CAUSE:
                found[loss.cause][results.assignment].add(loss.student)
    rows: list[tuple[reasons.Cause, list[int], int, list[str]]] = []
    for cause, by_assignment in found.items():
        if len(by_assignment) > 1:
            times = [len(by_assignment.get(results.assignment, ())) for results in classes]
            seen = [student for students in by_assignment.values() for student in students]
            again = sorted(labels.of[student] for student in set(seen) if seen.count(student) > 1)
            rows.append((cause, times, len(set(seen)), again))
    return first(sorted(rows, key=lambda row: (not row[0].is_known, -sum(row[1]), row[0].sentence)))


def _who_stopped(classes: Sequence[ClassResults], labels: Labels) -> dict[str, Any]:
    """Students who handed in before, and not in the last assignments that are due."""
    now = datetime.now(UTC).replace(tzinfo=None)  # as nbgrader keeps times
    over = [results for results in classes if results.due is None or results.due < now]
    rows = []
    for student in {student for results in over for student in results.records}:
        handed_in = [student in _who_handed_in(results) for results in over]
        last = max((place for place, there in enumerate(handed_in) if there), default=-1)
        missed = len(over) - 1 - last
        if last >= 0 and missed:
            shares = [_share(results, student) for results in over[: last + 1]]
            counted = [share for share in shares if share is not None]
            mean = sum(counted) / len(counted) if counted else None
            rows.append((labels.of[student], over[last].assignment, missed, sum(handed_in), mean))
    return {**first(sorted(rows, key=lambda row: (-row[2], row[0])), 60), "of": len(over)}


def _who_handed_in(results: ClassResults) -> set[str]:
    waiting = {student for student, why in results.not_graded.items() if why == NOT_YET}
    return {*results.records, *waiting}


def _share(results: ClassResults, student: str) -> float | None:
    record = results.records.get(student)
    return record.raw / record.maximum if record and record.raw is not None and record.maximum else None
