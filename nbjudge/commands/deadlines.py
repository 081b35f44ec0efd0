"""`course due` and `course extend`: until when students have time."""

from collections.abc import Sequence
from datetime import datetime, tzinfo
from pathlib import Path

from nbjudge.batch import kept_gradebook
from nbjudge.commands import in_one_sentence, next_is, say, some
from nbjudge.course.console import print_json
from nbjudge.course.course import Course
from nbjudge.course.dates import FORM, read_time, zone_called
from nbjudge.course.errors import CourseError
from nbjudge.course.student_ids import UNGRADED, UNGRADED_ID
from nbjudge.results.due_dates import DueDates
from nbjudge.results.gradebook import Person
from nbjudge.results.people import enrol, set_due
from nbjudge.results.people import extend as give_time


def due(assignment: str, time: str, timezone: str, as_json: bool, root: Path | None) -> None:
    """Show or set when an assignment is due. Extensions stay until the moment that was given."""
    course, zone = Course.here(root), zone_called(timezone)
    course.require_assignment(assignment)
    with in_one_sentence():
        if time:
            before = set_due(course, assignment, None if time == "none" else _read(time, zone))
        dates = DueDates(course, assignment)
    if as_json:
        extensions = {student: _as_iso(dates.of(student), zone) for student in sorted(dates.extensions)}
        print_json({"assignment": assignment, "due": _as_iso(dates.of(""), zone), "extensions": extensions})
        return
    say(f"{assignment} is due {_shown(dates.of(''), zone)}.")
    for student in sorted(dates.extensions):
        say(f"  {student}: {_shown(dates.of(student), zone)}")
    if time and before.due != dates.due:
        _say_what_to_grade(course, assignment, [], root)
    elif dates.due is None and not time:
        next_is("course", "due", assignment, "YYYY-MM-DD HH:MM", root=root)
    else:
        next_is("course", "extend", assignment, "STUDENT", "--until", "YYYY-MM-DD HH:MM", root=root)


def extend(assignment: str, student: str, until: str, timezone: str, root: Path | None) -> None:
    """Give a student more time."""
    course, zone = Course.here(root), zone_called(timezone)
    course.require_assignment(assignment)
    moment = None if until == "none" else _read(until, zone)
    if UNGRADED.search(student):
        raise CourseError(f"{student} can't have an extension: {UNGRADED_ID}")
    with in_one_sentence():
        if student in course.students(assignment):
            enrol(course, [Person(student)])
        give_time(course, assignment, {student: moment})
        dates = DueDates(course, assignment)
    if moment and student not in dates.extensions:
        raise CourseError(f"{assignment} is due {_shown(dates.of(''), zone)} anyway; {student} has no extension.")
    say(f"{student} has time for {assignment} until {_shown(dates.of(student), zone)}.")
    _say_what_to_grade(course, assignment, [student], root)


def _read(text: str, zone: tzinfo | None) -> datetime:
    time = read_time(text, zone)
    if time is None:
        raise CourseError(f"{text!r} is no time; {FORM}.")
    return time


def _as_iso(time: datetime | None, zone: tzinfo | None) -> str | None:
    return time.astimezone(zone).isoformat() if time else None


def _shown(time: datetime | None, zone: tzinfo | None) -> str:
    return f"{time.astimezone(zone):%Y-%m-%d %H:%M %Z}" if time else "at no time"


def _say_what_to_grade(course: Course, assignment: str, students: Sequence[str], root: Path | None) -> None:
    """Points of who was graded before follow with the next run."""
    graded = sorted(kept_gradebook.graded(course, assignment))
    again = [student for student in graded if not students or student in students]
    if again:
        say(f"Graded before: {some(again)}; whose points may change is graded again.")
    if again or course.students(assignment):
        next_is("course", "autograde", assignment, root=root)
    else:
        next_is("course", "collect", assignment, "DOWNLOAD", root=root)
