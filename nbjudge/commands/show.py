"""`course show`: what one student's submission was judged to be."""

from collections.abc import Iterator
from pathlib import Path

from rich.padding import Padding
from rich.text import Text

from nbjudge.commands import FORMGRADER, console, in_one_sentence, next_is, say
from nbjudge.course.characters import printable
from nbjudge.course.console import is_watched, print_json
from nbjudge.course.course import Course
from nbjudge.course.errors import CourseError
from nbjudge.course.isolation import NONE, sentences
from nbjudge.results.by_hand import ByHand
from nbjudge.results.formats import duration
from nbjudge.results.gradebook import MANUAL, MISSING, UNGRADED, Record
from nbjudge.results.student_result import StudentResult, read_result
from nbjudge.results.tasks import Task
from nbprobe.table import as_text
from nbprobe.verdict import Verdict


def show(assignment: str, student: str, as_json: bool, root: Path | None) -> None:
    """Show what a student's submission was judged to be: points, and why, in the words that the student reads."""
    course = Course.here(root)
    course.require_assignment(assignment)
    course.require_gradebook(assignment)
    with in_one_sentence():
        if student not in course.students(assignment):
            result = read_result(course, assignment, student)
        else:
            result = _read(course, assignment, student)
    if as_json:
        print_json(result.as_data())
        return
    for line in _lines(result):
        _print(line)
    _say_what_is_next(result.record, root)


def _read(course: Course, assignment: str, student: str) -> StudentResult:
    """Of somebody who handed in, whom the gradebook may not know yet."""
    try:
        return read_result(course, assignment, student)
    except CourseError:
        raise CourseError(
            f"{student} handed in {assignment}, but isn't graded yet; run course autograde {assignment}."
        ) from None


def _print(line: str) -> None:
    """In a terminal, what doesn't fit goes on below its beginning; in a pipe, lines stay whole."""
    text = line.lstrip()
    indent = len(line) - len(text)
    mark = 2 if text[:2] in ("✓ ", "✗ ", "! ") else 0
    if not is_watched():
        say(line)
    elif mark:
        console.print(Padding(_hanging(text, console.width - indent), (0, 0, 0, indent)))
    else:
        console.print(Padding(Text(text), (0, 0, 0, indent)))


def _hanging(text: str, width: int) -> Text:
    first, *others = Text(text[2:]).wrap(console, max(10, width - 2))
    return Text("\n").join([Text(text[:2]).append(first), *(Text("  ").append(line) for line in others)])


def _lines(result: StudentResult) -> Iterator[str]:
    record, graded = result.record, result.graded
    name = f" ({printable(record.person.full_name)})" if record.person.full_name else ""
    total = f"{record.total:g} of {record.maximum:g} points, " if record.total is not None else ""
    yield f"{record.assignment}: {printable(record.person.id)}{name}: {total}{record.status}"
    if record.timestamp:
        late = f", late by {duration(record.seconds_late)}" if record.seconds_late else ""
        yield f"Handed in {record.timestamp:%Y-%m-%d %H:%M} UTC{late}."
    if record.penalty:
        yield f"For lateness, {record.penalty:g} points were taken off."
    if graded.refused:
        yield f"Refused: {_one_line(graded.refused)}"
    if graded.isolation == NONE:
        yield from sentences([NONE])
    yield from (f"Repaired: {_one_line(repair.text)}" for repair in graded.repaired)
    if record.points:
        for task in result.tasks:
            yield ""
            yield from _task(task, record, result.verdict(task), result.by_hand.get(task.key))
    if result.comments:
        yield ""
        yield from (f"Comment below {cell}: {_one_line(text)}" for cell, text in result.comments)
    yield ""


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _task(task: Task, record: Record, verdict: Verdict | None, by_hand: ByHand | None) -> Iterator[str]:
    score = record.score(task)
    shown = "no points yet" if score is None else f"{score:g} of {task.maximum:g} points"
    yield f"{task.label}: {shown}"
    if by_hand:
        yield f"  {_by_hand(by_hand)}"
    if verdict:
        _, *lines = as_text(verdict).split("\n")
        if verdict.diagnosis:
            lines[0] = f"  {lines[0]}"
        yield from lines


def _by_hand(points: ByHand) -> str:
    said = []
    if points.given is not None:
        automatic = "none" if points.automatic is None else f"{points.automatic:g}"
        said.append(f"Given by hand: {points.given:g}; the automatic points are {automatic}.")
    if points.extra:
        said.append(f"Extra points: {points.extra:g}.")
    if points.is_open:
        said.append("It needs a manual grade." if points.given is None else "It is to be looked at again.")
    return " ".join(said)


def _say_what_is_next(record: Record, root: Path | None) -> None:
    assignment, student = record.assignment, record.person.id
    if record.status == UNGRADED:
        next_is("course", "autograde", assignment, "--student", student, root=root)
    elif record.status == MANUAL:
        next_is(*FORMGRADER)
    elif record.status == MISSING:
        next_is("course", "collect", assignment, "DOWNLOAD", root=root)
    else:
        next_is("course", "feedback", assignment, root=root)
