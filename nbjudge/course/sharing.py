"""A course folder in which several people grade: nbgrader's ``groupshared``, for the gradebook and our own files."""

import os
import stat
from pathlib import Path

from sqlalchemy import make_url

from nbjudge.course.course import Course
from nbjudge.course.errors import CourseError


def share_gradebook(course: Course) -> None:
    """Let the group write to a gradebook that is a file, where the course is shared. nbgrader leaves that out.

    Raises
    ------
    CourseError
        If it is another's, and can't be written to.
    """
    url = make_url(course.db_url)
    path = Path(url.database or "")
    if url.get_backend_name() != "sqlite" or not path.is_file():
        return
    about = path.stat()
    is_ours = not hasattr(os, "geteuid") or about.st_uid == os.geteuid()
    if course.directory.groupshared and is_ours and not about.st_mode & stat.S_IWGRP:
        path.chmod(about.st_mode | 0o060)
    if not (os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)):
        raise CourseError(
            f"you can't write to the gradebook {path.name}; `course doctor` says more. {how_to_share(course)}"
        )


def how_to_share(course: Course) -> str:
    """What the owner of a course has to do, so that others of their group can grade."""
    root = course.root.resolve()
    return (
        f"Where several people grade, its owner runs: chgrp -R GROUP {root} && chmod -R g+rwX {root} && "
        f"find {root} -type d -exec chmod g+s {{}} +, and sets c.CourseDirectory.groupshared = True."
    )
