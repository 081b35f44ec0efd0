"""The report on an assignment: how it went, which tasks to look at, and which submissions. One page, no script."""

from typing import Any

import numpy as np

from nbjudge.course.isolation import sentences
from nbjudge.results import attention, changes, likeness, pictures, probes, reasons, statistics
from nbjudge.results.changes import LastReport
from nbjudge.results.class_results import ClassResults, read_class
from nbjudge.results.labels import Labels
from nbjudge.results.page import MARK, render

__all__ = ["MARK", "page", "read_class"]


def page(results: ClassResults, pseudonyms: bool = False, last: LastReport | None = None) -> str:
    """The page as HTML; ``last`` is what the last report was about."""
    return render("page.html.j2", **contents(results, pseudonyms, last))


def contents(results: ClassResults, pseudonyms: bool = False, last: LastReport | None = None) -> dict[str, Any]:
    """What the template shows."""
    labels, table, tasks = Labels([results], pseudonyms), results.table(), results.tasks
    whole = table[~np.isnan(table).any(axis=1)]
    maximum = sum(task.maximum for task in tasks)
    numbers = statistics.task_numbers(table, [task.maximum for task in tasks])
    totals = whole.sum(axis=1)
    places = {task.key: place for place, task in enumerate(tasks, 1)}
    losses = reasons.losses(results)
    of_tasks = [reasons.of_task(losses, task, its.n) for task, its in zip(tasks, numbers, strict=True)]
    return {
        "assignment": results.assignment,
        "pseudonyms": pseudonyms,
        "graded": len(table),
        "walls": sentences(graded.isolation for graded in results.graded.values()),
        "maximum": maximum,
        "spread": statistics.spread(totals),
        "unfinished": len(table) - len(whole),
        "picture": pictures.totals(totals, maximum) if len(totals) else None,
        "tasks": [
            {
                "place": place,
                "task": task,
                "numbers": its,
                "picture": pictures.task(its.counts, task.maximum) if its.n else None,
                "reasons": of_tasks[place - 1],
            }
            for place, (task, its) in enumerate(zip(tasks, numbers, strict=True), 1)
        ],
        "most_frequent": max((row[3] for of_task in of_tasks for row in of_task["shown"]), default=1.0),
        "across": reasons.across_tasks(losses, places),
        "unnamed": reasons.without_name(losses, labels, places),
        "fewest": statistics.FEWEST,
        "probes": probes.section(results),
        "warnings": attention.tasks_to_look_at(results, labels, table, numbers),
        "changed": changes.section(results, last, labels),
        **attention.submissions(results, labels),
        **likeness.section(results, labels),
    }
