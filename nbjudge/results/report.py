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

from nbjudge.course.course import Course
from nbjudge.pages.markup import visible
from nbjudge.results import gradebook as records
from nbjudge.results import pictures, similarity, statistics
from nbjudge.results.formats import duration, number, percent, signed
from nbjudge.results.gradebook import Record
from nbjudge.results.graded import Graded, Said, read_graded
from nbjudge.results.tasks import Task, stubs_of

__all__ = ["MARK", "page", "read_class"]

MOST_ROWS, MOST_SENTENCES, MOST_ALIKE, MOST_NAMES, MOST_LISTED = 20, 6, 25, 12, 60
MARK = '<meta name="generator" content="course report">'
FILE = re.compile(r"^The file .*(?= was (?:set aside|graded as))", re.DOTALL)
LEFT_OUT = "(a sentence that could name somebody)"


@dataclass
class Class:
    """All that the report is made of.

    Attributes
    ----------
    records : by student, those with a submission in the gradebook
    stubs : the cells as students got them, by notebook and ``grade_id``
    names : everything that could name somebody: ids, first and last names, addresses
    """

    assignment: str
    tasks: list[Task]
    records: dict[str, Record]
    graded: dict[str, Graded]
    not_graded: dict[str, str]
    stubs: dict[tuple[str, str], str]
    names: set[str]

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
        rows = [[self.records[each].score(task) for task in self.tasks] for each in self.counted]
        return np.array(rows, dtype=float).reshape(len(rows), len(self.tasks))


def read_class(course: Course, assignment: str) -> Class:
    """Read gradebook, graded notebooks and the names of what was handed in.

    Raises
    ------
    ValueError
        If the gradebook has no such assignment.
    """
    with records.open_gradebook(course) as book:
        tasks, everyone = records.read_records(book, course, [assignment])
        stubs = stubs_of(book, assignment)
    people = [each.person for each in everyone]
    names = {name for each in people for name in (each.id, each.last_name, each.first_name, each.email) if name}
    handed_in = {each.person.id: each for each in everyone if each.in_gradebook}
    absent = [each.person.id for each in everyone if not each.in_gradebook]
    graded: dict[str, Graded] = {}
    for student in handed_in:
        if Path(student).name == student:  # no path to another folder
            found = read_graded(course.autograded(student, assignment))
            graded |= {student: found} if found else {}
    why = _not_graded(course, assignment, handed_in, absent)
    return Class(assignment, tasks, handed_in, graded, why, stubs, names)


def _not_graded(course: Course, assignment: str, handed_in: dict[str, Record], absent: list[str]) -> dict[str, str]:
    """Those without a grade, and why."""
    why = dict.fromkeys(absent, "nothing was handed in")
    for folder in (course.submitted(student, assignment) for student in course.students(assignment)):
        there = any(folder.glob("*.ipynb"))
        why[folder.parent.name] = "not graded yet" if there else "there is no notebook (.ipynb) in the folder"
    for student, record in handed_in.items():
        why.pop(student, None)
        if not record.is_graded:
            why[student] = "the gradebook has the submission, but no score; grade it again"
    return dict(sorted(why.items()))


class Labels:
    """What students are called on the page: their ids, or numbers in an order drawn by lot.

    Lists are sorted by these: the order of the ids would give away who is who.
    """

    def __init__(self, made: Class, pseudonyms: bool) -> None:
        students = sorted({*made.records, *made.not_graded})
        self._names = made.names | set(students) if pseudonyms else set()
        long_enough = (re.escape(name) for name in self._names if len(name) > 2)
        parts = sorted(long_enough, key=len, reverse=True)
        self._known = re.compile(rf"(?<!\w)(?:{'|'.join(parts)})(?!\w)", re.IGNORECASE) if parts else None
        self.of = {student: student for student in students}
        if pseudonyms:
            random.SystemRandom().shuffle(students)
            width = len(str(len(students)))
            self.of = {student: f"Student {number:0{width}}" for number, student in enumerate(students, 1)}

    def text(self, sentence: str) -> str:
        """The sentence, which may quote a student; with pseudonyms, without names of people."""
        if not self._names:
            return sentence
        return LEFT_OUT if self._known and self._known.search(sentence) else sentence


def page(made: Class, pseudonyms: bool = False) -> str:
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
    environment.filters |= {each.__name__: each for each in (number, percent, signed, duration)}
    return environment.get_template("page.html.j2").render(mark=Markup(MARK), **contents(made, pseudonyms))


def contents(made: Class, pseudonyms: bool = False) -> dict[str, Any]:
    """What the template shows."""
    labels, table, tasks = Labels(made, pseudonyms), made.table(), made.tasks
    whole = table[~np.isnan(table).any(axis=1)]
    maximum = sum(task.maximum for task in tasks)
    numbers = statistics.task_numbers(table, [task.maximum for task in tasks])
    totals = whole.sum(axis=1)
    reasons = [_reasons(made, labels, task, each.n) for task, each in zip(tasks, numbers, strict=True)]
    return {
        "assignment": made.assignment,
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
                "numbers": each,
                "picture": pictures.task(each.counts, task.maximum) if each.n else None,
                "reasons": reasons[place - 1],
            }
            for place, (task, each) in enumerate(zip(tasks, numbers, strict=True), 1)
        ],
        "most_frequent": max((row[3] for each in reasons for row in each["shown"]), default=1.0),
        "fewest": statistics.FEWEST,
        "warnings": _warnings(made, labels, table, numbers),
        **_submissions(made, labels),
        **_alike(made, labels),
    }


