"""`course table` and `course intake`: the class at a glance."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from rich import box
from rich.table import Table
from rich.text import Text

from nbjudge.commands import as_typed, in_one_sentence, next_is, say_beside, show_table, some
from nbjudge.commands.class_table import show_class
from nbjudge.course.characters import printable
from nbjudge.course.console import print_json
from nbjudge.course.course import Course
from nbjudge.course.graded import notebooks_in, read_graded
from nbjudge.course.isolation import sentences
from nbjudge.course.student_ids import UNGRADED, UNGRADED_ID
from nbjudge.results.table import read_table

REPAIRED, REFUSED, NO_GRADE = "repaired", "refused", "no grade"


def table(assignment: str, as_json: bool, root: Path | None) -> None:
    """Show the points of every student in every task."""
    course = Course.here(root)
    course.require_assignment(assignment)
    course.require_gradebook(assignment)
    with in_one_sentence():
        shown = read_table(course, assignment)
    if as_json:
        print_json(shown.as_data())
        return
    show_class(shown)
    if shown.walls:
        say_beside(" ".join(sentences(shown.walls)))
    if shown.waiting:
        say_beside(f"Not graded yet: {some(shown.waiting)}.")
        next_is("course", "autograde", assignment, root=root, beside_table=True)
        return
    say_beside(f"One student's tasks: {as_typed('course', 'show', assignment, 'STUDENT', root=root)}")
    next_is("course", "report", assignment, root=root, beside_table=True)


class Finding(NamedTuple):
    """What the intake did to a submission, or why there is no grade."""

    student: str
    what: str
    said: str


def intake(assignment: str, as_json: bool, root: Path | None) -> None:
    """Show which submissions were repaired before they were graded, and which couldn't be graded."""
    course = Course.here(root)
    course.require_assignment(assignment)
    students = course.students(assignment)
    found = [finding for student in students for finding in _findings(course, assignment, student)]
    if as_json:
        print_json([finding._asdict() for finding in found])
        return
    rows = Table("student", "", "what", title=f"{assignment}: intake", box=box.SIMPLE_HEAD)
    rows.columns[0].overflow = rows.columns[2].overflow = "fold"
    rows.columns[1].no_wrap = True
    for finding in found:
        what = Text(finding.what, style="" if finding.what == REPAIRED else "red")
        rows.add_row(printable(finding.student), what, finding.said)
    show_table(rows, Finding._fields, found)
    waiting = {finding.student for finding in found if finding.what == NO_GRADE}
    say_beside(f"{len(students) - len(waiting)} of {len(students)} graded.")
    if students:
        next_is("course", "autograde" if waiting else "table", assignment, root=root, beside_table=True)
    else:
        next_is("course", "collect", assignment, "DOWNLOAD", root=root, beside_table=True)


def _findings(course: Course, assignment: str, student: str) -> Iterator[Finding]:
    paths = notebooks_in(course.autograded(student, assignment))
    for notebook in filter(None, map(read_graded, paths)):
        for repair in notebook.repaired:
            yield Finding(student, REPAIRED, repair.text)
        if notebook.refused:
            yield Finding(student, REFUSED, notebook.refused)
    if not paths:
        why = UNGRADED_ID if UNGRADED.search(student) else course.why_not_graded(student, assignment)
        yield Finding(student, NO_GRADE, why)
