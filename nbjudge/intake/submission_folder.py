"""Takes a copy of what a student handed in, which is all that grading looks at. What was handed in stays as it is."""

import contextlib
import hashlib
import os
import re
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path, PurePath

from nbjudge.course.config_files import is_configuration
from nbjudge.course.course import Course
from nbjudge.course.files import is_too_long
from nbjudge.course.graded import Repair
from nbjudge.course.kept_names import kept_folder, kept_name
from nbjudge.course.notebook_names import may_be, plain_stem
from nbjudge.course.timestamps import TIMESTAMP, holds_a_time
from nbjudge.course.untrusted_folder import IsLinkError, NotOpenedError, TooLargeError, UntrustedFolder
from nbjudge.intake import reading
from nbjudge.intake.kept_repairs import read_repairs
from nbjudge.intake.untouched import Untouched

MAX_FILES = 200
MAX_BYTES, MAX_ALL_BYTES = 20 * 2**20, 32 * 2**20
"""Of one file beside the notebook, and of all of them."""
MAX_DEPTH = 6
MAX_CANDIDATES = 10
"""Copies of a notebook that are looked into, the newest."""
MAX_ENTRIES = 1000
"""Files and folders of a submission that are looked at; the notebooks themselves are found in any case."""


@dataclass(frozen=True)
class Taken:
    """What is known of a copy: what was put right, which notebooks are missing, a sum over what was handed in."""

    repairs: list[Repair]
    missing: list[str]
    sum: str


def take(course: Course, student: str, assignment: str, copy: Path) -> Taken:
    """Copy a submission to ``copy``, an empty folder in which nobody else can write.

    The copy holds the notebooks of the assignment under their names, an empty one for each that is missing, and of
    what lies beside them whatever may be copied.

    Raises
    ------
    OSError
        If there is no folder.
    """
    reader = _Reader(course, student, assignment, copy)
    reader.read()
    reader.complete()
    kept = read_repairs(course.repairs(student, assignment), list(reader.notebooks.values()))
    return Taken(list(dict.fromkeys([*kept, *reader.repairs])), reader.missing, reader.sum)


def take_time(course: Course, student: str, assignment: str, copy: Path) -> None:
    """Copy no more than the time at which a submission came in, if it has one."""
    with contextlib.suppress(OSError):
        with course.open_submitted(student, assignment) as folder:
            folder.read(TIMESTAMP, MAX_BYTES, copy / TIMESTAMP)
        if not holds_a_time(copy):
            (copy / TIMESTAMP).unlink()


def sum_of(course: Course, student: str, assignment: str) -> str:
    """The sum that ``take`` gives, without a copy."""
    reader = _Reader(course, student, assignment, None)
    with contextlib.suppress(OSError):
        reader.read()
    return reader.sum


