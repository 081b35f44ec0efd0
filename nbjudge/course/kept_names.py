"""Names under which a student's files lie beside a graded notebook, so that no program finds them there.

Jupyter starts a kernel in the folder of its notebook, and Python looks for modules there first. Who opens a notebook
would run what lies beside it, if it is called as something that a kernel imports, and without running a cell. What is
hidden is mostly somebody's settings: ``.pdbrc`` is obeyed by Python's debugger, ``.hg`` by prompts of shells.
"""

import re
from pathlib import PurePath

KEPT = ".handed-in.txt"
MODULE = re.compile(rf"\.(?:py|pyc|pyd|pyw|so|dll|dylib)(?:{re.escape(KEPT)})*\Z", re.IGNORECASE)
"""How a name ends that Python may find, or one that was made of such a name."""


def kept_name(path: PurePath) -> PurePath:
    """The path under which a student's file or folder is kept: what is hidden, and modules, end as texts do.

    Parameters
    ----------
    path
        Below the folder of the submission.
    """
    return PurePath(*(name + KEPT if _changes(name) else name for name in path.parts))


def handed_in_name(path: PurePath) -> PurePath:
    """The path that it had: of each path that ``kept_name`` gives the one that it was made of."""
    return PurePath(*map(_before, path.parts))


def _before(name: str) -> str:
    before = name.removesuffix(KEPT)
    return before if before != name and _changes(before) else name


def _changes(name: str) -> bool:
    return name.startswith(".") or MODULE.search(name) is not None
