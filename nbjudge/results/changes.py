"""What changed since the last report: it leaves a small file with the points that it was about."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from nbjudge.course.course import Course
from nbjudge.course.files import make_folders, whole_file
from nbjudge.results.class_results import ClassResults
from nbjudge.results.labels import Labels
from nbjudge.results.lists import first
from nbjudge.results.statistics import SAME

Points = dict[str, float]
"""Of one student, by name of the notebook and of the test cell."""


@dataclass
class LastReport:
    """What the last report was about.

    Attributes
    ----------
    time : when it was made
    points : of each student who had a grade, by id
    """

    time: datetime
    points: dict[str, Points] = field(default_factory=dict)


def read_last(course: Course, assignment: str) -> LastReport | None:
    """The last report's points; None if there was no report, or its file is damaged."""
    path = course.last_report(assignment)
    try:
        stored = json.loads(path.read_bytes())
        time = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        points = {student: {name: float(value) for name, value in own.items()} for student, own in dict(stored).items()}
    except (OSError, ValueError, TypeError, AttributeError, RecursionError):
        return None
    return LastReport(time, points)


def remember(course: Course, results: ClassResults) -> None:
    """Keep the points for the next report.

    Raises
    ------
    OSError
        If the file can't be written.
    """
    path = course.last_report(results.assignment)
    make_folders(path.parent)
    with whole_file(path) as file:
        file.write(json.dumps(_points(results), indent=1).encode())


def _points(results: ClassResults) -> dict[str, Points]:
    found = {}
    for student, record in results.records.items():
        scores = {f"{task.notebook}/{task.name}": record.score(task) for task in results.tasks}
        if record.is_graded:
            found[student] = {name: score for name, score in scores.items() if score is not None}
    return found


def section(results: ClassResults, last: LastReport | None, labels: Labels) -> dict[str, Any] | None:
    """Who got other points than in the last report, and who is new in this one or gone from it."""
    if last is None:
        return None
    now, titles = _points(results), {f"{task.notebook}/{task.name}": task.label for task in results.tasks}
    other = []
    for student in sorted(now.keys() & last.points.keys(), key=labels.of.__getitem__):
        before, after = last.points[student], now[student]
        names = [name for name in (titles | before) if abs(after.get(name, 0.0) - before.get(name, 0.0)) > SAME]
        if names:
            tasks = [(titles.get(name, name), before.get(name, 0.0), after.get(name, 0.0)) for name in names]
            other.append((labels.of[student], sum(before.values()), sum(after.values()), tasks))
    new = sorted(labels.of[student] for student in now.keys() - last.points.keys())
    return {
        "time": last.time,
        "other": first(other),
        "new": first(new, 60),
        "gone": len(last.points.keys() - now.keys()),
    }