class _Reader:
    """Goes through a submission once; copies, if there is a place for a copy, and adds up.

    Attributes
    ----------
    repairs : what isn't copied, and why
    missing : names of notebooks for which nothing was handed in
    notebooks : SHA-256 of each notebook of the assignment, by name
    """

    def __init__(self, course: Course, student: str, assignment: str, copy: Path | None) -> None:
        self.repairs: list[Repair] = []
        self.missing: list[str] = []
        self.notebooks: dict[str, str] = {path.name: "" for path in course.notebooks(assignment)}
        self._course, self._student, self._assignment, self._copy = course, student, assignment, copy
        self._source = course.source(assignment)
        self._entries = self._files = self._bytes = 0
        self._candidates: dict[str, os.stat_result] = {}
        """Other files that could be notebooks."""
        self._set_aside: dict[str, list[PurePath]] = {}
        """By why; a reason that many files share is said once."""
        self._closed: set[str] = set()
        """Notebooks of the assignment that can't be opened."""
        self._top: UntrustedFolder | None = None
        self._sums = hashlib.sha256()

    @property
    def sum(self) -> str:
        return self._sums.hexdigest()

    def read(self) -> None:
        try:
            self._top = self._course.open_submitted(self._student, self._assignment)
        except IsLinkError:
            self.repairs.append(
                Repair("The folder was a link to another one. It was set aside; hand in the files themselves.")
            )
            return
        first = [name for name in (*self.notebooks, TIMESTAMP) if self._top.about(name) is not None]
        others = [name for name in self._top.names(MAX_ENTRIES + len(first) + 1) if name not in first]
        self._go_through(self._top, PurePath(), [*first, *others])
        self.repairs += [_about_files(paths, reason) for reason, paths in self._set_aside.items()]
        # the content of one of them may become what is graded; which one, their order in time decides
        for other in dict.fromkeys(other for name in self.notebooks for other in self._called_like(name)):
            self._sums.update(repr(other).encode(errors="replace"))
            with contextlib.suppress(OSError):
                self._sums.update(self._top.read(other, reading.MAX_BYTES)[0].encode())

    def _go_through(self, folder: UntrustedFolder, place: PurePath, names: list[str]) -> None:
        folders = []
        for name in names:
            about = folder.about(name)
            if about is None or self._entries > MAX_ENTRIES:
                continue
            self._entries += 1
            if self._entries > MAX_ENTRIES:
                self.repairs.append(Repair(f"What comes after the first {MAX_ENTRIES} files was set aside."))
                continue
            path = place / name
            digest, reason = self._entry(folder, path, about)
            self._sums.update(repr((str(path), stat.S_IFMT(about.st_mode), digest)).encode(errors="replace"))
            if reason:
                self._set_aside.setdefault(reason, []).append(path)
            elif stat.S_ISDIR(about.st_mode):
                folders.append(name)
        for name in folders:
            try:
                inner = folder.folder(name)
            except OSError as error:
                self._set_aside.setdefault(f"it can't be read ({error.strerror})", []).append(place / name)
                continue
            with inner:
                if self._copy is not None:
                    (self._copy / kept_folder(place / name)).mkdir()
                self._go_through(inner, place / name, inner.names(MAX_ENTRIES + 1))

    def _entry(self, folder: UntrustedFolder, path: PurePath, about: os.stat_result) -> tuple[str, str]:
        """What tells this entry from another one of its name, and why it isn't copied, or ""."""
        if stat.S_ISLNK(about.st_mode):
            return folder.target(path.name), "it is a link"
        if is_configuration(path.name):
            return "", "a program would obey it"
        if stat.S_ISREG(about.st_mode):
            return self._file(folder, path, about)
        if not stat.S_ISDIR(about.st_mode):
            return "", "it is no ordinary file"
        if path.name == ".ipynb_checkpoints" or len(path.parts) > MAX_DEPTH:
            return "", "it is no part of the submission"
        if (self._source / path).is_file() or path == PurePath(TIMESTAMP):
            return "", "there must be a file of this name, and this is a folder"
        return "", "its name is too long" if is_too_long(kept_folder(path).name) else ""

    def _file(self, folder: UntrustedFolder, path: PurePath, about: os.stat_result) -> tuple[str, str]:
        unread, own = repr((about.st_size, about.st_mtime_ns)), self._source / path
        if len(path.parts) == 1 and path.name in self.notebooks:
            return self._notebook(folder, path.name) or unread, ""
        if len(path.parts) == 1 and may_be(path.name, self.notebooks) and 0 < about.st_size <= MAX_BYTES:
            self._candidates[path.name] = about
        if path.suffix == ".ipynb" and (own.exists() or about.st_size <= MAX_BYTES):
            return unread, ""  # nbgrader doesn't copy them
        self._files += 1
        reason = ""
        if about.st_size > MAX_BYTES:
            reason = f"it is larger than {MAX_BYTES // 2**20} MB"
        elif self._files > MAX_FILES:
            reason = f"there are more than {MAX_FILES} files"
        elif self._bytes + about.st_size > MAX_ALL_BYTES:
            reason = f"the files are larger than {MAX_ALL_BYTES // 2**20} MB together"
        elif own.is_dir():
            reason = "the exercise has a folder of this name"
        elif is_too_long(kept_name(path).name):
            reason = "its name is too long"
        if reason:
            return unread, reason
        copy = self._copy / kept_name(path) if self._copy is not None else None
        try:
            digest, size = folder.read(path.name, min(MAX_BYTES, MAX_ALL_BYTES - self._bytes), copy)
        except TooLargeError:
            return unread, "it changed while it was copied"
        except NotOpenedError as error:
            return unread, f"it can't be read ({error.strerror})"
        self._bytes += size
        if copy is not None and path == PurePath(TIMESTAMP) and not holds_a_time(copy.parent):
            copy.unlink()
            return digest, "it holds no time"
        return digest, ""

    def _notebook(self, folder: UntrustedFolder, name: str) -> str:
        """Copy a notebook of the assignment; one that can't be read becomes one that can't be read for this reason."""
        copy = self._copy / name if self._copy is not None else None
        try:
            self.notebooks[name], _ = folder.read(name, reading.MAX_BYTES, copy)
        except TooLargeError:
            if copy is not None:
                copy.touch()
                os.truncate(copy, reading.MAX_BYTES + 1)
        except NotOpenedError:
            if copy is not None:
                copy.touch(mode=0)
                self._closed.add(name)
        return self.notebooks[name]

    def complete(self) -> None:
        """Where a notebook is missing, or nobody has worked on it, take the one that was meant, or an empty one."""
        assert self._copy is not None
        for name in self.notebooks:
            copy = self._copy / name
            is_there = name in self._closed or (copy.exists() and copy.stat().st_size > 0)
            if is_there and (name in self._closed or not self._candidates):
                continue
            untouched = Untouched(self._course, self._assignment, name)
            if is_there and not untouched.is_file(copy):
                continue
            meant = self._meant(name, untouched)
            works = [other for other, is_work in meant if is_work]
            if is_there and not works:
                continue
            copy.unlink(missing_ok=True)
            if meant and self._top is not None:
                chosen = (works or [other for other, _ in meant])[-1]
                self.notebooks[name], _ = self._top.read(chosen, reading.MAX_BYTES, copy)
                why = f"was graded as {name}{', on which nobody has worked' if is_there else ''}"
                more = f" It is the newest of {len(works)} with answers." if len(works) > 1 else ""
                self.repairs.append(_about_file(chosen, f"{why}. Please keep the name of the notebook.{more}"))
            else:
                if self._top is None or self._top.about(name) is None:
                    self.missing.append(name)
                copy.touch()  # so that nbgrader goes on, and the student reads what is wrong
                self.notebooks[name] = hashlib.sha256().hexdigest()

    def _meant(self, name: str, untouched: Untouched) -> list[tuple[str, bool]]:
        """The notebooks that could be meant by this name, the newest last, and whether anybody has worked on them.

        These are copies of it; or the only one there is, where one is asked for.
        """
        looked_into = [(other, self._is_work(other, untouched)) for other in self._called_like(name)]
        return [(other, is_work) for other, is_work in looked_into if is_work is not None]

    def _called_like(self, name: str) -> list[str]:
        """Those that are looked into, the newest last."""
        meant = [other for other in self._candidates if plain_stem(other) == plain_stem(name)]
        if not meant and len(self.notebooks) == len(self._candidates) == 1:
            meant = list(self._candidates)
        meant.sort(key=lambda other: (self._candidates[other].st_mtime, other))
        return meant[-MAX_CANDIDATES:]

    def _is_work(self, other: str, untouched: Untouched) -> bool | None:
        """None if it can't be read."""
        assert self._top is not None
        with tempfile.TemporaryDirectory() as folder:
            look = Path(folder, "look.ipynb")
            try:
                self._top.read(other, reading.MAX_BYTES, look)
            except OSError:
                return None
            return not untouched.is_file(look)


def _about_files(paths: list[PurePath], reason: str) -> Repair:
    """Of files that were set aside for one reason, the first is named."""
    more = len(paths) - 1
    return _about_file(paths[0], f"{f'and {more} more were' if more else 'was'} set aside: {reason}.")


def _about_file(path: str | PurePath, predicate: str) -> Repair:
    """A repair of one file, whose name is shown in a form that can do no harm anywhere."""
    name = re.sub(r"[^\w .()+-]", "?", PurePath(path).name)[:80]
    return Repair(f"The file {name} {predicate}", f"A file {predicate}")
