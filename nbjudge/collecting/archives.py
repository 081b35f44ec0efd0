"""Walks through downloads: folders, zip files and zip files in them. No path out of an archive is ever written to."""

import contextlib
import errno
import hashlib
import lzma
import os
import re
import stat
import struct
import unicodedata
import zipfile
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import IO

from nbjudge.collecting.shares import MAX_ENTRIES, Share, SpentError
from nbjudge.course.errors import CourseError
from nbjudge.course.notebook_names import NOTEBOOK
from nbjudge.course.untrusted_folder import NotOpenedError, UntrustedFolder

MAX_FILE = 20 * 2**20
"""Bytes of one notebook, and of a zip file inside another."""
MAX_CLASS = 100_000
"""Entries of a zip file that holds a whole class."""
MAX_RATIO = 200
MAX_NESTING = 3
MAX_NAME, MAX_DEPTH = 255, 40
"""Bytes of a name, as file systems have it, and folders and archives on the way to a file."""
TOO_LONG = "its name, or the way to it, is too long"
MAX_EXTRA = 2 * 2**20
"""Bytes of additions to a table of contents, for which Python takes time that grows with their square."""
IGNORED = re.compile(r"\.|__MACOSX$|Thumbs\.db$|desktop\.ini$", re.IGNORECASE)
"""Names (from their beginning) of what computers leave behind and nobody handed in."""
OTHER_ARCHIVE = re.compile(r"\.(gz|tgz|tar|7z|rar|bz2|xz)$", re.IGNORECASE)
BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    EOFError,
    RuntimeError,  # also of a compression that Python doesn't know
    ValueError,
    OSError,
)
"""What zipfile raises for archives that nobody could read."""


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
    """

    steps: tuple[Step, ...]
    name: str
    container: int = 0
    packed: datetime | None = None
    changed: float = 0.0
    content: Path | None = None
    digest: str = ""
    refused: str = ""

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


class _NotReadError(CourseError):
    """A limit was reached, or there is nothing to read; the message says which, in words that follow a colon."""


class NoRoomError(CourseError):
    """The disk is full."""


class Walk:
    """Finds the files in downloads and copies those that may be submissions to ``staging``.

    Parameters
    ----------
    staging : an empty folder for the copies; their names come from us
    whose : the student whose file it is, on whose share it is read; "" for nobody's, which isn't copied
    zone : time zone of the times in zip files, which don't say
    """

    def __init__(self, staging: Path, whose: Callable[[Entry], str], zone: tzinfo | None = None) -> None:
        self._staging, self._whose, self._zone = staging, whose, zone
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
            if about is not None and not IGNORED.match(name):
                (folders if stat.S_ISDIR(about.st_mode) else files).append(name)
        if not folders and not files:
            yield Entry(steps[:-1], steps[-1].name, self._container, refused="the folder is empty")
        for name in files:
            yield from self._file(folder, name, steps)
        for name in folders:
            entry = Entry(steps, nfc(name), self._container)
            if len(steps) >= MAX_DEPTH:
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
        with contextlib.ExitStack() as open_file:
            try:
                file = open_file.enter_context(folder.file(name))
            except NotOpenedError as error:
                why = "it is a link, and links aren't followed" if error.errno == errno.ELOOP else f"{error.strerror}"
                yield replace(entry, refused=why)
                return
            yield from self._content(replace(entry, changed=os.fstat(file.fileno()).st_mtime), file, nesting=0)

    def _content(self, entry: Entry, file: IO[bytes], nesting: int, within: Share | None = None) -> Iterator[Entry]:
        """A file by its kind: notebooks are copied, zip files are gone through, others aren't read.

        ``within`` is the share of the archive that it lies in, if that is a student's: its entries are paid for.
        """
        student = self._whose(entry)
        share = self._shares[student] if student else within or Share()
        try:
            share.take(entries=0 if share is within else 1)
            if entry.name.lower().endswith(".zip"):
                of_class = not student and within is None and len(entry.steps) < 2
                yield from self._archive(entry, file, nesting, None if of_class else share)
            elif OTHER_ARCHIVE.search(entry.name):
                yield replace(entry, refused="this kind of archive can't be read; unpack it and collect the folder")
            elif student and NOTEBOOK.search(entry.name):
                share.take(notebooks=1)
                content, digest = self._stage(file, share, "the file")
                yield replace(entry, content=content, digest=digest)
            else:
                yield entry
        except SpentError as error:
            if not share.is_said:  # there may be thousands
                share.is_said = True
                yield replace(entry, refused=f"{error}; neither this one nor those after it are read")
        except _NotReadError as error:
            yield replace(entry, refused=str(error))

    def _archive(self, entry: Entry, file: IO[bytes], nesting: int, share: Share | None) -> Iterator[Entry]:
        """``share`` is that of the student whose archive it is; None, if it may be that of a class."""
        if nesting >= MAX_NESTING:
            raise _NotReadError(f"there are more than {MAX_NESTING} archives, one in the other")
        path = None
        try:
            if nesting or share:  # a zip file can only be read with its end at hand
                path, _ = self._stage(file, share or Share(), "the archive")
                _look_before(path, MAX_ENTRIES if share else MAX_CLASS)
            with zipfile.ZipFile(path or file) as archive:
                infos = archive.infolist()
                if share:
                    share.take(entries=len(infos))
                elif len(infos) > MAX_CLASS:
                    raise _NotReadError(f"it holds more than {MAX_CLASS} files")
                if not any(info for info in infos if not info.is_dir()):
                    raise _NotReadError("it is empty")
                yield from self._entries(entry, archive, infos, nesting, share)
        except BROKEN:
            raise _NotReadError("the archive is damaged, or no zip file") from None
        finally:
            if path is not None:
                path.unlink()

    def _entries(
        self, entry: Entry, archive: zipfile.ZipFile, infos: list[zipfile.ZipInfo], nesting: int, share: Share | None
    ) -> Iterator[Entry]:
        steps = (*entry.steps, Step(entry.name, True, entry.packed))
        for info in infos:
            parts, refused = _way(info, MAX_DEPTH - len(steps))
            if not parts:
                continue
            packed = _time(info, self._zone)
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

    def _stage(self, file: IO[bytes], share: Share, what: str) -> tuple[Path, str]:
        """Copy at most ``MAX_FILE`` bytes; what an archive says about sizes isn't believed."""
        self._copies += 1
        path, digest, size = self._staging / f"{self._copies}", hashlib.sha256(), 0
        path.touch()
        while block := file.read(2**16):
            size += len(block)
            share.take(size=len(block))
            if size > MAX_FILE:
                path.unlink()
                raise _NotReadError(f"{what} is larger than {MAX_FILE // 2**20} MB")
            digest.update(block)
            try:
                with open(path, "ab") as copy:
                    copy.write(block)
            except OSError as error:  # which would look as if the archive were damaged
                raise NoRoomError(f"copies can't be written to {self._staging.parent}: {error.strerror}.") from None
        return path, digest.hexdigest()


