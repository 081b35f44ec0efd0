"""`course report`: how an assignment went, on one page."""

from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy.exc import SQLAlchemyError

from nbjudge.commands import Assignment, CommandError, Root, console, unreadable
from nbjudge.course.course import directory, require_gradebook
from nbjudge.course.errors import CourseError


def report(
    assignment: Assignment,
    to: Annotated[Path | None, typer.Option(help="the page to write; by default report-<assignment>.html")] = None,
    pseudonyms: Annotated[bool, typer.Option("--pseudonyms", help="show no names and no ids of students")] = False,
    root: Root = None,
) -> None:
    """Write a page on how an assignment went: points, tasks, misconceptions, submissions to look at."""
    from nbjudge.results import report as desk  # matplotlib and scipy would slow down every other command

    page = to or Path(f"report-{assignment}.html")
    _check(assignment, page, desk.MARK)
    try:
        course = directory(root)
        require_gradebook(course, assignment)
        made = desk.read_class(course, assignment)
    except (CourseError, ValueError) as error:
        raise CommandError(str(error)) from None
    except SQLAlchemyError as error:
        raise unreadable(error) from None
    page.write_text(desk.page(made, pseudonyms), encoding="utf-8")
    console.print(f"{len(made.counted)} graded submissions: {page}", markup=False, highlight=False, soft_wrap=True)


def _check(assignment: str, page: Path, mark: str) -> None:
    if Path(assignment).name != assignment:
        raise CommandError(f"{assignment!r} can't be the name of an assignment.")
    if not page.parent.is_dir():
        raise CommandError(f"there is no folder {page.parent} to write the page into.")
    if page.is_dir():
        raise CommandError(f"{page} is a folder; name a file with --to.")
    if page.exists() and mark not in page.read_text(encoding="utf-8", errors="replace"):
        raise CommandError(f"{page} exists and was not made by this command; choose another name with --to.")
