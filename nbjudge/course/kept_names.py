"""Names under which a student's modules lie beside a graded notebook, so that no Python finds them there.

Jupyter starts a kernel in the folder of its notebook, and Python looks for modules there first. Who opens a notebook
would run what lies beside it, if it is called as something that a kernel imports, and without running a cell.
"""

import re

KEPT = ".handed-in.txt"
MODULE = re.compile(rf"\.(?:py|pyc|pyd|pyw|so|dll|dylib)(?:{re.escape(KEPT)})*\Z", re.IGNORECASE)
"""How a name ends that Python may find, or one that was made of such a name."""


def kept_name(name: str) -> str:
    """The name, or the path, under which a student's file is kept: a module's ends as that of a text."""
    return name + KEPT if _is_module(name) else name


def handed_in_name(name: str) -> str:
    """The name that it had: of each name that ``kept_name`` gives the one that it was made of."""
    before = name.removesuffix(KEPT)
    return before if before != name and _is_module(before) else name


def _is_module(name: str) -> bool:
    return MODULE.search(name) is not None
