"""Who may open a gradebook that is a file: its owner, and where several people grade (``groupshared``) the group."""

import contextlib
import os
import sqlite3
import stat
from pathlib import Path

from sqlalchemy import make_url

from nbjudge.course.course import Course
from nbjudge.course.errors import CourseError
from nbjudge.course.files import given_to

PATIENCE = 20.0
"""Seconds to wait for others who write to the gradebook: each of them is through in a moment."""


def begin_gradebook(course: Course) -> None:
    """Make the file, if there is none, and guard it: who opens it while others may has it open from then on.

    Raises
    ------
    CourseError
        If it is another's, and can't be written to.
    """
    if path := _file(course):
        with contextlib.suppress(OSError):  # it is there, or nbgrader will say why it can't be made
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    guard_gradebook(course)


def guard_gradebook(course: Course) -> None:
    """Keep all others out of a gradebook that is a file, and let the group write to it where the course is shared.

    Whoever may read it can lock it, and then no score is written; nbgrader lets everybody read it.

    Raises
    ------
    CourseError
        If it is another's, and can't be written to.
    """
    path = _file(course)
    if path is None or not path.is_file():
        return
    about = path.stat()
    is_ours = not hasattr(os, "geteuid") or os.geteuid() in (0, about.st_uid)
    if is_ours:
        rights = stat.S_IMODE(about.st_mode) & 0o600
        group = group_of(course)
        if group is not None and about.st_gid != group:
            path.chmod(rights)  # first, as in the other group there may be students
        rights |= 0o060 if group is not None and given_to(path, group) else 0
        if rights != stat.S_IMODE(path.stat().st_mode):
            path.chmod(rights)
    if not (os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)):
        raise CourseError(
            f"you can't write to the gradebook {path.name}; `course doctor` says more. {how_to_share(course)}"
        )


def group_of(course: Course) -> int | None:
    """The group that grades in a shared course: that of its folder. None where one person does, and on Windows."""
    is_shared = course.directory.groupshared and hasattr(os, "chown")
    return course.root.stat().st_gid if is_shared else None


def require_no_lock(course: Course) -> None:
    """Before anything is graded, as no score could be written, nor taken back.

    Raises
    ------
    CourseError
        If another program keeps the gradebook locked, a file.
    """
    path = _file(course)
    if path is None or not path.is_file():
        return
    try:
        with contextlib.closing(sqlite3.connect(path, timeout=PATIENCE, isolation_level=None)) as connection:
            connection.execute("BEGIN EXCLUSIVE")
            connection.execute("ROLLBACK")
    except sqlite3.DatabaseError as error:  # whatever else is wrong with it, others say
        if "locked" in str(error):
            raise CourseError(
                f"another program keeps the gradebook {path.name} locked, such as one that shows databases: "
                "close it, then run this again."
            ) from None


def _file(course: Course) -> Path | None:
    """The one that the gradebook is, or will be."""
    url = make_url(course.db_url)
    is_file = url.get_backend_name() == "sqlite" and url.database not in (None, "", ":memory:")
    return Path(str(url.database)) if is_file else None


def how_to_share(course: Course) -> str:
    """What the owner of a course has to do, so that others of their group can grade."""
    root = course.root.resolve()
    return (
        f"Where several people grade, its owner runs: chgrp -R GROUP {root} && chmod -R g+rwX {root} && "
        f"find {root} -type d -exec chmod g+s {{}} +, and sets c.CourseDirectory.groupshared = True."
    )
