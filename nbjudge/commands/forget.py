"""`course forget`: nothing of a student stays."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NoReturn

import typer

from nbjudge.collecting.fate import and_more
from nbjudge.commands import console, in_one_sentence, say
from nbjudge.course.characters import printable
from nbjudge.course.course import Course
from nbjudge.course.errors import CourseError
from nbjudge.course.files import is_too_long
from nbjudge.forgetting.traces import Traces, find_traces, left
from nbjudge.forgetting.traces import forget as take_away

OUT_OF_REACH = (
    "Not reached: backups, nbgrader's exchange, downloads and copies outside of this folder, git's history, and what "
    "was sent out."
)


def forget(student: str, yes: bool, root: Path | None) -> None:
    """Delete all that is kept of a student, and show that nothing is left."""
    course = Course.here(root)
    if student == ".." or "\0" in student or Path(student).name != student or is_too_long(student):
        raise CourseError(f"{student[:50]!r} is no student's id.")
    with in_one_sentence():
        traces = find_traces(course, student)
        if not traces:
            _look_for_more(course, traces, student)
        say(f"Of {printable(student)}, these will be deleted:")
        if traces.people:
            say("  in the gradebook: name, address, submissions, points and comments")
        for what, paths in (("", traces.places), ("their entry in ", traces.entries), ("", traces.made_again)):
            for path in paths:
                again = ", which can be made again" if paths is traces.made_again else ""
                say(f"  {what}{printable(course.show(path))}{again}")
        say(OUT_OF_REACH)
        if not yes and not typer.confirm("Delete them?"):
            raise typer.Exit(1)
        take_away(course, traces)
        console.print("Deleted. Looking whether anything is left …")
        found, not_read = left(course, traces)
    _show(course, found, not_read)
    if found or not_read:
        raise typer.Exit(1)
    say("Next: delete them from the learning platform too, or a later download brings them back.")


def _look_for_more(course: Course, traces: Traces, student: str) -> NoReturn:
    """Nothing is kept of them; but what was looked for may have been stopped the last time."""
    console.print(printable(f"Nothing is kept of {student}. Looking whether anything names them …"))
    found, not_read = left(course, traces)
    if not found and not not_read:
        raise CourseError(printable(f"nothing is kept of {student}, and nothing names them; is the id right?"))
    _show(course, found, not_read)
    raise typer.Exit(1)


def _show(course: Course, found: list[Path], not_read: dict[Path, str]) -> None:
    """What names them, and what wasn't looked into: one line for what lies in one place for the same reason."""
    for why, paths in _together(course, not_read):
        say(f"  not looked into: {paths}: {why}")
    for _, paths in _together(course, dict.fromkeys(found, "")):
        say(f"  still named in {paths}")
    if found:
        say(f"{len(found)} files and folders are left that name them; look at each.")
    else:
        say(f"Nothing {'else ' if not_read else ''}in the course names them.")


def _together(course: Course, reasons: Mapping[Path, str]) -> Iterator[tuple[str, str]]:
    """Each reason, and the first path in a student's folder for which it is so, with how many there are more."""
    by_place: dict[tuple[tuple[str, ...], str], list[Path]] = {}
    for path, why in sorted(reasons.items()):
        by_place.setdefault((path.relative_to(course.root).parts[:3], why), []).append(path)
    for (_, why), (first, *more) in by_place.items():
        yield why, printable(and_more(course.show(first), len(more)))
