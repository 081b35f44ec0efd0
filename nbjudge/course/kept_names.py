"""Names under which a student's files lie beside a graded notebook, so that no program finds them there.

Jupyter starts a kernel in the folder of its notebook, and Python looks for modules there first. Who opens a notebook
would run what lies beside it, if it is called as something that a kernel imports, and without running a cell. What is
hidden is mostly somebody's settings: ``.pdbrc`` is obeyed by Python's debugger, ``.hg`` by prompts of shells. Some can
be seen: to complete ``import matplotlib.`` is to read ``matplotlibrc``, which older versions run in part.
"""

import re
from pathlib import PurePath

KEPT = ".handed-in.txt"
FOUND_BY_PYTHON = r".*\.(?:py|pyc|pyd|pyw|so|dll|dylib|pth|egg|(?:dist|egg)-info)"
SETTINGS = r"\..*|matplotlibrc|jupytext\..*|pyproject\.toml|setup\.cfg|tox\.ini|mypy\.ini|pytest\.ini|pylintrc"
"""Of editors, linters and libraries: some can name code to run."""
CHANGED = re.compile(rf"(?:{FOUND_BY_PYTHON}|{SETTINGS})(?:{re.escape(KEPT)})*", re.IGNORECASE | re.DOTALL)
"""Names of files and folders that aren't kept as they are, and what may have been made of such a name."""


def kept_name(path: PurePath) -> PurePath:
    """The path under which a student's file or folder is kept: modules, and what programs obey, end as texts do.

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
    return CHANGED.fullmatch(name) is not None
