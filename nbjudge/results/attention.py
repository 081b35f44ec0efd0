"""Which tasks and which submissions an instructor should look at."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nbjudge.results import statistics
from nbjudge.results.class_results import ClassResults
from nbjudge.results.labels import Labels
from nbjudge.results.lists import by_sentence, first


def tasks_to_look_at(
    results: ClassResults, labels: Labels, table: NDArray, numbers: list[statistics.TaskNumbers]
) -> list[dict[str, Any]]:
    """Tasks that look broken, and why."""
    warnings = []
    for column, (task, its) in enumerate(zip(results.tasks, numbers, strict=True)):
        kind = statistics.trouble(its)
        if kind:
            chance = statistics.by_chance(its.n)
            examples = _puzzling(results, table, column) if kind == "negative" else []
            about = {"kind": kind, "task": task, "place": column + 1, "numbers": its, "chance": chance}
            warnings.append({**about, "examples": sorted(labels.of[student] for student in examples)})
    return warnings


def _puzzling(results: ClassResults, table: NDArray, column: int) -> list[str]:
    """Up to five students without full points in a task who are best in the others."""
    rest = np.nansum(np.delete(table, column, axis=1), axis=1)
    low = [row for row in range(len(table)) if table[row, column] < results.tasks[column].maximum]
    return [results.counted[row] for row in sorted(low, key=lambda row: -rest[row])[:5]]


def submissions(results: ClassResults, labels: Labels) -> dict[str, Any]:
    """The lists of submissions to look at, each with its length and its first rows."""
    late = [(student, record) for student, record in results.records.items() if record.is_late]
    late.sort(key=lambda pair: (-(pair[1].seconds_late or 0), labels.of[pair[0]]))
    unknown = sum(record.seconds_late is None for record in results.records.values())
    refused = [(student, graded.refused) for student, graded in results.graded.items() if graded.refused]
    repaired = [(student, one.general) for student, graded in results.graded.items() for one in graded.repaired]
    return {
        "refused": by_sentence(refused, labels),
        "repaired": by_sentence(repaired, labels),
        "late": first((labels.of[one], record.seconds_late or 0.0, record.penalty or 0.0) for one, record in late),
        "no_time": unknown,
        "not_graded": by_sentence(results.not_graded.items(), labels),
        "by_hand": _by_hand(results, labels),
        "no_notebook": sum(
            record.is_graded and student not in results.graded for student, record in results.records.items()
        ),
    }


def _by_hand(results: ClassResults, labels: Labels) -> dict[str, Any]:
    """Points that people gave, those first that still wait for somebody."""
    places = {task.key: (place, task) for place, task in enumerate(results.tasks, 1)}
    ours = [each for each in results.by_hand if each.student in results.records and each.task in places]
    ours.sort(key=lambda each: (not each.is_open, labels.of[each.student], places[each.task][0]))
    rows = [{"who": labels.of[each.student], "task": places[each.task][1], "points": each} for each in ours]
    return {**first(rows, 60), "open": sum(each.is_open for each in ours)}
