"""`course export`: grades for a spreadsheet, for Canvas or for Moodle."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from nbgrader.api import Gradebook
from sqlalchemy.exc import SQLAlchemyError

from nbjudge.commands import Assignment, CommandError, Root, console, unreadable
from nbjudge.course import lms as lms_names
from nbjudge.course.course import directory, require_gradebook
from nbjudge.course.errors import CourseError
from nbjudge.results import export as desk
from nbjudge.results import gradebook as records


class Layout(StrEnum):
    csv = "csv"
    canvas = "canvas"
    moodle = "moodle"


def export(
    assignment: Assignment,
    layout: Annotated[Layout, typer.Option(help="whose columns")] = Layout.csv,
    to: Annotated[Path | None, typer.Option(help="file to write; by default ASSIGNMENT-LAYOUT.csv")] = None,
    column: Annotated[str, typer.Option(help="heading of the points in Canvas; by default ASSIGNMENT")] = "",
    missing_as_zero: Annotated[bool, typer.Option("--missing-as-zero", help="0, not empty, for no submission")] = False,
    excel: Annotated[bool, typer.Option("--excel", help="begin with the mark by which Excel knows UTF-8")] = False,
    root: Root = None,
) -> None:
    """Write the grades of an assignment to a CSV file."""
    path = to or Path(f"{assignment}-{layout}.csv")
    try:
        course = directory(root)
        require_gradebook(course, assignment)
        with Gradebook(course.db_url, course.course_id) as gradebook:
            tasks, results = records.read(gradebook, course, [assignment])
        names = lms_names.read(Path(course.root), assignment)
        if missing_as_zero:
            results = [desk.as_zero(each) for each in results]
        known = names.of(layout)
        if layout is Layout.canvas:
            rows = desk.canvas_rows(results, known, column or assignment)
        elif layout is Layout.moodle:
            rows = desk.moodle_rows(tasks, results, known)
        else:
            rows = desk.csv_rows(tasks, results)
        desk.save(path, rows, excel)
    except (CourseError, ValueError, OSError) as error:
        raise CommandError(str(error)) from None
    except SQLAlchemyError as error:
        raise unreadable(error) from None

    numbers = ", ".join(f"{number} {status}" for status, number in records.counts(results).items())
    say(f"{path}: {len(results)} students ({numbers or 'none'})")
    waiting = records.not_in_gradebook(course, assignment, results)
    if waiting:
        say(f"Not graded yet: {some(waiting)}. Run nbgrader autograde {assignment} first.")
    if any(each.status == records.MANUAL for each in results):
        say("Points of submissions that need a manual grade are those known so far.")
    if layout is not Layout.csv:
        _say_who_is_unknown(layout, names, [each.person for each in results])


def _say_who_is_unknown(layout: Layout, names: lms_names.Names, people: list[records.Person]) -> None:
    known = names.of(layout)
    number = {Layout.canvas: "their Canvas ID", Layout.moodle: "their participant number"}[layout]
    instead = {
        Layout.canvas: "Canvas finds them by SIS Login ID, which must be the student id here, or by name.",
        Layout.moodle: "Moodle takes them under Grades → Import, by ID number or email address, not as a worksheet.",
    }[layout]
    without = [
        each.id for each in people if each.id not in known and not (layout is Layout.canvas and each.lms_user_id)
    ]
    if names.remark and without:
        say(names.remark)
    if without:
        say(f"{len(without)} of {len(people)} students go without {number}: {instead}")


def some(names: list[str]) -> str:
    """The first few, and how many there are beside."""
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")


def say(sentence: str) -> None:
    """Print a sentence, whatever names are in it."""
    plain = "".join(each if each.isprintable() else "?" for each in sentence)
    console.print(plain, markup=False, highlight=False, soft_wrap=True)
