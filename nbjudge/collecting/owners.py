"""Whose file it is: what the names of folders, archives and files say, and what the roster says to that."""

import re
from contextlib import suppress
from dataclasses import dataclass

from nbjudge.collecting import names
from nbjudge.collecting.archives import Entry, Step
from nbjudge.collecting.canvas_readings import meant
from nbjudge.collecting.no_owner import NoOwnerError, UnknownStudentError
from nbjudge.collecting.roster import Roster
from nbjudge.course.lms_names import CANVAS, LmsName, canvas_name, moodle_name
from nbjudge.course.notebook_names import NOTEBOOK
from nbjudge.course.student_ids import MAY_HOLD, can_be_id

NEW_NUMBERS = "Moodle gives new numbers for each assignment, so take the roster of this one"


@dataclass(frozen=True)
class Owner:
    """
    Attributes
    ----------
    student : id, safe as the name of a folder
    name : what the file was called by the student
    lms_name : the name by which an LMS gave the file, or the folder or archive that it lies in, out; None without one
    depth : how many steps lead to that name
    is_loose : whether nothing says so but the name of a file or archive among folders, which its author may have chosen
    """

    student: str
    name: str
    lms_name: LmsName | None = None
    depth: int = 0
    is_loose: bool = False


def owner_of(entry: Entry, assignment: str, roster: Roster | None = None) -> Owner:
    """Tell whose file it is.

    The outermost name counts: what lies inside a student's folder or archive is theirs, whatever it is called. It is
    that of what was named itself, or the first one below. Only what was named can hold a class.

    Raises
    ------
    NoOwnerError
        If names say nothing, or more than one thing, or someone who is not on the roster.
    """
    named, depth = entry.steps[:1], _outermost(entry.steps, assignment)
    lms_name = _lms_name(named[0].name, by_canvas=False) if named else None
    if lms_name:
        return _by_lms(lms_name, entry.name, 0, roster)
    is_in_it = depth < len(entry.steps)
    if is_in_it and not roster:
        _no_other_before(entry.steps[: depth + 1], assignment)
    if is_in_it:
        step = entry.steps[depth]
        lms_name = _lms_name(step.name, by_canvas=step.is_archive)  # a plain folder isn't made by Canvas
    else:
        lms_name = _lms_name(entry.name, by_canvas=True)
    if lms_name and (is_in_it or lms_name.rest):
        lms_name = meant(lms_name, roster) if roster else lms_name
        _no_second(entry.steps[:depth], lms_name, roster)
        return _by_lms(lms_name, entry.name if is_in_it else lms_name.rest, depth, roster)
    return _on_roster(entry, depth, roster) if roster else _by_folder(entry, depth, assignment)


def _outermost(steps: tuple[Step, ...], assignment: str) -> int:
    """How many steps lead to the first name below what was named.

    Folders that are called like the one around them, or like the assignment, only wrap the others. Archives don't:
    whoever handed one in may have called it so.
    """
    depth = min(1, len(steps))
    while depth < len(steps) and not steps[depth].is_archive:
        if _stem(steps[depth].name).casefold() not in (_stem(steps[depth - 1].name).casefold(), assignment.casefold()):
            break
        depth += 1
    return depth


def _no_other_before(steps: tuple[Step, ...], assignment: str) -> None:
    """``ben/ps1/amira/`` is a class in which amira is, or what ben handed in: nothing but a roster could tell."""
    first, *between, last = (_stem(step.name) for step in steps)
    if assignment in between and first != assignment:
        raise NoOwnerError(
            f"it can't be told whether it is of {first} or of {last}; name the folder {assignment} itself, "
            "or give a roster",
            reason=f"{first} or another",
            within=1,
        )


def _lms_name(name: str, by_canvas: bool) -> LmsName | None:
    """What an LMS says by this name; ``by_canvas`` is whether Canvas can have given it."""
    names = moodle_name(name), canvas_name(name) if by_canvas else None
    return next((lms_name for lms_name in names if lms_name and lms_name.is_sure), None)


def _by_lms(lms_name: LmsName, name: str, depth: int, roster: Roster | None) -> Owner:
    slug = names.slug(lms_name.person) or "student"
    student = _known(roster, lms_name) if roster else _safe(f"{slug}-{lms_name.digits}")
    if lms_name.lms == CANVAS:
        name = re.sub(r"-\d+(?=\.\w+$)", "", name)  # Canvas counts attempts so
    return Owner(student, name, lms_name, depth)


def _known(roster: Roster, lms_name: LmsName) -> str:
    """Whose it is by the roster: by number, whatever form of their name it has, or else by the name alone."""
    name, number, is_canvas = lms_name.person.strip(), lms_name.digits, lms_name.lms == CANVAS
    if lms_name.is_anonymous:
        raise UnknownStudentError(
            f"Canvas hides who {name} {number} is; switch anonymous grading off, or collect without a roster"
        )
    row = roster.by_number.get(number)
    if row is not None:
        if not row.is_called(lms_name):
            again = "is this the gradebook of this course?" if is_canvas else NEW_NUMBERS
            raise UnknownStudentError(
                f"the roster says that number {number} is {row.name}, and the download says {name}; {again}"
            )
        return row.student
    rows = roster.of_name(name, run_together=is_canvas)
    if len(rows) > 1:
        raise UnknownStudentError(f"{len(rows)} students on the roster are called {name}; add their numbers as lms_id")
    if not rows:
        raise UnknownStudentError(f"{name}, number {number}, is not on the roster")
    if rows[0].number:
        raise UnknownStudentError(f"{name} is on the roster with another number than {number}")
    return rows[0].student


