"""The report on an assignment: how it went, which tasks to look at, and which submissions. One page, no script."""

import random
import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jinja2
import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from nbjudge.pages.markup import visible
from nbjudge.results import pictures, similarity, statistics
from nbjudge.results.class_results import ClassResults, read_class
from nbjudge.results.formats import duration, number, percent, signed
from nbjudge.results.tasks import Task
from nbprobe.verdict import WRONG, Verdict

__all__ = ["MARK", "page", "read_class"]

MOST_ROWS, MOST_SENTENCES, MOST_ALIKE, MOST_NAMES, MOST_LISTED = 20, 6, 25, 12, 60
MARK = '<meta name="generator" content="course report">'
LEFT_OUT = "(a sentence that could name somebody)"


class Labels:
    """What students are called on the page: their ids and names, or numbers in an order drawn by lot.

    Lists are sorted by these: the order of the ids would give away who is who.
    """

    def __init__(self, results: ClassResults, pseudonyms: bool) -> None:
        students = sorted({*results.records, *results.not_graded})
        self._names = results.names | set(students) if pseudonyms else set()
        long_enough = (re.escape(name) for name in self._names if len(name) > 2)
        parts = sorted(long_enough, key=len, reverse=True)
        self._known = re.compile(rf"(?<!\w)(?:{'|'.join(parts)})(?!\w)", re.IGNORECASE) if parts else None
        called = {student: person.full_name for student, person in results.people.items()}
        self.of: dict[str, str] = {}
        for student in students:
            self.of[student] = f"{student} ({called[student]})" if called.get(student) else student
        if pseudonyms:
            random.SystemRandom().shuffle(students)
            width = len(str(len(students)))
            self.of = {student: f"Student {number:0{width}}" for number, student in enumerate(students, 1)}

    def text(self, sentence: str) -> str:
        """The sentence, which may quote a student; with pseudonyms, without names of people."""
        if not self._names:
            return sentence
        return LEFT_OUT if self._known and self._known.search(sentence) else sentence


def page(results: ClassResults, pseudonyms: bool = False) -> str:
    """The page as HTML."""
    loader = jinja2.FileSystemLoader(Path(__file__).parent / "templates" / "report")
    environment = jinja2.Environment(
        loader=loader,
        autoescape=True,
        finalize=_seen,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {function.__name__: function for function in (number, percent, signed, duration)}
    return environment.get_template("page.html.j2").render(mark=Markup(MARK), **contents(results, pseudonyms))


def contents(results: ClassResults, pseudonyms: bool = False) -> dict[str, Any]:
    """What the template shows."""
    labels, table, tasks = Labels(results, pseudonyms), results.table(), results.tasks
    whole = table[~np.isnan(table).any(axis=1)]
    maximum = sum(task.maximum for task in tasks)
    numbers = statistics.task_numbers(table, [task.maximum for task in tasks])
    totals = whole.sum(axis=1)
    reasons = [_reasons(results, labels, task, its.n) for task, its in zip(tasks, numbers, strict=True)]
    return {
        "assignment": results.assignment,
        "pseudonyms": pseudonyms,
        "graded": len(table),
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
                "reasons": reasons[place - 1],
            }
            for place, (task, its) in enumerate(zip(tasks, numbers, strict=True), 1)
        ],
        "most_frequent": max((row[3] for of_task in reasons for row in of_task["shown"]), default=1.0),
        "fewest": statistics.FEWEST,
        "warnings": _warnings(results, labels, table, numbers),
        **_submissions(results, labels),
        **_alike(results, labels),
    }


@dataclass(frozen=True)
class Cause:
    """Why a task lost points: a sentence, and whether it comes from the catalogue of misconceptions."""

    sentence: str
    is_known: bool


def _cause(verdict: Verdict) -> Cause | None:
    """The diagnosis; without one, the reason for the first probe that failed, in general words."""
    if verdict.diagnosis:
        return Cause(verdict.diagnosis, True)
    reasons = (row.reason.general for row in verdict.rows if row.kind == WRONG and row.reason)
    sentence = next(reasons, "")
    return Cause(sentence, False) if sentence else None


