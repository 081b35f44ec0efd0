"""Why points were lost: which sentence a student read first, and what no sentence names."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from nbjudge.results.class_results import ClassResults
from nbjudge.results.labels import Labels
from nbjudge.results.lists import first
from nbjudge.results.tasks import Task
from nbprobe.verdict import VOID, WRONG, Row, Verdict

MOST_SENTENCES, MOST_FREQUENT, TO_READ = 6, 12, 12
NAMES_NO_CAUSE = {
    "The values are wrong.",
    "The shape is wrong.",
    "Some of the values are right, and others wrong.",
    "Every value is … times what it should be.",
    "The sign is flipped, and every value is … times what it should be.",
    "Every value is … too large.",
    "Every value is … too small.",
    "Nearly right. Was something small added, rounded, or clipped?",
}
"""Reasons, in general, that say that a result is wrong and not what was done to it."""


@dataclass(frozen=True)
class Cause:
    """Why a task lost points: a sentence, and whether it comes from the catalogue of misconceptions."""

    sentence: str
    is_known: bool


class Loss(NamedTuple):
    """What a student lost in a task, and why; ``row`` is the first probe that failed."""

    student: str
    task: Task
    points: float
    cause: Cause
    row: Row | None


class Frequent(NamedTuple):
    """A sentence that was read, how often, by how many, and what these lost where they read it."""

    cause: Cause
    times: int
    students: int
    points: float
    tasks: list[tuple[int, str]]


def is_failed(row: Row) -> bool:
    """Whether a probe failed; not if it was right, and only counts for nothing because another one failed."""
    return row.kind == WRONG and not (row.reason and row.reason.general == VOID.general)


def losses(results: ClassResults) -> list[Loss]:
    """All tasks of all counted students for which there is a sentence."""
    found = []
    for student in results.counted:
        verdicts = results.graded[student].verdicts if student in results.graded else {}
        for task in results.tasks:
            verdict = verdicts.get((task.notebook, task.name))
            row = next((row for row in verdict.rows if is_failed(row) and row.reason), None) if verdict else None
            cause = _cause(verdict, row) if verdict else None
            if cause:
                lost = max(0.0, task.maximum - (results.records[student].score(task) or 0.0))
                found.append(Loss(student, task, lost, cause, row))
    return found


def _cause(verdict: Verdict, row: Row | None) -> Cause | None:
    """The diagnosis; without one, the reason for the first probe that failed. In general words, which name nobody."""
    if verdict.diagnosis:
        return Cause(verdict.diagnosis, True)
    return Cause(row.reason.general, False) if row and row.reason else None


def of_task(found: list[Loss], task: Task, n: int) -> dict[str, Any]:
    """Why a task lost points, the most frequent first; ``n`` students have a score for it."""
    counts = Counter(loss.cause for loss in found if loss.task == task)
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0].sentence))
    return {
        "shown": [
            (cause.sentence, cause.is_known, count, count / n if n else 0.0) for cause, count in ranked[:MOST_SENTENCES]
        ],
        "others": len(ranked[MOST_SENTENCES:]),
        "of_others": sum(count for _, count in ranked[MOST_SENTENCES:]),
    }


def across_tasks(found: list[Loss], places: dict[str, int]) -> dict[str, Any]:
    """The sentences that were read most often, with what they cost; ``places`` are the tasks' numbers by key."""
    by_cause: dict[Cause, list[Loss]] = defaultdict(list)
    for loss in found:
        by_cause[loss.cause].append(loss)
    rows = [
        Frequent(
            cause,
            len(its),
            len({loss.student for loss in its}),
            sum(loss.points for loss in its),
            sorted({(places[loss.task.key], loss.task.label) for loss in its}),
        )
        for cause, its in by_cause.items()
    ]
    ranked = first(sorted(rows, key=lambda row: (-row.times, -row.points, row.cause.sentence)), MOST_FREQUENT)
    return {
        **ranked,
        "whole": sum(loss.points for loss in found),
        "highest": max((row.points for row in ranked["rows"]), default=0.0) or 1.0,
    }


def without_name(found: list[Loss], labels: Labels, places: dict[str, int]) -> dict[str, Any]:
    """Wrong results that no sentence names: how many, of which tasks and probes, and whose to read."""
    lost: dict[tuple[int, str, str, str], list[str]] = defaultdict(list)
    for loss in _unnamed(found):
        assert loss.row is not None
        key = places[loss.task.key], loss.task.label, loss.row.name, loss.cause.sentence
        lost[key].append(labels.of[loss.student])
    rows = [
        {"place": place, "label": label, "probe": probe, "sentence": sentence, "n": len(students)}
        | {"students": sorted(students)[:TO_READ]}
        for (place, label, probe, sentence), students in sorted(lost.items(), key=lambda item: (-len(item[1]), item[0]))
    ]
    return {**first(rows), "n": sum(row["n"] for row in rows), "tasks": len({row["place"] for row in rows})}


def _unnamed(found: list[Loss]) -> Iterator[Loss]:
    return (loss for loss in found if not loss.cause.is_known and loss.cause.sentence in NAMES_NO_CAUSE)
