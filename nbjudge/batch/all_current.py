"""Tells at once, without nbgrader, that all of a class is graded and nothing has changed since.

When a run has made sure of that in the long way, it writes down a sum over all that this depends on, with where that
lies. Who finds the same sum again knows the same. The configuration is read, and what was handed in and the files that
decide a grade are hashed, each time: the times of a file say little of what was written into it through a mapping.
Anything else, even a gradebook on a server, takes the long way.
"""

import glob
import hashlib
import json
import os
import re
import stat
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from unittest import mock

from traitlets.config import Config

from nbjudge.course import light_config
from nbjudge.course.config_files import OBEYED, config_files
from nbjudge.course.digests import contents, digest, engine_files, origin_of, version_of
from nbjudge.course.files import make_folders, whole_file
from nbjudge.course.stamps import told_apart
from nbjudge.course.student_ids import short_name
from nbjudge.course.untrusted_folder import IsLinkError, NotOpenedError, TooLargeError, UntrustedFolder

FORM = 2
"""Of what is written down."""
NOBODY = "\0"
"""Stands in paths for a student."""
MOST_ENTRIES, MOST_BYTES, MOST_DEEP = 1000, 2**26, 30
"""Of a submission. One with more is looked at in the long way, which has bounds of its own."""
LIBRARIES = ("nbgrader", "numpy", "ipython", "traitlets", "jupyter_core", "nbformat", "sqlalchemy")
VARIABLES = ("HOME", "JUPYTER_CONFIG_DIR", "JUPYTER_CONFIG_PATH", "JUPYTER_NO_CONFIG", "JUPYTER_PREFER_ENV_PATH")
BESIDE = [*OBEYED, "jupyter_config.py", "jupyter_config.json"]
"""Names of the files that nbgrader also obeys in folders of the user and of the system."""


@dataclass(frozen=True)
class Facts:
    """Where everything lies. It follows from the configuration, the options and the versions alone.

    Attributes
    ----------
    root, ledger, source : folders
    submitted, form : a pattern of the submissions' folders, and a form by which they are known
    top : the folder around all submissions
    one, autograded : a student's folders, with ``NOBODY`` in place of the student
    gradebook : the file
    files, folders : further ones that decide, whether there or not
    evidence : the folder of what was seen of submissions
    packages, libraries : those that the solution loaded, of which the place or the version counts
    beside : folders in which there is no further file that nbgrader obeys
    """

    root: str
    ledger: str
    source: str
    submitted: str
    form: str
    top: str
    one: str
    autograded: str
    gradebook: str
    files: list[str]
    folders: list[str]
    evidence: str
    packages: list[str]
    libraries: list[str]
    beside: list[str]


def place_of(ledger: Path) -> Path:
    """Where it is written down that all is current."""
    return ledger / "unchanged" / "all.json"


def known(
    assignment: str, config: Config | None, root: Path | None, options: Sequence[str]
) -> tuple[int, dict[str, str]]:
    """How many submissions there are, and the files that are obeyed, if all are graded and unchanged; 0 if that isn't
    known.

    ``config`` is None where it can't be read.
    """
    if config is None:
        return 0, {}
    try:
        kept = json.loads(place_of(light_config.root_of(config) / ".grading" / assignment).read_bytes())
        facts = Facts(**kept["facts"])
        found = count_and_sum(facts, assignment, config, root, options)
        is_known = found is not None and found[1] == kept["sum"]
        return (found[0], config_files(Path.cwd(), Path(facts.root))) if found and is_known else (0, {})
    except Exception:  # whatever it is, the long way says it
        return 0, {}


def write(facts: Facts, found: tuple[int, str]) -> None:
    """Write down what ``count_and_sum`` found, when it is known that all of it is current."""
    place = place_of(Path(facts.ledger))
    make_folders(place.parent)
    with whole_file(place) as file:
        file.write(json.dumps({"facts": asdict(facts), "sum": found[1]}).encode())


