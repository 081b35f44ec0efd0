"""`course report`: how an assignment went, on one page."""

from pathlib import Path
from typing import Annotated

import typer

from nbjudge.commands import Assignment, Root, in_one_sentence, next_is, say
from nbjudge.course.course import Course
from nbjudge.course.errors import CourseError
from nbjudge.course.files import whole_file


def report(
    assignment: Assignment,
    to: Annotated[Path | None, typer.Option(help="the page to write; by default report-<assignment>.html")] = None,
    pseudonyms: Annotated[bool, typer.Option("--pseudonyms", help="show no names and no ids of students")] = False,
    root: Root = None,
) -> None:
    """Write a page on how an assignment went: points, tasks, misconceptions, submissions to look at."""
    from nbjudge.results import report  # matplotlib and scipy would slow down every other command

    page = to or Path(f"report-{assignment}.html")
    _check(assignment, page, report.MARK)
    course = Course.here(root)
    course.require_gradebook(assignment)
    with in_one_sentence():
        results = report.read_class(course, assignment)
        with whole_file(page) as file:
            file.write(report.page(results, pseudonyms).encode())
    say(f"{len(results.counted)} graded submissions: {page}")
    next_is("course", "export", assignment, root=root)


def _check(assignment: str, page: Path, mark: str) -> None:
    if Path(assignment).name != assignment:
        raise CourseError(f"{assignment!r} can't be the name of an assignment.")
    if not page.parent.is_dir():
        raise CourseError(f"there is no folder {page.parent} to write the page into.")
    if page.is_dir():
        raise CourseError(f"{page} is a folder; name a file with --to.")
    if page.exists() and mark not in page.read_text(encoding="utf-8", errors="replace"):
        raise CourseError(f"{page} exists and was not made by this command; choose another name with --to.")
