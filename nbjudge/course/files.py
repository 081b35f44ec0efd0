"""Writes a file whole or not at all, and never over somebody else's."""

import contextlib
import os
import stat
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from nbjudge.course.errors import CourseError

SHARED = stat.S_ISGID | stat.S_IWGRP
MAX_NAME = 255
"""Bytes of a name, as file systems have it."""


def is_too_long(name: str) -> bool:
    """Whether no file system would have the name, and much that is done with names takes too long."""
    return len(name.encode(errors="replace")) > MAX_NAME


@contextmanager
def whole_file(path: Path, is_ours: Callable[[Path], bool] = lambda path: True) -> Iterator[BinaryIO]:
    """A file to write to, which takes the place of ``path`` when all went well.

    Parameters
    ----------
    is_ours
        Says whether a file that is there may be replaced.

    Raises
    ------
    CourseError
        If another file is in the way, or there is no folder for it.
    """
    path = Path(os.path.realpath(path))
    require_place(path, is_ours)
    if _is_device(path):
        with open(path, "wb") as file:
            yield file
        return
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:50]}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
        mask = os.umask(0)
        os.umask(mask)
        os.chmod(name, 0o666 & ~mask | (0o660 if is_shared(path.parent) else 0))
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise


def require_place(path: Path, is_ours: Callable[[Path], bool] = lambda path: True) -> None:
    """Make sure that ``whole_file`` has a place to write to, before what is written takes its time.

    Raises
    ------
    CourseError
        As there.
    """
    path = Path(os.path.realpath(path))
    if path.is_dir():
        raise CourseError(f"{path} is a folder; name a file.")
    if not path.parent.is_dir():
        raise CourseError(f"there is no folder {path.parent} to write {path.name} to.")
    if path.exists() and not _is_device(path) and path.stat().st_size and not is_ours(path):
        raise CourseError(f"{path} exists and wasn't made by this command; name another file, or move that one away.")


def _is_device(path: Path) -> bool:
    """Whether this is no file that could be replaced, such as /dev/stdout."""
    return path.exists() and not stat.S_ISREG(path.stat().st_mode)


def is_page_with(mark: str) -> Callable[[Path], bool]:
    """Tells pages of ours, which have this text, from other files."""
    return lambda path: mark.encode() in path.read_bytes()


def is_shared(folder: Path) -> bool:
    """Whether several people write to it, as with nbgrader's ``groupshared``: its group can, and what is made in it is
    that group's."""
    return folder.stat().st_mode & SHARED == SHARED


def given_to(place: Path | int, group: int) -> bool:
    """Give a file or folder, or one that is open, to a group, if it isn't the group's already. Whether it is now.

    What a group may read that isn't for everybody must be of those who grade: in one's own group there may be students.
    """
    if os.stat(place).st_gid != group:
        with contextlib.suppress(OSError):  # it is another one's, or one isn't in that group
            os.chown(place, -1, group)
    return os.stat(place).st_gid == group


def make_folders(path: Path) -> None:
    """Make a folder, and those around it. In a shared one, they are shared."""
    for folder in (*reversed(path.parents), path):
        if not folder.is_dir():
            folder.mkdir(exist_ok=True)
            if is_shared(folder.parent):
                folder.chmod(folder.stat().st_mode | 0o770 | SHARED)
