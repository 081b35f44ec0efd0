"""The secret beside a submission from nbgrader's exchange, by which a student fetches the feedback page.

Who knows another's secret can fetch that one's page, or hand in with it: pages in the exchange are called by nothing
but the secret and the name of the notebook. So nobody but those who grade may read it.
"""

import contextlib
import re
import stat
from pathlib import Path

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


def hide_secret(folder: Path, shared: bool) -> None:
    """Let only its owner read the secret in a folder of ours, and the group if the course is ``shared``.

    nbgrader gives all files of a folder the same rights when it is through with it. Where another one owns the file,
    they stay.
    """
    path = folder / SECRET
    with contextlib.suppress(OSError):
        if path.is_file() and not path.is_symlink():
            path.chmod(stat.S_IMODE(path.stat().st_mode) & (0o770 if shared else 0o700))
