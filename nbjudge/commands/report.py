"""`course report`: how an assignment went, on one page."""

from pathlib import Path

from nbjudge.commands import in_one_sentence, next_is, say
from nbjudge.course.course import Course
from nbjudge.course.errors import CourseError
from nbjudge.course.files import is_page_with, require_place, whole_file


def report(assignment: str | None, everything: bool, to: Path | None, pseudonyms: bool, root: Path | None) -> None:
    """Write a page on how an assignment, or with --all the term, went: points, tasks, misconceptions, submissions."""
    from nbjudge.results.page import MARK

    if (assignment is not None) == everything:
        raise CourseError("name one assignment, or give --all for the term.")
    page = to or Path(f"report-{assignment or 'all'}.html")
    require_place(page, is_page_with(MARK))
    course = Course.here(root)
    course.require_gradebook(assignment or "ASSIGNMENT")
    with in_one_sentence():
        if assignment is None:
            _write_term(course, page, pseudonyms)
        else:
            _write_report(course, assignment, page, pseudonyms)
    next_is("course", *(("report", "ASSIGNMENT") if assignment is None else ("export", assignment)), root=root)


def _write_report(course: Course, assignment: str, page: Path, pseudonyms: bool) -> None:
    from nbjudge.results import changes, report  # matplotlib and scipy would slow down every other command

    results, last = report.read_class(course, assignment), changes.read_last(course, assignment)
    with whole_file(page) as file:
        file.write(report.page(results, pseudonyms, last).encode())
    say(f"{len(results.counted)} graded submissions: {page}")
    try:
        changes.remember(course, results)
    except OSError as error:
        say(f"The next report won't know what changed since this one: {error}")


def _write_term(course: Course, page: Path, pseudonyms: bool) -> None:
    from nbjudge.results import term

    classes = term.read_term(course)
    with whole_file(page) as file:
        file.write(term.term_page(classes, pseudonyms).encode())
    say(f"{len(classes)} assignment{'' if len(classes) == 1 else 's'}: {page}")
