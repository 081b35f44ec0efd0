"""The secret beside a submission from nbgrader's exchange, by which a student fetches the feedback page.

Who knows another's secret can fetch that one's page, or hand in with it: pages in the exchange are called by nothing
but the secret and the name of the notebook. So nobody but those who grade may read it.
"""

import contextlib
import os
import re
import stat
from pathlib import Path

from nbjudge.course.files import given_to
from nbjudge.course.untrusted_folder import UntrustedFolder

SECRET = "submission_secret.txt"
A_SECRET = re.compile(rb"[!-~]{1,1000}\s*")
"""What `nbgrader release_feedback` can read. nbgrader itself writes 128 letters and digits."""
MAX_LENGTH = 2_000
"""Bytes of the file, with blanks at its end."""


def read_secret(folder: Path) -> str:
    """The secret in a folder of ours; "" if there is none, or one that nbgrader would stop at."""
    with contextlib.suppress(OSError), UntrustedFolder.at(folder) as opened:
        return secret_in(opened)
    return ""


def secret_in(folder: UntrustedFolder) -> str:
    """The same of an open folder, which may be a student's."""
    with contextlib.suppress(OSError), folder.file(SECRET) as file:
        content = file.read(MAX_LENGTH + 1)
        return content.decode() if len(content) <= MAX_LENGTH and A_SECRET.fullmatch(content) else ""
    return ""


def is_closed(folder: Path) -> bool:
    """Whether there is a secret in a folder of ours that another one keeps to themselves."""
    try:
        return not os.access(folder / SECRET, os.R_OK) and stat.S_ISREG(os.lstat(folder / SECRET).st_mode)
    except FileNotFoundError:
        return False
    except OSError:
        return True


def hide_secret(folder: Path, group: int | None) -> None:
    """Let only its owner read the secret in a folder of ours, and the ``group`` if several people grade.

    nbgrader gives all files of a folder the same rights when it is through with it. Where another one owns the file,
    they stay.
    """
    path = folder / SECRET
    with contextlib.suppress(OSError):
        if path.is_file() and not path.is_symlink():
            rights = stat.S_IMODE(path.stat().st_mode) & 0o700
            path.chmod(rights | (0o060 if group is not None and given_to(path, group) else 0))
