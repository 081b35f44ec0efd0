"""Tells a grading that goes on from one that was killed: whoever grades a submission holds a lock on its folder.

Both have a half-finished folder in ``autograded/``. That of a grading that was killed has to go, or nbgrader would take
it for graded; the other one is the work of a process beside this one, such as a second ``nbgrader autograde``.
"""

import contextlib
import fcntl
import os
import weakref

from nbjudge.course.untrusted_folder import INTO, UntrustedFolder


class GradingLock:
    """A lock on the folder of a submission. It ends when it is released, and with the process, however that ends."""

    def __init__(self, folder: UntrustedFolder) -> None:
        descriptor = os.open(".", INTO, dir_fd=folder.descriptor)
        self.release = weakref.finalize(self, os.close, descriptor)
        with contextlib.suppress(OSError):  # another process grades it, too, or this file system knows no locks
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


def is_being_graded(folder: UntrustedFolder) -> bool:
    """Whether somebody holds the lock on this folder."""
    descriptor = os.open(".", INTO, dir_fd=folder.descriptor)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False  # this file system knows no locks
    finally:
        os.close(descriptor)
    return False