def count_and_sum(
    facts: Facts, assignment: str, config: Config, root: Path | None, options: Sequence[str]
) -> tuple[int, str] | None:
    """The number of submissions and a sum over all that decides; None where one isn't graded, or this can't say it."""
    if os.name != "posix" or not all(os.access(path, os.W_OK) for path in _to_be_written(facts)):
        return None
    about_gradebook = os.stat(facts.gradebook)
    sums = hashlib.sha256()
    obeyed = config_files(Path.cwd(), Path(facts.root))
    if any(os.path.lexists(os.path.join(folder, name)) for folder in facts.beside for name in BESIDE):
        return None
    installed = {name: version_of(name) for name in (*LIBRARIES, *facts.libraries)}
    decides = (
        *(FORM, sys.version, sys.prefix, os.getcwd(), os.geteuid(), assignment),
        *(str(root), list(options), repr(config), obeyed, asdict(facts), installed),
        [os.environ.get(name) for name in VARIABLES],
        _origins(facts.packages),
        [(path, digest(path)) for path in (*map(str, engine_files()), *facts.files)],
        [(folder, _tree(folder)) for folder in facts.folders],
        contents(Path(facts.source)),
        (about_gradebook.st_mode, about_gradebook.st_uid),
        [(ending, digest(facts.gradebook + ending)) for ending in ("", "-wal", "-journal")],
        sorted(os.listdir(facts.evidence)) if os.path.isdir(facts.evidence) else [],
    )
    sums.update(repr(decides).encode(errors="replace"))
    students = _students(facts)
    for student in students:
        try:
            seen = list(_seen(facts, student))
        except TooLargeError:
            return None
        known = digest(os.path.join(facts.ledger, f"{short_name(student)}.json"))
        is_graded = os.path.isdir(os.path.normpath(facts.autograded.replace(NOBODY, student)))
        if not (known and is_graded and seen):
            return None
        sums.update(repr((student, seen, known)).encode(errors="replace"))
    return len(students), sums.hexdigest()


def _origins(packages: Sequence[str]) -> dict[str, str]:
    """Where these would be imported from, as nbgrader finds them: it looks in the working directory first."""
    with mock.patch.object(sys, "path", [os.getcwd(), *sys.path]):
        return {name: origin_of(name) for name in packages}


def _to_be_written(facts: Facts) -> list[str]:
    return [facts.ledger, facts.gradebook, os.path.dirname(facts.gradebook)]


def _students(facts: Facts) -> list[str]:
    matches = (re.fullmatch(facts.form, folder) for folder in glob.glob(facts.submitted))
    return sorted(match["student"] for match in matches if match and match["student"])


def _seen(facts: Facts, student: str) -> Iterator[tuple]:
    """What tells the files of a submission from others. No link is followed.

    Raises
    ------
    TooLargeError
        If there is more than is looked at here.
    """
    folder = os.path.normpath(facts.one.replace(NOBODY, student))
    above = os.path.dirname(folder)
    while above.startswith(facts.top + os.sep):  # a link there would lead elsewhere
        about = os.lstat(above)
        yield above, about.st_mode, about.st_ino, about.st_dev
        above = os.path.dirname(above)
    yield "", *told_apart(os.lstat(folder))
    try:
        with UntrustedFolder.below(Path(facts.top), Path(folder)) as found:
            yield from _inside(found, "", _Bounds(MOST_ENTRIES, MOST_BYTES))
    except IsLinkError:
        return  # what lies behind it is nobody's submission


@dataclass
class _Bounds:
    """What may still be looked at of a submission."""

    entries: int
    bytes: int


def _inside(folder: UntrustedFolder, place: str, left: _Bounds) -> Iterator[tuple]:
    """What tells apart all that is in a folder.

    Raises
    ------
    TooLargeError
        If that is too much.
    """
    for name in folder.names(MOST_ENTRIES + 1):
        about, path, content = folder.about(name), f"{place}/{name}", ""
        left.entries -= 1
        if left.entries < 0 or path.count("/") > MOST_DEEP:
            raise TooLargeError
        if about is None:
            raise FileNotFoundError(path)
        if stat.S_ISREG(about.st_mode):
            with suppress(NotOpenedError):  # it may be no one's to read, which its mode says
                content, size = folder.read(name, left.bytes)
                left.bytes -= size
        yield path, *told_apart(about), content
        if stat.S_ISDIR(about.st_mode):
            with folder.folder(name) as inner:
                yield from _inside(inner, path, left)


def _tree(folder: str) -> list[tuple[str, str]]:
    """Files below a folder and their contents, but for those that Python writes itself."""
    paths = sorted(path for path in Path(folder).rglob("*") if "__pycache__" not in path.parts)
    return [(str(path), digest(path)) for path in paths]