def _reasons(made: Class, labels: Labels, task: Task, n: int) -> dict[str, Any]:
    """Why the task lost points, the most frequent first."""
    counts: Counter[Said] = Counter()
    for student in made.counted:
        said = made.graded[student].said.get((task.notebook, task.name)) if student in made.graded else None
        if said:
            counts[said if said.is_known else Said(labels.text(said.sentence), False)] += 1
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0].sentence))
    return {
        "shown": [
            (said.sentence, said.is_known, count, count / n if n else 0.0) for said, count in ranked[:MOST_SENTENCES]
        ],
        "others": len(ranked[MOST_SENTENCES:]),
        "of_others": sum(count for _, count in ranked[MOST_SENTENCES:]),
    }


def _warnings(
    made: Class, labels: Labels, table: NDArray, numbers: list[statistics.TaskNumbers]
) -> list[dict[str, Any]]:
    found = []
    for column, (task, each) in enumerate(zip(made.tasks, numbers, strict=True)):
        kind = statistics.trouble(each)
        if kind:
            chance = statistics.by_chance(each.n)
            examples = _puzzling(made, table, column) if kind == "negative" else []
            about = {"kind": kind, "task": task, "place": column + 1, "numbers": each, "chance": chance}
            found.append({**about, "examples": sorted(labels.of[student] for student in examples)})
    return found


def _puzzling(made: Class, table: NDArray, column: int) -> list[str]:
    """Up to five students without full points in a task who are best in the others."""
    rest = np.nansum(np.delete(table, column, axis=1), axis=1)
    low = [row for row in range(len(table)) if table[row, column] < made.tasks[column].maximum]
    return [made.counted[row] for row in sorted(low, key=lambda row: -rest[row])[:5]]


def _submissions(made: Class, labels: Labels) -> dict[str, Any]:
    """The lists of submissions to look at, each with its length and its first rows."""
    late = [(each, record) for each, record in made.records.items() if record.seconds_late or record.penalty]
    late.sort(key=lambda pair: (-(pair[1].seconds_late or 0), labels.of[pair[0]]))
    unknown = sum(record.seconds_late is None for record in made.records.values())
    refused = [(each, found.refused) for each, found in made.graded.items() if found.refused]
    repaired = [(each, said) for each, found in made.graded.items() for said in found.repaired]
    return {
        "refused": _by_sentence(refused, labels),
        "repaired": _by_sentence(repaired, labels),
        "late": _first((labels.of[each], record.seconds_late or 0.0, record.penalty or 0.0) for each, record in late),
        "no_time": unknown,
        "not_graded": _by_sentence(made.not_graded.items(), labels),
        "no_notebook": sum(record.is_graded and student not in made.graded for student, record in made.records.items()),
    }


def _by_sentence(pairs: Iterable[tuple[str, str]], labels: Labels) -> dict[str, Any]:
    """Students by what is said of them, the most frequent first. ``n`` counts students."""
    students: dict[str, list[str]] = defaultdict(list)
    everyone = set()
    for student, sentence in pairs:
        said = labels.text(FILE.sub("A file", sentence))  # its name makes each a sentence of its own
        if labels.of[student] not in students[said]:
            students[said].append(labels.of[student])
        everyone.add(student)
    rows = [
        (sentence, sorted(found)[:MOST_LISTED], len(found))
        for sentence, found in sorted(students.items(), key=lambda item: (-len(item[1]), item[0]))
    ]
    return {**_first(rows), "n": len(everyone)}


def _first(rows: Iterable[Any], most: int = MOST_ROWS) -> dict[str, Any]:
    everything = list(rows)
    return {"n": len(everything), "rows": everything[:most], "more": max(0, len(everything) - most)}


def _alike(made: Class, labels: Labels) -> dict[str, Any]:
    """Solutions that look alike. Cells are named with their notebook where there are several."""
    several = len({task.notebook for task in made.tasks}) > 1

    def named(texts: dict[tuple[str, str], str]) -> dict[str, str]:
        return {f"{notebook}/{name}" if several else name: text for (notebook, name), text in texts.items()}

    solutions = {each: named(found.answers) for each, found in made.graded.items() if not found.refused}
    cells: dict[str, None] = {name: None for answers in solutions.values() for name in answers}
    stubs = {name: text for name, text in named(made.stubs).items() if name in cells}
    found = similarity.find_alike(solutions, stubs)
    rows = [
        {
            "groups": sorted(
                (sorted(labels.of[each] for each in group)[:MOST_NAMES], len(group)) for group in pair.groups
            ),
            "likeness": pair.likeness,
            "rare": pair.rare,
            "cells": pair.cells,
            "sample": labels.text(pair.sample),
            "most_names": MOST_NAMES,
        }
        for pair in found.alike[:MOST_ALIKE]
    ]
    return {"alike": rows, "alike_more": len(found.alike) - len(rows), "compared": found.n, "measure": similarity}


def _seen(value: Any) -> Any:
    """What the template is about to write, without characters that can't be seen or turn text around."""
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value
