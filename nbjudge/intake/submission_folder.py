"""Looks through a submission's folder before nbgrader copies anything out of it. Nothing is deleted."""

import hashlib
import json
import os
import re
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

from nbgrader.utils import parse_utc

from nbjudge.course.course import Course
from nbjudge.course.graded import UNFINISHED, Repair
from nbjudge.intake.repairs import read_repairs, write_repairs

MAX_FILES = 200
MAX_BYTES, MAX_ALL_BYTES = 20 * 2**20, 32 * 2**20
"""Of one file beside the notebook, and of all of them."""
MAX_DEPTH = 6
MAX_NAME = 240
"""Bytes of a name that is given a number; with it, no file system takes more than 255."""
STAMP, MAX_STAMP = "timestamp.txt", 100
"""nbgrader reads the time of the submission from there."""
NOTEBOOK = re.compile(r"\.ipynb(\.(txt|json))?$", re.IGNORECASE)
"""Some browsers and editors append another ending."""
COPY = re.compile(r"[\s_-]*(\(\d+\)|-?copy\s*\d*|-?kopie\s*\d*)$|^(copy of|kopie von)\s+")


def is_unfinished(graded: Path) -> bool:
    """Whether ``graded``, a folder in ``autograded/``, was left behind by a grading that was killed."""
    notebooks = list(graded.glob("*.ipynb"))
    return not notebooks or any(map(_is_unfinished, notebooks))


def _is_unfinished(notebook: Path) -> bool:
    if not notebook.stat().st_mode & 0o222:
        return False  # nbgrader takes the right to write away when it is through
    try:
        return UNFINISHED in json.loads(notebook.read_bytes())["metadata"]
    except (OSError, ValueError, KeyError, TypeError):
        return True


def tidy(course: Course, student: str, assignment: str) -> list[Repair]:
    """Ready the folder of one submission: afterwards it holds the notebooks of the assignment under their names, and
    nothing that mustn't be copied.

    Returns
    -------
    what was put right, now or when the same notebooks were graded before

    Raises
    ------
    OSError
        If something can't be set aside. The folder must then not be copied from.
    """
    folder, source = course.submitted(student, assignment), course.source(assignment)
    refused = course.refused(student, assignment)
    notebooks = [folder / path.name for path in course.notebooks(assignment)]
    repairs: list[Repair] = []
    for place in (folder.parent, folder):
        if place.is_symlink():
            set_aside(place, refused, Path(place.name))
            place.mkdir()
            folder.mkdir(exist_ok=True)
            repairs.append(
                Repair("The folder was a link to another one. It was set aside; hand in the files themselves.")
            )
    for path, reason in _unwelcome(folder, source):
        set_aside(path, refused, path.relative_to(folder))
        repairs.append(_about_file(path, f"was set aside: {reason}."))
    for notebook in notebooks:
        if not notebook.exists() or notebook.stat().st_size == 0:
            meant = _meant(folder, notebook.name, alone=len(notebooks) == 1)
            if meant is None:
                notebook.touch()  # so that nbgrader goes on, and the student reads what is wrong
            else:
                shutil.copyfile(meant, notebook, follow_symlinks=False)
                repairs.append(
                    _about_file(meant, f"was graded as {notebook.name}. Please keep the name of the notebook.")
                )
    return _with_earlier(course.repairs(student, assignment), notebooks, repairs)


def _with_earlier(path: Path, notebooks: list[Path], repairs: list[Repair]) -> list[Repair]:
    """``repairs``, after those that are kept at ``path`` from an earlier grading of the same notebooks. Keeps all."""
    try:
        digests = [sum_of(notebook) for notebook in notebooks]
        everything = list(dict.fromkeys([*read_repairs(path, digests), *repairs]))
        if everything:
            write_repairs(path, digests, everything)
    except OSError:  # a notebook that can't be read, which is refused later; or there is nowhere to write
        return repairs
    return everything


def _about_file(path: Path, predicate: str) -> Repair:
    """A repair of one file, whose name is shown in a form that can do no harm anywhere."""
    name = re.sub(r"[^\w .()+-]", "?", path.name)[:80]
    return Repair(f"The file {name} {predicate}", f"A file {predicate}")


