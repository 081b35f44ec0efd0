"""Looks through a submission's folder before nbgrader copies anything out of it. Nothing is deleted."""

import contextlib
import fcntl
import hashlib
import json
import os
import re
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

from nbjudge.course.files import set_aside
from nbjudge.course.notebook_names import NOTEBOOK, plain_stem
from nbjudge.course.timestamps import TIMESTAMP, NoTimeError, read_timestamp

MAX_FILES = 200
MAX_BYTES, MAX_ALL_BYTES = 20 * 2**20, 32 * 2**20
"""Of one file beside the notebook, and of all of them."""
MAX_DEPTH = 6

notes: dict[str, list[str]] = {}
"""What was done to each folder, in sentences, by the folder's path."""


_working_on: list[int] = []
"""Descriptor of the folder that this process is grading. Its lock ends with the process, however that ends."""


def is_being_graded(folder: Path) -> bool:
    """Whether another process works on this submission right now."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def _lock(folder: Path) -> None:
    while _working_on:
        os.close(_working_on.pop())
    _working_on.append(os.open(folder, os.O_RDONLY))
    with contextlib.suppress(BlockingIOError):
        fcntl.flock(_working_on[0], fcntl.LOCK_EX | fcntl.LOCK_NB)


def tidy(assignment: str, student: str, notebooks: list[str]) -> None:
    """Ready the folder of one submission. nbgrader calls this before it reads the folder, as ``pre_convert_hook``.

    Parameters
    ----------
    assignment, student
        As nbgrader has them; the student may be a pattern.
    notebooks
        Paths of the notebooks in the folder. The list is nbgrader's own: what is changed in it is what gets graded.
    """
    folder = Path(notebooks[0]).parent
    root = folder.parents[2]
    wanted = sorted(each.name for each in (root / "source" / folder.name).glob("*.ipynb"))
    said = notes[str(folder)] = []
    refused = root / "refused" / folder.parent.name / folder.name
    for place in (folder.parent, folder):
        if place.is_symlink():
            set_aside(place, refused, Path(place.name))
            place.mkdir()
            folder.mkdir(exist_ok=True)
            said.append("The folder was a link to another one. It was set aside; hand in the files themselves.")
    for path, why in _unwelcome(folder, root / "source" / folder.name):
        set_aside(path, refused, path.relative_to(folder))
        said.append(f"{_named(path)} was set aside: {why}.")
    for name in wanted:
        if not (folder / name).exists() or (folder / name).stat().st_size == 0:
            meant = _meant(folder, name, alone=len(wanted) == 1)
            if meant is None:
                (folder / name).touch()  # so that nbgrader goes on, and the student reads what is wrong
            else:
                shutil.copyfile(meant, folder / name, follow_symlinks=False)
                said.append(f"{_named(meant)} was graded as {name}. Please keep the name of the notebook.")
    notebooks[:] = [str(folder / name) for name in wanted]
    _remember(kept_notes(root, folder.name, folder.parent.name), [folder / name for name in wanted], said)
    _lock(folder)


def kept_notes(root: Path, assignment: str, student: str) -> Path:
    """Where the sentences on one submission are kept: when it is graded again, its folder is tidy already."""
    return root / ".grading" / assignment / "intake" / f"{student}.json"


def _remember(path: Path, notebooks: list[Path], said: list[str]) -> None:
    """Add to ``said`` what was said of the same notebooks before, and keep all of it."""
    sums = [sum_of(each) for each in notebooks]
    try:
        kept = json.loads(path.read_text())
        before = kept["said"] if kept["notebooks"] == sums else []
    except (OSError, ValueError, KeyError, TypeError):
        before = []
    said[:] = list(dict.fromkeys([*before, *said]))
    if said:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps({"notebooks": sums, "said": said}))


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
        folders[:] = [each for each in folders if each != ".ipynb_checkpoints" and not Path(place, each).is_symlink()]
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
    found = [path for path in folder.iterdir() if NOTEBOOK.search(path.name) and _holds_something(path)]
    copies = [path for path in found if plain_stem(path.name) == plain_stem(name)]
    if copies:
        return max(copies, key=lambda path: (path.stat().st_mtime, path.name))
    return found[0] if alone and len(found) == 1 else None


def _holds_something(path: Path) -> bool:
    about = path.lstat()
    return stat.S_ISREG(about.st_mode) and 0 < about.st_size <= MAX_BYTES


def _named(path: Path) -> str:
    """The name of a file as it can be shown anywhere."""
    return "The file " + re.sub(r"[^\w .()+-]", "?", path.name)[:80]
