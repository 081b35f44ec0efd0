"""`course table` and `course intake`: the class at a glance."""

from pathlib import Path

from rich import box
from rich.markup import escape
from rich.table import Table
from sqlalchemy.exc import SQLAlchemyError

from nbjudge.commands import Assignment, CommandError, Root, console, unreadable
from nbjudge.course import notebooks
from nbjudge.course.course import AssignmentCourse, options_for, require_gradebook
from nbjudge.course.errors import CourseError
from nbjudge.course.graded import Repair
from nbjudge.results import table as tables


def table(assignment: Assignment, root: Root = None) -> None:
    """Show the points of every student in every task."""
    course = _course(assignment, root)
    try:
        require_gradebook(course.directory, assignment)
        console.print(tables.table(course.directory, assignment))
    except (CourseError, ValueError) as error:
        raise CommandError(str(error)) from None
    except SQLAlchemyError as error:
        raise unreadable(error) from None


def intake(assignment: Assignment, root: Root = None) -> None:
    """Show which submissions were repaired before they were graded, and which couldn't be graded."""
    course = _course(assignment, root)
    result = Table("student", "", "what", title=f"{assignment}: intake", box=box.SIMPLE_HEAD)
    handed_in, graded = course.students(), 0
    for student in handed_in:
        found = sorted(course.graded(student).glob("*.ipynb"))
        graded += bool(found)
        for path in found:
            about = notebooks.read(path).metadata.get("intake", {})
            for repair in map(Repair.from_data, about.get("repaired", [])):
                result.add_row(escape(student), "repaired", escape(repair.text))
            if "refused" in about:
                result.add_row(escape(student), "[red]refused[/red]", escape(about["refused"]))
        if not found:
            some = any(course.submitted(student).glob("*.ipynb"))
            why = "not graded yet" if some else "there is no notebook (.ipynb) in the folder"
            result.add_row(escape(student), "[red]no grade[/red]", why)
    console.print(result)
    console.print(f"{graded} of {len(handed_in)} graded.")


def _course(assignment: str, root: Path | None) -> AssignmentCourse:
    try:
        return AssignmentCourse(assignment, options_for(root))
    except CourseError as error:
        raise CommandError(str(error)) from None