def sum_of(file: Path) -> str:
    """A sum over the content of a file; over size and time, if it is larger than anything that is graded."""
    about = file.stat()
    if about.st_size > MAX_ALL_BYTES:
        return repr((about.st_size, about.st_mtime_ns))
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _unwelcome(folder: Path, source: Path) -> Iterator[tuple[Path, str]]:
    """What isn't copied, and why. Notebooks aren't counted: they are read, and not copied."""
    count = size = 0
    for place, folders, names in os.walk(folder):
        for name in sorted([*folders, *names]):
            path = Path(place, name)
            about, own = path.lstat(), source / path.relative_to(folder)
            if stat.S_ISLNK(about.st_mode):
                yield path, "it is a link"
            elif stat.S_ISREG(about.st_mode):
                if path.suffix == ".ipynb" and (own.exists() or about.st_size <= MAX_BYTES):
                    continue
                count += 1
                if about.st_size > MAX_BYTES:
                    yield path, f"it is larger than {MAX_BYTES // 2**20} MB"
                elif count > MAX_FILES:
                    yield path, f"there are more than {MAX_FILES} files"
                elif size + about.st_size > MAX_ALL_BYTES:
                    yield path, f"the files are larger than {MAX_ALL_BYTES // 2**20} MB together"
                elif path == folder / STAMP and not _holds_a_time(path):
                    yield path, "it holds no time"
                elif own.is_dir():
                    yield path, "the exercise has a folder of this name"
                else:
                    size += about.st_size
            elif not stat.S_ISDIR(about.st_mode):
                yield path, "it is no ordinary file"
            elif name == ".ipynb_checkpoints" or len(path.relative_to(folder).parts) > MAX_DEPTH:
                yield path, "it is no part of the submission"
            elif own.is_file() or path == folder / STAMP:
                yield path, "there must be a file of this name, and this is a folder"
        folders[:] = [name for name in folders if name != ".ipynb_checkpoints" and not Path(place, name).is_symlink()]
        folders[:] = folders if len(Path(place).relative_to(folder).parts) < MAX_DEPTH else []


def _holds_a_time(path: Path) -> bool:
    """Whether nbgrader can read the file, empty or not, and Python can calculate with what it holds."""
    try:
        with path.open() as file:
            text = file.read(MAX_STAMP).strip()
        return not text or abs(parse_utc(text).year - 2000) < 1000
    except Exception:  # dateutil has many errors for nonsense
        return False


def set_aside(path: Path, refused: Path, name: Path) -> None:
    """Move ``path`` itself (not what it may point to) to ``refused / name``, beside what lies there already."""
    if not os.path.lexists(path):
        return  # moved with its folder
    target, number = refused / name, 1
    while os.path.lexists(target):
        number += 1
        target = refused / name.with_name(_numbered(name.name, number))
    target.parent.mkdir(parents=True, exist_ok=True)
    os.rename(path, target)


def _numbered(name: str, number: int) -> str:
    """The name with a number, short enough for a file system, which counts bytes."""
    return f"{os.fsdecode(os.fsencode(name)[:MAX_NAME])}.{number}"


def _meant(folder: Path, name: str, alone: bool) -> Path | None:
    """The notebook that was clearly meant to have this name: a copy of it (the newest), or the only one there is."""
    candidates = [path for path in folder.iterdir() if NOTEBOOK.search(path.name) and _holds_something(path)]
    copies = [path for path in candidates if plain_stem(path.name) == plain_stem(name)]
    if copies:
        return max(copies, key=lambda path: (path.stat().st_mtime, path.name))
    return candidates[0] if alone and len(candidates) == 1 else None


def _holds_something(path: Path) -> bool:
    about = path.lstat()
    return stat.S_ISREG(about.st_mode) and 0 < about.st_size <= MAX_BYTES


def plain_stem(name: str) -> str:
    """The name of a notebook without what browsers and people add to the names of copies."""
    stem = NOTEBOOK.sub("", name).lower().strip()
    while COPY.search(stem):
        stem = COPY.sub("", stem).strip()
    return re.sub(r"[\s_-]+", "_", stem)
