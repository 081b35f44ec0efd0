"""Whose file it is: what the names of folders, archives and files say, and what the roster says to that."""

import re
from dataclasses import dataclass
from itertools import pairwise

from nbjudge.collecting.archives import Entry, Step
from nbjudge.collecting.roster import SAFE, Roster, folded
from nbjudge.course.errors import CourseError
from nbjudge.course.lms_names import CANVAS, LmsName, canvas_name, moodle_name
from nbjudge.course.notebook_names import NOTEBOOK


class NoOwnerError(CourseError):
    """It can't be told whose file it is; the message says why and what to do."""


class UnknownStudentError(NoOwnerError):
    """A learning platform says whose it is, but the roster doesn't know them."""


@dataclass(frozen=True)
class Owner:
    """
    Attributes
    ----------
    student : id, safe as the name of a folder
    name : what the file was called by the student
    lms_name : the name by which an LMS gave the file, or the folder or archive that it lies in, out; None without one
    depth : how many steps lead to that name
    """

    student: str
    name: str
    lms_name: LmsName | None = None
    depth: int = 0


def owner_of(entry: Entry, assignment: str, roster: Roster | None = None) -> Owner:
    """Tell whose file it is.

    The outermost name counts: what lies inside a student's folder or archive is theirs, whatever it is called.

    Raises
    ------
    NoOwnerError
        If names say nothing, or more than one thing, or someone who is not on the roster.
    """
    for depth, step in enumerate(entry.steps):
        # an archive that was named on the command line holds a class; a plain folder isn't made by Canvas
        lms_name = _lms_name(step.name, by_canvas=step.is_archive and depth > 0)
        if lms_name:
            _no_second(entry.steps[:depth], lms_name, roster)
            return _by_lms(lms_name, entry.name, depth, roster)
    lms_name = _lms_name(entry.name, by_canvas=True)
    if lms_name and lms_name.rest:
        _no_second(entry.steps, lms_name, roster)
        return _by_lms(lms_name, lms_name.rest, len(entry.steps), roster)
    return _on_roster(entry, roster) if roster else _by_folder(entry, assignment)


def _lms_name(name: str, by_canvas: bool) -> LmsName | None:
    """What an LMS says by this name; ``by_canvas`` is whether Canvas can have given it."""
    names = moodle_name(name), canvas_name(name) if by_canvas else None
    return next((lms_name for lms_name in names if lms_name and lms_name.is_sure), None)


def _by_lms(lms_name: LmsName, name: str, depth: int, roster: Roster | None) -> Owner:
    slug = _slug(lms_name.person) or "student"
    student = _known(roster, lms_name) if roster else _safe(f"{slug}-{lms_name.digits}")
    if lms_name.lms == CANVAS:
        name = re.sub(r"-\d+(?=\.\w+$)", "", name)  # Canvas counts attempts so
    return Owner(student, name, lms_name, depth)


def _known(roster: Roster, lms_name: LmsName) -> str:
    name, number = lms_name.person.strip(), lms_name.digits
    row = roster.by_number.get(number)
    if row is not None:
        if row.name and not row.is_called_at_the_end(name):
            raise UnknownStudentError(
                f"the roster says that number {number} is {row.name}, and the download says {name}; "
                "Moodle gives new numbers for each assignment, so take the roster of this one"
            )
        return row.student
    rows = roster.of_name(name)
    if len(rows) > 1:
        raise UnknownStudentError(f"{len(rows)} students on the roster are called {name}; add their numbers as lms_id")
    if not rows:
        raise UnknownStudentError(f"{name}, number {number}, is not on the roster")
    if rows[0].number:
        raise UnknownStudentError(f"{name} is on the roster with another number than {number}")
    return rows[0].student


def _no_second(before: tuple[Step, ...], lms_name: LmsName, roster: Roster | None) -> None:
    """A student's archive can't hold the work of others: an outer name that the roster knows must agree."""
    outer = roster.called([_stem(step.name) for step in before]) if roster else set()
    if roster and outer and outer != {_known(roster, lms_name)}:
        raise NoOwnerError(f"it lies in the folder or archive of {', '.join(sorted(outer))}, but is called otherwise")


def _on_roster(entry: Entry, roster: Roster) -> Owner:
    names = [_stem(step.name) for step in entry.steps]
    students = roster.called(names) or roster.called_at_the_start(_stem(entry.name))
    if len(students) > 1:
        raise NoOwnerError(f"names on the way to it say {' and '.join(sorted(students))}")
    if not students:
        raise NoOwnerError("no name on the way to it is on the roster")
    student = students.pop()
    name = re.sub(rf"^{re.escape(student)}[_ -]", "", entry.name)
    return Owner(student, name)


def _by_folder(entry: Entry, assignment: str) -> Owner:
    """The one folder or archive below what was named in which it lies; folders called like the assignment don't count.

    Nothing more is guessed: a student's own folders could be called like somebody else.
    """
    names = [_stem(step.name) for step in entry.steps]
    below = [inner for outer, inner in pairwise(names) if inner not in (outer, assignment)]
    if not below and names[1:] == [assignment]:
        below = names[:1]  # nbgrader's own <student>/<assignment>/
    if not names:
        raise NoOwnerError("its name doesn't say whose it is; put it into a folder with the student's id as name")
    if not below:
        raise NoOwnerError(
            "it lies directly in what was named, so nothing says whose it is; name the folder above, or give a roster"
        )
    if len(below) > 1:
        raise NoOwnerError(
            f"it could belong to {' or '.join(below)}; collect the folder or archive that holds the students' folders"
        )
    canvas = canvas_name(below[0])
    if canvas and canvas.is_sure:
        raise NoOwnerError(f"{below[0]} looks like Canvas's name of a file; collect Canvas's own zip file as it is")
    return Owner(_safe(below[0]), entry.name)


def _safe(student: str) -> str:
    if not SAFE.fullmatch(student):
        raise NoOwnerError(
            f"{student} can't be a student's id, which may hold letters, digits, spaces and . _ - @; rename the folder"
        )
    return student


def _stem(name: str) -> str:
    return re.sub(r"\.zip$", "", NOTEBOOK.sub("", name), flags=re.IGNORECASE)


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", folded(name)).strip("-")[:60].strip("-")