def _reasons(results: ClassResults, labels: Labels, task: Task, n: int) -> dict[str, Any]:
    """Why the task lost points, the most frequent first."""
    counts: Counter[Cause] = Counter()
    for student in results.counted:
        verdicts = results.graded[student].verdicts if student in results.graded else {}
        verdict = verdicts.get((task.notebook, task.name))
        cause = _cause(verdict) if verdict else None
        if cause:
            counts[cause if cause.is_known else Cause(labels.text(cause.sentence), False)] += 1
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0].sentence))
    return {
        "shown": [
            (cause.sentence, cause.is_known, count, count / n if n else 0.0) for cause, count in ranked[:MOST_SENTENCES]
        ],
        "others": len(ranked[MOST_SENTENCES:]),
        "of_others": sum(count for _, count in ranked[MOST_SENTENCES:]),
    }


def _warnings(
    results: ClassResults, labels: Labels, table: NDArray, numbers: list[statistics.TaskNumbers]
) -> list[dict[str, Any]]:
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


def _submissions(results: ClassResults, labels: Labels) -> dict[str, Any]:
    """The lists of submissions to look at, each with its length and its first rows."""
    late = [(student, record) for student, record in results.records.items() if record.seconds_late or record.penalty]
    late.sort(key=lambda pair: (-(pair[1].seconds_late or 0), labels.of[pair[0]]))
    unknown = sum(record.seconds_late is None for record in results.records.values())
    refused = [(student, graded.refused) for student, graded in results.graded.items() if graded.refused]
    repaired = [(student, one.general) for student, graded in results.graded.items() for one in graded.repaired]
    return {
        "refused": _by_sentence(refused, labels),
        "repaired": _by_sentence(repaired, labels),
        "late": _first((labels.of[one], record.seconds_late or 0.0, record.penalty or 0.0) for one, record in late),
        "no_time": unknown,
        "not_graded": _by_sentence(results.not_graded.items(), labels),
        "no_notebook": sum(
            record.is_graded and student not in results.graded for student, record in results.records.items()
        ),
    }


def _by_sentence(pairs: Iterable[tuple[str, str]], labels: Labels) -> dict[str, Any]:
    """Students by what is said of them, the most frequent first. ``n`` counts students."""
    students: dict[str, list[str]] = defaultdict(list)
    everyone = set()
    for student, sentence in pairs:
        shown = labels.text(sentence)
        if labels.of[student] not in students[shown]:
            students[shown].append(labels.of[student])
        everyone.add(student)
    rows = [
        (sentence, sorted(labelled)[:MOST_LISTED], len(labelled))
        for sentence, labelled in sorted(students.items(), key=lambda item: (-len(item[1]), item[0]))
    ]
    return {**_first(rows), "n": len(everyone)}


def _first(rows: Iterable[Any], most: int = MOST_ROWS) -> dict[str, Any]:
    everything = list(rows)
    return {"n": len(everything), "rows": everything[:most], "more": max(0, len(everything) - most)}


def _alike(results: ClassResults, labels: Labels) -> dict[str, Any]:
    """Solutions that look alike. Cells are named with their notebook where there are several."""
    several = len({task.notebook for task in results.tasks}) > 1

    def named(texts: dict[tuple[str, str], str]) -> dict[str, str]:
        return {f"{notebook}/{name}" if several else name: text for (notebook, name), text in texts.items()}

    solutions = {student: named(graded.answers) for student, graded in results.graded.items() if not graded.refused}
    cells: dict[str, None] = {name: None for answers in solutions.values() for name in answers}
    stubs = {name: text for name, text in named(results.stubs).items() if name in cells}
    comparison = similarity.find_alike(solutions, stubs)
    rows = [
        {
            "groups": sorted(
                (sorted(labels.of[student] for student in group)[:MOST_NAMES], len(group)) for group in pair.groups
            ),
            "likeness": pair.likeness,
            "rare": pair.rare,
            "cells": pair.cells,
            "sample": labels.text(pair.sample),
            "most_names": MOST_NAMES,
        }
        for pair in comparison.alike[:MOST_ALIKE]
    ]
    return {
        "alike": rows,
        "alike_more": len(comparison.alike) - len(rows),
        "compared": comparison.n,
        "measure": similarity,
    }


def _seen(value: Any) -> Any:
    """What the template is about to write, without characters that can't be seen or turn text around."""
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value
