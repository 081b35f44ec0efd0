"""What each probe did in a class: who passes it, and whether it tells anybody from the others."""

from collections import defaultdict
from typing import Any

from nbjudge.results.class_results import ClassResults
from nbjudge.results.reasons import is_failed
from nbjudge.results.statistics import ProbeNumbers
from nbjudge.results.tasks import Task


def probes_of(results: ClassResults, task: Task) -> list[ProbeNumbers]:
    """The probes of a task that give points, in the order of its test."""
    outcomes: dict[str, dict[str, bool]] = defaultdict(dict)
    points: dict[str, float] = {}
    for student in results.counted:
        verdicts = results.graded[student].verdicts if student in results.graded else {}
        verdict = verdicts.get((task.notebook, task.name))
        for row in verdict.rows if verdict and not verdict.plain else []:
            if row.maximum > 0:
                outcomes[row.name][student] = is_failed(row)
                points[row.name] = row.maximum
    failed = {student: 0 for each in outcomes.values() for student in each}
    for each in outcomes.values():
        for student, is_wrong in each.items():
            failed[student] += is_wrong
    return [
        ProbeNumbers(
            name,
            points[name],
            len(each),
            sum(not is_wrong for is_wrong in each.values()),
            sum(is_wrong and failed[student] == 1 for student, is_wrong in each.items()),
        )
        for name, each in outcomes.items()
    ]


def section(results: ClassResults) -> dict[str, Any]:
    """All probes by task, and which of them never separate anybody."""
    tasks = [(place, task, probes_of(results, task)) for place, task in enumerate(results.tasks, 1)]
    everything = [(place, task, probe) for place, task, probes in tasks for probe in probes]
    return {
        "n": len(everything),
        "tasks": [
            {"place": place, "label": task.label, "probes": [(probe.name, probe) for probe in probes]}
            for place, task, probes in tasks
            if probes
        ],
        "idle": [(place, probe.name, probe) for place, _, probe in everything if probe.never_separates],
    }
