"""`course forget`: nothing of a student stays."""

from pathlib import Path

import typer

from nbjudge.commands import console, in_one_sentence, say
from nbjudge.course.characters import printable
from nbjudge.course.course import Course
from nbjudge.course.errors import CourseError
from nbjudge.course.files import is_too_long
from nbjudge.forgetting.traces import find_traces, left
from nbjudge.forgetting.traces import forget as take_away

OUT_OF_REACH = (
    "Not reached: backups, nbgrader's exchange, downloads and copies outside of this folder, git's history, and what "
    "was sent out."
)


def forget(student: str, yes: bool, root: Path | None) -> None:
    """Delete all that is kept of a student, and show that nothing is left."""
    course = Course.here(root)
    is_a_name = student.isprintable() and "/" not in student and not is_too_long(student)
    if student in ("", ".", "..") or not is_a_name:
        raise CourseError(f"{student[:50]!r} is no student's id.")
    with in_one_sentence():
        traces = find_traces(course, student)
        if not traces:
            raise CourseError(f"nothing is kept of {student}; is the id right?")
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
    for path, why in sorted(not_read.items()):
        say(f"  not looked into: {printable(course.show(path))}: {why}")
    for path in found:
        say(f"  still named in {printable(course.show(path))}")
    if found:
        say(f"{len(found)} files are left that name them; look at each.")
    else:
        say(f"Nothing {'else ' if not_read else ''}in the course names them.")
    if found or not_read:
        raise typer.Exit(1)
    say("Next: delete them from the learning platform too, or a later download brings them back.")
