"""Gives a notebook of an exercise another name, before anybody has it."""

import os
import re
from pathlib import Path

from nbjudge.authoring.answers_file import path_of
from nbjudge.course.course import Course
from nbjudge.course.errors import CourseError

NAME = re.compile(r"[^\W_][\w -]{0,79}(?<!\s)")

OF_WINDOWS = {"con", "prn", "aux", "nul", *(f"{port}{number}" for port in ("com", "lpt") for number in range(1, 10))}
"""Names that no file can have there, where students may unzip the exercise."""


class RenameError(CourseError):
    """The notebook can't have this name. Nothing was changed."""


def rename(course: Course, assignment: str, new: str, old: str = "") -> list[tuple[Path, Path]]:
    """Rename a notebook in source/, and what was made from it.

    Parameters
    ----------
    new, old
        File names, with or without their ending; ``old`` only where the assignment has several notebooks.

    Returns
    -------
    what was renamed: from and to

    Raises
    ------
    RenameError
        If the name won't do or is taken, or if students have handed in already: theirs have the old name.
    """
    sources = course.require_assignment(assignment)
    names = [path.name for path in sources]
    wanted, given = (_with_ending(name) for name in (new, old))
    if not old and len(names) > 1:
        raise RenameError(f"{assignment} has {len(names)} notebooks ({', '.join(names)}); say which one with --of.")
    if old and given not in names:
        raise RenameError(f"{assignment} has no notebook {given}; it has {', '.join(names)}.")
    stem = wanted.removesuffix(".ipynb")
    if not NAME.fullmatch(stem) or stem.lower() in OF_WINDOWS:
        raise RenameError(
            f"{new!r} can't be the name of a notebook; take letters, digits, blanks, _ and -, a letter or digit first "
            "and at most 80 characters, for example 1_softmax."
        )
    if students := course.students(assignment):
        who = "1 student has" if len(students) == 1 else f"{len(students)} students have"
        raise RenameError(
            f"{who} handed in {assignment} already, under the old name; a notebook can be renamed only before."
        )
    source = next(path for path in sources if path.name == given) if old else sources[0]
    before = [source, course.release(assignment) / source.name]
    before += [path_of(path) for path in before]
    pairs = [(path, _renamed(path, wanted)) for path in before if path.is_file()]
    for path, target in pairs:
        same = os.path.lexists(target) and path.samefile(target)  # only capital letters differ
        if os.path.lexists(target) and not (same and path != target):
            raise RenameError(f"{course.show(target)} exists already, and nothing was changed; choose another name.")
    done: list[tuple[Path, Path]] = []
    try:
        for path, target in pairs:
            path.rename(target)
            done.append((path, target))
    except OSError as error:
        for path, target in reversed(done):
            target.rename(path)
        shown = course.show(pairs[len(done)][0])
        raise RenameError(f"{shown} can't be renamed: {error.strerror}. Nothing was changed.") from error
    return pairs


def _renamed(path: Path, notebook: str) -> Path:
    target = path.with_name(notebook)
    return target if path.suffix == target.suffix else path_of(target)


def _with_ending(name: str) -> str:
    return name if name.endswith(".ipynb") else f"{name}.ipynb"