def _no_second(before: tuple[Step, ...], lms_name: LmsName, roster: Roster | None) -> None:
    """A student's archive can't hold the work of others: an outer name that the roster knows must agree."""
    if not roster:
        return
    outer = roster.called([_stem(step.name) for step in before])
    if not outer:
        return
    with suppress(UnknownStudentError):
        if outer == {_known(roster, lms_name)}:
            return
    is_called = f"it lies in the folder or archive of {', '.join(sorted(outer))}, but is called otherwise"
    raise NoOwnerError(is_called, within=_steps_to_one(before, roster))


def _steps_to_one(steps: tuple[Step, ...], roster: Roster) -> int:
    """How many steps lead to the first one that is called after a student."""
    return next((n for n, step in enumerate(steps, 1) if roster.called([_stem(step.name)])), 0)


def _on_roster(entry: Entry, depth: int, roster: Roster) -> Owner:
    """What was named, or the outermost name in it, must be on the roster, and none further in may be another's."""
    outer, inner = entry.steps[: depth + 1], entry.steps[depth + 1 :]
    students = roster.called([_stem(step.name) for step in outer])
    is_file = depth == len(entry.steps) and not students
    if is_file:
        if (canvas := canvas_name(entry.name)) and canvas.may_be_canvas:
            return _by_canvas(canvas, depth, roster)
        students = roster.called_at_the_start(_stem(entry.name))
    elif not students and not outer[-1].is_archive:  # an archive in a folder has the name that a student gave it
        students = roster.called_within(outer[-1].name)
    if not students:
        if is_file:
            raise NoOwnerError("no name on the way to it is on the roster")
        raise NoOwnerError(
            f"{outer[-1].name} is nobody on the roster; if it holds a class, unpack what is around it and name "
            f"{outer[-1].name} itself"
        )
    others = students | roster.called([_stem(step.name) for step in inner])
    if len(others) > 1:
        names_say = f"names on the way to it say {' and '.join(sorted(others))}"
        raise NoOwnerError(names_say) if is_file else NoOwnerError(names_say, "several", _steps_to_one(outer, roster))
    for name in (*(step.name for step in inner), entry.name):
        lms_name = _lms_name(name, by_canvas=False)
        if lms_name:
            _no_second(outer, lms_name, roster)
    student = students.pop()
    name = re.sub(rf"^{re.escape(student)}[_ -]", "", entry.name)
    return Owner(student, name, is_loose=is_file or _is_loose(outer))


def _by_canvas(lms_name: LmsName, depth: int, roster: Roster) -> Owner:
    """Of somebody in whose name on Canvas there are underscores: such a name may begin with another's id."""
    lms_name = meant(lms_name, roster)
    if lms_name.digits not in roster.by_number:
        raise UnknownStudentError(
            f"number {lms_name.digits} is not on the roster; if the name isn't Canvas's, put the file into a folder "
            "with the student's id as name"
        )
    return _by_lms(lms_name, lms_name.rest, depth, roster)


def _is_loose(outer: tuple[Step, ...]) -> bool:
    return len(outer) > 1 and outer[-1].is_archive


def _by_folder(entry: Entry, depth: int, assignment: str) -> Owner:
    """The one folder or archive below what was named in which it lies.

    Nothing more is guessed: a student's own folders could be called like somebody else.
    """
    steps, names = entry.steps, [_stem(step.name) for step in entry.steps]
    if not names:
        raise NoOwnerError("its name doesn't say whose it is; put it into a folder with the student's id as name")
    if names[1:] == [assignment]:
        return Owner(_safe(names[0]), entry.name)  # nbgrader's own <student>/<assignment>/
    if depth == len(steps):
        raise NoOwnerError(
            "it lies directly in what was named, so nothing says whose it is; name the folder above, or give a roster"
        )
    student = names[depth]
    if student in (names[depth - 1], assignment):
        raise NoOwnerError(
            f"{steps[depth].name} doesn't say whose it is; if it holds a class, unpack what is around it and name "
            f"{steps[depth].name} itself"
        )
    if any(name not in (student, assignment) for name in names[depth + 1 :]):
        raise NoOwnerError(
            f"{student} may be a student or hold a class; if it holds a class, unpack what is around it and name "
            f"{student} itself"
        )
    canvas = canvas_name(student)
    if canvas and canvas.is_sure:
        raise NoOwnerError(f"{student} looks like Canvas's name of a file; collect Canvas's own zip file as it is")
    return Owner(_safe(student), entry.name, is_loose=_is_loose(steps[: depth + 1]))


def _safe(student: str) -> str:
    if not can_be_id(student):
        raise NoOwnerError(f"{student} can't be a student's id, which may hold {MAY_HOLD}; rename the folder")
    return student


def _stem(name: str) -> str:
    return re.sub(r"\.zip$", "", NOTEBOOK.sub("", name), flags=re.IGNORECASE)
