"""Names under which a student's files lie beside a graded notebook, so that no program finds them there.

Jupyter starts a kernel in the folder of its notebook, and Python looks for modules there first. Who opens a notebook
would run what lies beside it, if it is called as something that a kernel imports, and without running a cell. Editors,
debuggers, prompts and libraries look for settings and orders there, some of which name code to run, in texts of any
kind (``jupytext.json``, ``CMakeLists.txt``). And formgrader gives a page or an SVG from there to the browser, in which
it runs as a part of the Jupyter server. Nobody knows all these names, so only tables, pictures, notebooks and archives
keep theirs.
"""

import re
from pathlib import PurePath

from nbjudge.course.submission_secret import SECRET
from nbjudge.course.timestamps import TIMESTAMP

KEPT = ".handed-in.txt"
DATA = re.compile(
    r"[^.].*\.(?:bmp|csv|dat|gif|gz|h5|hdf5|ipynb|jpe?g|mat|npy|npz|pdf|png|pt|tiff?|tsv|xlsx?|zip)",
    re.IGNORECASE | re.DOTALL,
)
"""Names of files that no program takes for a module, settings, orders or a page."""
NBGRADERS = {PurePath(TIMESTAMP), PurePath(SECRET)}
"""What nbgrader itself reads there."""
FOLDER = re.compile(r"[^.]+", re.DOTALL)
"""Names of folders in which nobody looks for anything, unless it was told to."""


def kept_name(path: PurePath) -> PurePath:
    """The path under which a student's file is kept: what isn't data ends in ``KEPT``.

    Parameters
    ----------
    path
        Below the folder of the submission.
    """
    return path if path in NBGRADERS else kept_folder(path.parent) / _kept(path.name, DATA)


def kept_folder(path: PurePath) -> PurePath:
    """The same of a folder."""
    return PurePath(*(_kept(name, FOLDER) for name in path.parts))


def handed_in_name(path: PurePath) -> PurePath:
    """The path that it had: of each path that ``kept_name`` gives the one that it was made of."""
    return PurePath(*(name.removesuffix(KEPT) for name in path.parts))


def _kept(name: str, harmless: re.Pattern[str]) -> str:
    return name if harmless.fullmatch(name) and not name.endswith(KEPT) else name + KEPT
