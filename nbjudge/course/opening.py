"""Opens a file that somebody else may have put there, if it is a file and no link.

Where the system can refuse a link in the moment of opening (``O_NOFOLLOW``: Linux, macOS), nobody can put one there in
between. Windows can't: there it is looked at first, and what is swapped after that look is opened.
"""

import errno
import os
import stat
from pathlib import Path

HELD = hasattr(os, "O_NOFOLLOW") and os.open in os.supports_dir_fd
"""Whether this system opens by names in an open folder, and refuses links."""
FLAGS = sum(getattr(os, name, 0) for name in ("O_NOFOLLOW", "O_NONBLOCK", "O_CLOEXEC", "O_BINARY"))
"""Those that this system has: a pipe isn't waited for, and no end of a line is changed."""
MOUNT_POINT = 0xA0000003
"""The mark of a junction, which on Windows leads elsewhere and isn't called a link."""


def opened(path: Path, flags: int = os.O_RDONLY, mode: int = 0o600) -> int:
    """The descriptor of what lies at ``path``.

    Raises
    ------
    OSError
        If it can't be opened, or is a link.
    """
    if not HELD and os.path.lexists(path) and is_link(os.lstat(path)):
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(path))
    return os.open(path, flags | FLAGS, mode)


def is_link(about: os.stat_result) -> bool:
    """Whether an entry of a folder leads elsewhere."""
    return stat.S_ISLNK(about.st_mode) or getattr(about, "st_reparse_tag", 0) == MOUNT_POINT