def nfc(name: str) -> str:
    """One spelling for umlauts (macOS writes another); bytes that are no text become a mark."""
    return unicodedata.normalize("NFC", name.encode(errors="surrogateescape").decode(errors="replace"))


def _look_before(path: Path, most: int) -> None:
    """Python reads the whole table of contents at once, so a table that can't be meant is found before."""
    data = path.read_bytes()
    additions = (data[found.start() + 30 : found.start() + 32] for found in re.finditer(b"PK\x01\x02", data))
    sizes = [int.from_bytes(size, "little") for size in additions]
    if len(sizes) > most:
        raise _NotReadError(f"it holds more than {most} files")
    if sum(sizes) > MAX_EXTRA:
        raise _NotReadError("its table of contents is too large")


def _way(info: zipfile.ZipInfo, depth: int) -> tuple[list[str], str]:
    """The parts of an entry's path, and why it isn't read, or "". Without parts, nobody handed it in.

    Some programs write UTF-8 without saying so, and some write backslashes.
    """
    name = info.filename
    if not info.flag_bits & 0x800:
        with contextlib.suppress(UnicodeError):
            name = name.encode("cp437").decode()
    path = name.replace("\\", "/")
    parts = [part for part in path.split("/") if part not in ("", ".")]
    if len(parts) > depth or any(is_too_long(part) for part in parts):
        return [nfc(part[: MAX_NAME // 4]) for part in parts[:depth]], TOO_LONG
    parts = [nfc(part) for part in parts]
    passed_over = path.endswith("/") or any(IGNORED.match(part) for part in parts)
    if passed_over and ".." not in parts:
        return [], ""
    return parts, _unsafe(path, parts, info)


def is_too_long(name: str) -> bool:
    """Whether no file system would have the name, and much that is done with names takes too long."""
    return len(name.encode(errors="replace")) > MAX_NAME


def _unsafe(path: str, parts: list[str], info: zipfile.ZipInfo) -> str:
    kind = stat.S_IFMT(info.external_attr >> 16)
    if path.startswith("/") or re.match(r"[A-Za-z]:", path) or ".." in parts:
        return "its path leads out of the archive"
    if kind not in (0, stat.S_IFREG):
        return "it is a link, and links aren't followed" if stat.S_ISLNK(kind) else "it is no ordinary file"
    if info.flag_bits & 0x1:
        return "it is encrypted; ask for it without a password"
    if info.file_size > 2**20 and info.file_size > MAX_RATIO * max(1, info.compress_size):
        return f"it unpacks to more than {MAX_RATIO} times its size"
    return ""


def _time(info: zipfile.ZipInfo, zone: tzinfo | None) -> datetime | None:
    """When an entry was last changed, in UTC; None where the archive doesn't say."""
    extra, place = info.extra, 0
    while place + 4 <= len(extra):
        kind, size = struct.unpack_from("<HH", extra, place)
        if kind == 0x5455 and size >= 5 and place + 9 <= len(extra) and extra[place + 4] & 1:  # seconds since 1970
            return datetime.fromtimestamp(struct.unpack_from("<i", extra, place + 5)[0], UTC)
        place += 4 + size
    try:
        local = datetime(*info.date_time)
    except ValueError:
        return None
    if local.year <= 1980:  # what is written if there is no time
        return None
    return (local.replace(tzinfo=zone) if zone else local).astimezone(UTC)
