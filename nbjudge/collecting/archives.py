"""Walks through downloads: folders, zip files and zip files in them. No path out of an archive is ever written to."""

import contextlib
import errno
import hashlib
import os
import re
import stat
import zipfile
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from pathlib import Path
from typing import IO

from nbjudge.collecting.no_owner import NoOwnerError
from nbjudge.collecting.shares import MAX_ENTRIES, Share, SpentError
from nbjudge.collecting.zip_tables import (
    MAX_CLASS,
    TOO_LONG,
    NotReadError,
    has_names_of_a_platform,
    is_ignored,
    nfc,
    opened,
    time_of,
    way_to,
)
from nbjudge.course.errors import CourseError
from nbjudge.course.files import is_too_long
from nbjudge.course.notebook_names import JSON, NOTEBOOK
from nbjudge.course.untrusted_folder import NotOpenedError, UntrustedFolder
from nbjudge.course.zip_files import BROKEN

MAX_FILE = 20 * 2**20
"""Bytes of one notebook, and of a zip file inside another."""
MAX_NESTING = 3
MAX_DEPTH = 40
"""Folders and archives on the way to a file."""
BESIDE = re.compile(rf"{JSON.pattern}|\.py$", re.IGNORECASE)
"""What may be a notebook, or belong to one."""
OTHER_ARCHIVE = re.compile(r"\.(gz|tgz|tar|7z|rar|bz2|xz)$", re.IGNORECASE)


@dataclass(frozen=True)
class Step:
    """A folder or an archive on the way to a file; ``packed`` as with a file."""

    name: str
    is_archive: bool = False
    packed: datetime | None = None


@dataclass(frozen=True)
class Entry:
    """One file of a download.

    Attributes
    ----------
    steps : the way to it from what was named on the command line, which is the first step (unless it is the file)
    name : its name, in NFC
    container : counts what was named on the command line
    packed : when the archive says that it was last changed (UTC), or None
    changed : seconds, for finding the newest where nothing better is known
    content, digest : a copy in the staging folder and its SHA-256; None and "" where it wasn't read
    refused : why it can't be taken, in words that follow a colon; or ""
    reason : the same without names that a student chose, if it holds any
    """

    steps: tuple[Step, ...]
    name: str
    container: int = 0
    packed: datetime | None = None
    changed: float = 0.0
    content: Path | None = None
    digest: str = ""
    refused: str = ""
    reason: str = ""

    @property
    def origin(self) -> str:
        """The outermost archive, or ""."""
        return next((step.name for step in self.steps if step.is_archive), "")

    @property
    def origin_time(self) -> datetime | None:
        """What the outermost archive says."""
        archives = [step for step in self.steps if step.is_archive]
        return archives[1].packed if len(archives) > 1 else self.packed

    @property
    def where(self) -> str:
        return "/".join([*(step.name for step in self.steps), self.name])

    @property
    def inside(self) -> "Entry":
        """Of an archive: what lies in it, whatever that is called."""
        return replace(self, steps=(*self.steps, Step(self.name, True, self.packed)), name="")


class NoRoomError(CourseError):
    """The disk is full."""


