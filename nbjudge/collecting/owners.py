"""Whose file it is: what the names of folders, archives and files say, and what the roster says to that."""

import re
from dataclasses import dataclass
from itertools import pairwise

from nbjudge.collecting.archives import Found, Step
from nbjudge.collecting.roster import SAFE, Roster, folded
from nbjudge.course.notebook_names import NOTEBOOK

MOODLE = re.compile(r"(?P<name>[^_]*)_(?P<number>[0-9]+)_assignsubmission_[a-z]+(_(?P<rest>.*))?")
"""``Müller Änne_123456_assignsubmission_file_``; Moodle writes no other underscore before the number."""
CANVAS = re.compile(r"(?P<name>[^_]+)(?P<late>_LATE)?_(?P<number>[0-9]{3,})_(?P<attachment>[0-9]{3,})_(?P<rest>.+)")
"""``muellerjane_LATE_12345_67890_1_simple_classifier-2.ipynb``"""


class NoOwnerError(Exception):
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
    from_platform : how many steps lead to the student's own zone, or None where a learning platform had no part in it
    attachment : Canvas's number, which grows
    late : Canvas says so
    platform : the name by which a learning platform gave the file out, and which it is, as ``lms_names`` keeps them
    """

    student: str
    name: str
    from_platform: int | None = None
    attachment: int = 0
    late: bool = False
    platform: dict[str, str] | None = None


def owner_of(found: Found, assignment: str, roster: Roster | None = None) -> Owner:
    """Tell whose file it is.

    The outermost name counts: what lies inside a student's folder or archive is theirs, whatever it is called.

    Raises
    ------
    NoOwnerError
        If names say nothing, or more than one thing, or someone who is not on the roster.
    """
    for depth, step in enumerate(found.steps):
        # an archive that was named on the command line holds a class; a plain folder isn't made by Canvas
        match = MOODLE.fullmatch(step.name)
        if match is None and step.is_archive and depth:
            match = CANVAS.fullmatch(step.name)
        if match is not None:
            _no_second(found.steps[:depth], match, roster)
            return _by_platform(match, found.name, depth, roster)
    match = MOODLE.fullmatch(found.name) or CANVAS.fullmatch(found.name)
    if match is not None and match["rest"]:
        _no_second(found.steps, match, roster)
        return _by_platform(match, match["rest"], len(found.steps), roster)
    return _on_roster(found, roster) if roster else _by_folder(found, assignment)


def _by_platform(match: re.Match[str], name: str, depth: int, roster: Roster | None) -> Owner:
    said = match["name"].strip()
    if roster is None:
        student = _safe(f"{_slug(said) or 'student'}-{match['number']}")
    else:
        student = _known(roster, said, match["number"])
    is_canvas = match.re is CANVAS
    attachment = int(match["attachment"]) if is_canvas and len(match["attachment"]) < 20 else 0
    if is_canvas:
        name = re.sub(r"-\d+(?=\.\w+$)", "", name)  # Canvas counts attempts so
    platform = {"name": match.string, "lms": "canvas" if is_canvas else "moodle"}
    return Owner(student, name, depth, attachment, is_canvas and bool(match["late"]), platform)


def _known(roster: Roster, name: str, number: str) -> str:
    row = roster.by_number.get(number)
    if row is not None:
        if row.name and not any(map(row.is_called, _without_group(name))):
            raise UnknownStudentError(
                f"the roster says that number {number} is {row.name}, and the download says {name}; "
                "Moodle gives new numbers for each assignment, so take the roster of this one"
            )
        return row.student
    rows = [each for each in roster.rows if each.is_called(name)]
    if len(rows) > 1:
        raise UnknownStudentError(f"{len(rows)} students on the roster are called {name}; add their numbers as lms_id")
    if not rows:
        raise UnknownStudentError(f"{name}, number {number}, is not on the roster")
    if rows[0].number:
        raise UnknownStudentError(f"{name} is on the roster with another number than {number}")
    return rows[0].student


def _without_group(name: str) -> list[str]:
    """The name, and what it can be where Moodle put a group before it: "Group 3-Müller Änne"."""
    parts = name.split("-")
    return ["-".join(parts[start:]) for start in range(len(parts))]


def _no_second(before: tuple[Step, ...], match: re.Match[str], roster: Roster | None) -> None:
    """A student's archive can't hold the work of others: an outer name that the roster knows must agree."""
    outer = roster.called([_stem(step.name) for step in before]) if roster else set()
    if roster and outer and outer != {_known(roster, match["name"].strip(), match["number"])}:
        raise NoOwnerError(f"it lies in the folder or archive of {', '.join(sorted(outer))}, but is called otherwise")


def _on_roster(found: Found, roster: Roster) -> Owner:
    names = [_stem(step.name) for step in found.steps]
    students = roster.called(names)
    if not students:
        stem = _stem(found.name)
        starts = [stem[:end] for end in range(1, len(stem)) if stem[end] in "_- "]
        students = roster.called([stem, *starts])
    if len(students) > 1:
        raise NoOwnerError(f"names on the way to it say {' and '.join(sorted(students))}")
    if not students:
        raise NoOwnerError("no name on the way to it is on the roster")
    student = students.pop()
    name = re.sub(rf"^{re.escape(student)}[_ -]", "", found.name)
    return Owner(student, name)


def _by_folder(found: Found, assignment: str) -> Owner:
    """The one folder or archive below what was named in which it lies; folders called like the assignment don't count.

    Nothing more is guessed: a student's own folders could be called like somebody else.
    """
    names = [_stem(step.name) for step in found.steps]
    below = [now for before, now in pairwise(names) if now not in (before, assignment)]
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
    if CANVAS.fullmatch(below[0]):
        raise NoOwnerError(f"{below[0]} looks like Canvas's name of a file; collect Canvas's own zip file as it is")
    return Owner(_safe(below[0]), found.name)


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
