"""Looks through a submission's folder before nbgrader copies anything out of it. Nothing is deleted."""

import hashlib
import os
import re
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

from nbjudge.course.course import Course
from nbjudge.course.files import set_aside
from nbjudge.course.graded import Repair
from nbjudge.course.notebook_names import NOTEBOOK, plain_stem
from nbjudge.course.timestamps import TIMESTAMP, NoTimeError, read_timestamp
from nbjudge.intake.kept_repairs import read_repairs, write_repairs

MAX_FILES = 200
MAX_BYTES, MAX_ALL_BYTES = 20 * 2**20, 32 * 2**20
"""Of one file beside the notebook, and of all of them."""
MAX_DEPTH = 6


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
                elif path == folder / TIMESTAMP and not _holds_a_time(path):
                    yield path, "it holds no time"
                elif own.is_dir():
                    yield path, "the exercise has a folder of this name"
                else:
                    size += about.st_size
            elif not stat.S_ISDIR(about.st_mode):
                yield path, "it is no ordinary file"
            elif name == ".ipynb_checkpoints" or len(path.relative_to(folder).parts) > MAX_DEPTH:
                yield path, "it is no part of the submission"
            elif own.is_file() or path == folder / TIMESTAMP:
                yield path, "there must be a file of this name, and this is a folder"
        folders[:] = [name for name in folders if name != ".ipynb_checkpoints" and not Path(place, name).is_symlink()]
        folders[:] = folders if len(Path(place).relative_to(folder).parts) < MAX_DEPTH else []


def _holds_a_time(path: Path) -> bool:
    """Whether nbgrader can read the file, empty or not."""
    try:
        read_timestamp(path)
    except NoTimeError:
        return False
    return True


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