class Walk:
    """Finds the files in downloads and copies those that may be submissions to ``staging``.

    Parameters
    ----------
    staging : an empty folder for the copies; their names come from us
    whose : the student whose file it is, on whose share it is read. Of nobody's, for which it gives "" or raises a
        ``NoOwnerError``, nothing is read; archives are asked about by their ``inside``
    zone : time zone of the times in zip files, which don't say
    of_downloads : whether a folder that is named holds downloads, so that a platform's archives in it count as named
    """

    def __init__(
        self,
        staging: Path,
        whose: Callable[[Entry], str],
        zone: tzinfo | None = None,
        of_downloads: bool = False,
    ) -> None:
        self._staging, self._whose, self._zone, self._of_downloads = staging, whose, zone, of_downloads
        self._shares: defaultdict[str, Share] = defaultdict(Share)
        self._copies = self._container = 0

    def through(self, path: Path) -> Iterator[Entry]:
        """All files in ``path``: a folder, a zip file or a single file. It may be a link; none in it is followed."""
        self._container += 1
        if path.is_dir():
            with UntrustedFolder.at(path) as folder:
                yield from self._folder(folder, (Step(nfc(path.resolve().name)),))
        else:
            path = path.resolve()
            with UntrustedFolder.at(path.parent) as folder:
                yield from self._file(folder, path.name, ())

    def _folder(self, folder: UntrustedFolder, steps: tuple[Step, ...]) -> Iterator[Entry]:
        folders: list[str] = []
        files: list[str] = []
        for name in folder.names():
            about = folder.about(name)
            if about is not None and not is_ignored(name):
                (folders if stat.S_ISDIR(about.st_mode) else files).append(name)
        if not folders and not files:
            yield Entry(steps[:-1], steps[-1].name, self._container, refused="the folder is empty")
        for name in files:
            yield from self._file(folder, name, steps)
        for name in folders:
            entry = Entry(steps, nfc(name), self._container)
            if len(steps) >= MAX_DEPTH or is_too_long(entry.name):
                yield replace(entry, refused=TOO_LONG)
                continue
            try:
                inner = folder.folder(name)
            except OSError as error:
                yield replace(entry, refused=f"{error.strerror}")
                continue
            with inner:
                yield from self._folder(inner, (*steps, Step(nfc(name))))

    def _file(self, folder: UntrustedFolder, name: str, steps: tuple[Step, ...]) -> Iterator[Entry]:
        entry = Entry(steps, nfc(name), self._container)
        if is_too_long(entry.name):
            yield replace(entry, refused=TOO_LONG)
            return
        with contextlib.ExitStack() as open_file:
            try:
                file = open_file.enter_context(folder.file(name))
            except NotOpenedError as error:
                why = "it is a link, and links aren't followed" if error.errno == errno.ELOOP else f"{error.strerror}"
                yield replace(entry, refused=why)
                return
            if self._of_downloads and len(steps) == 1 and has_names_of_a_platform(file):
                entry = replace(entry, steps=())
            yield from self._content(replace(entry, changed=os.fstat(file.fileno()).st_mtime), file, nesting=0)

    def _content(self, entry: Entry, file: IO[bytes], nesting: int, within: Share | None = None) -> Iterator[Entry]:
        """A file by its kind: notebooks are copied, zip files are gone through, others aren't read.

        ``within`` is the share of the archive that it lies in, if that is a student's: its entries are paid for.
        """
        is_zip = entry.name.lower().endswith(".zip")
        student, why, reason = self._owner(entry.inside if is_zip else entry)
        is_of_a_class = is_zip and not student and not entry.steps
        share = self._shares[student] if student else None
        try:
            if share:
                share.take(entries=0 if share is within else 1)
            if OTHER_ARCHIVE.search(entry.name):
                yield replace(entry, refused="this kind of archive can't be read; unpack it and collect the folder")
            elif is_zip and (share or is_of_a_class):
                yield from self._archive(entry, file, nesting, share)
            elif share and NOTEBOOK.search(entry.name):
                share.take(notebooks=1)
                content, digest = self._stage(file, share.take, "the file")
                yield replace(entry, content=content, digest=digest)
            elif share and BESIDE.search(entry.name):
                yield self._beside(entry, file, share)
            else:
                yield replace(entry, refused=why, reason=reason) if is_zip else entry
        except SpentError as error:
            if share and not share.is_said:  # there may be thousands
                share.is_said = True
                yield replace(entry, refused=f"{error}; neither this one nor those after it are read")
        except NotReadError as error:
            yield replace(entry, refused=str(error))

    def _owner(self, entry: Entry) -> tuple[str, str, str]:
        """The student whose file it is, or "", why that can't be told, and that without names from further in."""
        try:
            return self._whose(entry), "nobody knows whose it is", ""
        except NoOwnerError as error:
            return "", str(error), error.reason

    def _archive(self, entry: Entry, file: IO[bytes], nesting: int, share: Share | None) -> Iterator[Entry]:
        """``share`` is that of the student whose archive it is; None, if it is that of a class."""
        if nesting >= MAX_NESTING:
            raise NotReadError(f"there are more than {MAX_NESTING} archives, one in the other")
        path = None
        try:
            with contextlib.ExitStack() as copy:
                if share:  # it may lie in another one, and a zip file can only be read with its end at hand
                    path, _ = self._stage(file, share.take, "the archive")
                    file = copy.enter_context(open(path, "rb"))
                archive = copy.enter_context(opened(file, MAX_ENTRIES if share else MAX_CLASS))
                infos = archive.infolist()
                if share:
                    share.take(entries=len(infos))
                if not any(info for info in infos if not info.is_dir()):
                    raise NotReadError("it is empty")
                yield from self._entries(entry, archive, infos, nesting, share)
        except BROKEN:
            raise NotReadError("the archive is damaged, or no zip file") from None
        finally:
            if path is not None:
                path.unlink()

    def _entries(
        self, entry: Entry, archive: zipfile.ZipFile, infos: list[zipfile.ZipInfo], nesting: int, share: Share | None
    ) -> Iterator[Entry]:
        steps = (*entry.steps, Step(entry.name, True, entry.packed))
        for info in infos:
            parts, refused = way_to(info, MAX_DEPTH - len(steps))
            if not parts:
                continue
            packed = time_of(info, self._zone)
            changed = packed.timestamp() if packed else entry.changed
            way = (*steps, *(Step(part) for part in parts[:-1]))
            inside = Entry(way, parts[-1], self._container, packed, changed)
            if refused:
                yield replace(inside, refused=refused)
                continue
            try:
                with archive.open(info) as file:
                    yield from self._content(inside, file, nesting + 1, share)
            except BROKEN:
                yield replace(inside, refused="it is damaged inside the archive")

    def _beside(self, entry: Entry, file: IO[bytes], share: Share) -> Entry:
        """With a copy, where there is room for one. Nobody loses anything else where there isn't."""
        with contextlib.suppress(SpentError, NotReadError, *BROKEN):
            share.take_beside(files=1)
            content, digest = self._stage(file, share.take_beside, "the file")
            return replace(entry, content=content, digest=digest)
        return entry

    def _stage(self, file: IO[bytes], take: Callable[..., None], what: str) -> tuple[Path, str]:
        """Copy at most ``MAX_FILE`` bytes; what an archive says about sizes isn't believed."""
        self._copies += 1
        path, digest, size = self._staging / f"{self._copies}", hashlib.sha256(), 0
        self._append(path, b"")
        while block := file.read(2**16):
            size += len(block)
            take(size=len(block))
            if size > MAX_FILE:
                path.unlink()
                raise NotReadError(f"{what} is larger than {MAX_FILE // 2**20} MB")
            digest.update(block)
            self._append(path, block)
        return path, digest.hexdigest()

    def _append(self, path: Path, block: bytes) -> None:
        """All that is written for a copy, its name included: a full disk mustn't look like a damaged archive."""
        try:
            with open(path, "ab") as copy:
                copy.write(block)
        except OSError as error:
            raise NoRoomError(
                f"copies can't be written to {self._staging.parent}: {error.strerror}; `course doctor` says more."
            ) from None
