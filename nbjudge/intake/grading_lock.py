"""Tells a grading that goes on from one that was killed: whoever grades a submission holds a lock.

Both have a half-finished folder in ``autograded/``. That of a grading that was killed has to go, or nbgrader would take
it for graded; the other one is the work of a process beside this one, such as a second ``nbgrader autograde``. One
submission is graded by one process at a time, or the scores of what was handed in before could be saved last.
The file is our own, as everybody who can read a file can lock it. Windows has no such locks: there, one command at a
time grades in a course.
"""

import contextlib
import os
import weakref
from pathlib import Path

from nbjudge.course.errors import CourseError
from nbjudge.course.files import is_shared, make_folders
from nbjudge.course.opening import opened

try:
    import fcntl
except ImportError:
    fcntl = None  # type: ignore[assignment]


class BeingGradedError(CourseError):
    """Another process grades this submission now: who came second would spoil what the first one does."""

    def __init__(self) -> None:
        super().__init__("another process grades it now; wait for that one, then run the same command again.")


class GradingLock:
    """A lock by a file. It ends when it is released, with a ``with``, and with the process, however that ends."""

    def __init__(self, path: Path) -> None:
        """
        Raises
        ------
        BeingGradedError
            If another process has it.
        """
        self.release = lambda: None
        if fcntl is None:
            return
        with contextlib.suppress(OSError):  # this can't be written to, or this file system knows no locks
            make_folders(path.parent)
            descriptor = _opened(path)
            self.release = weakref.finalize(self, os.close, descriptor)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                self.release()
                raise BeingGradedError from None

    def __enter__(self) -> "GradingLock":
        return self

    def __exit__(self, *error: object) -> None:
        self.release()


def is_being_graded(path: Path) -> bool:
    """Whether somebody holds the lock."""
    if fcntl is None:
        return False
    try:
        descriptor = opened(path, os.O_RDWR)
    except OSError:
        return False  # nobody ever held it
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False  # this file system knows no locks
    finally:
        os.close(descriptor)
    return False


def _opened(path: Path) -> int:
    descriptor = opened(path, os.O_RDWR | os.O_CREAT)
    if is_shared(path.parent):
        with contextlib.suppress(PermissionError):  # another one made it, and has done so
            os.fchmod(descriptor, 0o660)
    return descriptor
