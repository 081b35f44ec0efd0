"""Finds students who can't fetch their page from nbgrader's exchange: those whose secret a colleague keeps closed, and
those whose pages would have one name there, where the last one takes the others' place."""

import contextlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from nbjudge.course.characters import printable
from nbjudge.course.graded import notebooks_in
from nbjudge.course.submission_secret import SECRET, is_closed, read_secret

NAMED = 5


class Folders(NamedTuple):
    """Of one student: what was graded, and the pages."""

    student: str
    graded: Path
    pages: Path


def same_secrets(submissions: Iterable[Folders]) -> list[str]:
    """A sentence about each group of students of whom only one can fetch their page."""
    students: defaultdict[str, dict[str, None]] = defaultdict(dict)
    for student, graded, pages in submissions:
        with contextlib.suppress(OSError):
            secret = read_secret(graded) or read_secret(pages)
            as_read = secret.replace("\r\n", "\n").replace("\r", "\n")  # by nbgrader, which reads it as lines
            for notebook in notebooks_in(graded) if secret else []:
                students[as_read + notebook.stem][student] = None  # from which nbgrader makes the name
    groups = dict.fromkeys(tuple(names) for names in students.values() if len(names) > 1)
    return [_sentence(names) for names in groups]


def closed_secrets(submissions: Iterable[Folders]) -> list[str]:
    """A sentence about those whose secret can't be read: another one gives no page that they could fetch."""
    students = [student for student, graded, _ in submissions if is_closed(graded)]
    if not students:
        return []
    return [
        f"You can't read the {SECRET} of {_all(students)} in autograded/, so nobody can fetch these pages from the "
        "exchange: whoever graded them gives it to the group that shares the course (chgrp and chmod g+r), or "
        "makes the pages."
    ]


def _all(students: Sequence[str]) -> str:
    rest = len(students) - NAMED
    *first, last = [*map(printable, students[:NAMED]), *([f"{rest} more"] if rest > 0 else [])]
    return f"{', '.join(first)} and {last}" if first else last


def _sentence(students: tuple[str, ...]) -> str:
    until = "one of them hands in again" if len(students) == 2 else "all of them but one hand in again"
    return (
        f"{_all(students)} handed in with the same {SECRET}: "
        f"only one of them can fetch their page from the exchange until {until}."
    )
