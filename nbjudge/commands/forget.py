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
from nbjudge.course.sharing import require_no_lock
from nbjudge.forgetting.names import Theirs
from nbjudge.forgetting.traces import Rest, Traces, find_traces, left
from nbjudge.forgetting.traces import forget as take_away

NAMED = 10
"""Paths that are named in a folder in which nobody knows whose they are."""
OUT_OF_REACH = (
    "Not reached: backups, nbgrader's exchange, downloads and copies outside of this folder, git's history, and what "
    "was sent out."
)


def forget(student: str, yes: bool, root: Path | None) -> None:
    """Delete all that is kept of a student, and show that nothing is left."""
    course = Course.here(root)
    if student in ("", "..") or "\0" in student or Path(student).name != student or is_too_long(student):
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
        require_no_lock(course)  # or the rest would be gone, and the gradebook would still know them
        stayed = take_away(course, traces)
        done, more = ("Not all could be deleted", "else ") if stayed else ("Deleted", "")
        console.print(f"{done}. Looking whether anything {more}is left …")
        rest = left(course, traces, stayed)
    _show(course, rest)
    if rest.found or rest.not_read or rest.stayed:
        raise typer.Exit(1)
    say("Next: delete them from the learning platform too, or a later download brings them back.")


def _look_for_more(course: Course, traces: Traces, student: str) -> NoReturn:
    """Nothing is kept of them; but the last time may have ended before all was done, or all was looked through."""
    console.print(printable(f"Nothing is kept of {student}. Looking whether anything names them …"))
    rest = left(course, traces, take_away(course, traces))
    if not rest.found and not rest.not_read and not rest.stayed:
        raise CourseError(printable(f"nothing is kept of {student}, and nothing names them; is the id right?"))
    _show(course, rest)
    raise typer.Exit(1)


def _show(course: Course, rest: Rest) -> None:
    """What couldn't be deleted, what names them, and what wasn't looked into."""
    for why, paths in _together(course, rest.stayed, rest.theirs):
        say(f"  not deleted: {paths}: {why}")
    for why, paths in _together(course, rest.not_read, rest.theirs):
        say(f"  not looked into: {paths}: {why}")
    for _, paths in _together(course, dict.fromkeys(rest.found, ""), rest.theirs):
        say(f"  still named in {paths}")
    if rest.found:
        more = "more " if rest.stayed else ""
        say(f"{len(rest.found)} {more}files and folders are left that name them; look at each.")
    else:
        say(f"Nothing {'else ' if rest.not_read or rest.stayed else ''}in the course names them.")
    if rest.stayed:
        say("Mend what is in the way, or ask who may delete it, such as its owner; then run the command again.")


def _together(course: Course, reasons: Mapping[Path, str], theirs: Theirs) -> Iterator[tuple[str, str]]:
    """Each reason, and what it is so for: of a student the first path, elsewhere the first ones in a folder, and how
    many there are more."""
    by_place: dict[tuple[Path, str], list[Path]] = {}
    for path, why in sorted(reasons.items()):
        by_place.setdefault((theirs.folder_of(path) or path.parent, why), []).append(path)
    for (place, why), paths in by_place.items():
        named = 1 if theirs.folder_of(paths[0]) == place else NAMED
        *shown, last = [course.show(path) for path in paths[:named]]
        for one in shown:
            yield why, printable(one)
        yield why, printable(and_more(last, len(paths) - len(shown) - 1))
