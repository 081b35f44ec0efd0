"""Walks through downloads: folders, zip files and zip files in them. No path out of an archive is ever written to."""

import contextlib
import hashlib
import lzma
import os
import re
import stat
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import IO

from nbjudge.course.errors import CourseError
from nbjudge.course.notebook_names import NOTEBOOK

MAX_FILE = 20 * 2**20
"""Bytes of one notebook, and of a zip file inside another."""
MAX_TOTAL = 8 * 2**30
"""Bytes that are unpacked from all that is collected at once."""
MAX_OWN = 200 * 2**20
"""Bytes that are unpacked from one zip file inside another."""
MAX_ENTRIES, MAX_OWN_ENTRIES = 100_000, 2_000
MAX_RATIO = 200
MAX_NESTING = 3
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


class Walk:
    """Finds the files in downloads and copies those that may be submissions to ``staging``.

    Parameters
    ----------
    staging : an empty folder for the copies; their names come from us
    zone : time zone of the times in zip files, which don't say
    """

    def __init__(self, staging: Path, zone: tzinfo | None = None) -> None:
        self._staging, self._zone = staging, zone
        self._left = MAX_TOTAL
        self._copies = self._container = 0

    def through(self, path: Path) -> Iterator[Entry]:
        """All files in ``path``: a folder, a zip file or a single file."""
        self._container += 1
        if path.is_dir():
            yield from self._folder(path)
        else:
            yield from self._file(path, ())

    def _folder(self, top: Path) -> Iterator[Entry]:
        first = Step(nfc(top.resolve().name))
        unreadable: list[OSError] = []
        for place, folders, names in os.walk(top, onerror=unreadable.append):
            inside = (first, *(Step(nfc(part)) for part in Path(place).relative_to(top).parts))
            folders[:] = sorted(name for name in folders if not IGNORED.match(name))
            for name in folders:  # os.walk doesn't follow links
                if Path(place, name).is_symlink():
                    yield Entry(inside, nfc(name), self._container, refused="it is a link, and links aren't followed")
            if not folders and not names:
                yield Entry(inside[:-1], inside[-1].name, self._container, refused="the folder is empty")
            for name in sorted(names):
                if not IGNORED.match(name):
                    yield from self._file(Path(place, name), inside)
        for error in unreadable:
            name = nfc(os.path.relpath(error.filename, top))
            yield Entry((first,), name, self._container, refused=f"{error.strerror}")

    def _file(self, path: Path, steps: tuple[Step, ...]) -> Iterator[Entry]:
        entry = Entry(steps, nfc(path.name), self._container)
        try:
            # what is named on the command line may be a link; what lies in a folder may not
            flags = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | (os.O_NOFOLLOW if steps else 0)
            descriptor = os.open(path, flags)
        except OSError as error:
            why = "it is a link, and links aren't followed" if path.is_symlink() else f"{error.strerror}"
            yield replace(entry, refused=why)
            return
        with os.fdopen(descriptor, "rb") as file:
            about = os.fstat(descriptor)
            if not stat.S_ISREG(about.st_mode):
                yield replace(entry, refused="it is no ordinary file")
                return
            yield from self._content(replace(entry, changed=about.st_mtime), file, nesting=0)

    def _content(self, entry: Entry, file: IO[bytes], nesting: int) -> Iterator[Entry]:
        """A file by its kind: notebooks are copied, zip files are gone through, others aren't read."""
        if entry.name.lower().endswith(".zip"):
            yield from self._archive(entry, file, nesting)
        elif OTHER_ARCHIVE.search(entry.name):
            yield replace(entry, refused="this kind of archive can't be read; unpack it and collect the folder")
        elif NOTEBOOK.search(entry.name):
            try:
                content, digest = self._stage(file, MAX_FILE, "the file")
                yield replace(entry, content=content, digest=digest)
            except _NotReadError as error:
                yield replace(entry, refused=str(error))
        else:
            yield entry

    def _archive(self, entry: Entry, file: IO[bytes], nesting: int) -> Iterator[Entry]:
        if nesting >= MAX_NESTING:
            yield replace(entry, refused=f"there are more than {MAX_NESTING} archives, one in the other")
            return
        path = None
        try:
            if nesting:  # a zip file can only be read with its end at hand
                path, _ = self._stage(file, MAX_FILE, "the archive")
                self._look_before(path)
            with zipfile.ZipFile(path or file) as archive:
                infos = archive.infolist()
                limit = MAX_OWN_ENTRIES if nesting else MAX_ENTRIES
                if len(infos) > limit:
                    raise _NotReadError(f"it holds more than {limit} files")
                if not any(info for info in infos if not info.is_dir()):
                    raise _NotReadError("it is empty")
                yield from self._entries(entry, archive, infos, nesting)
        except _NotReadError as error:
            yield replace(entry, refused=str(error))
        except BROKEN:
            yield replace(entry, refused="the archive is damaged, or no zip file")
        finally:
            if path is not None:
                path.unlink()

    def _look_before(self, path: Path) -> None:
        """Python reads the whole table of contents at once, so a table that can't be meant is found before."""
        if path.read_bytes().count(b"PK\x01\x02") > MAX_OWN_ENTRIES:
            raise _NotReadError(f"it holds more than {MAX_OWN_ENTRIES} files")

    def _entries(
        self, entry: Entry, archive: zipfile.ZipFile, infos: list[zipfile.ZipInfo], nesting: int
    ) -> Iterator[Entry]:
        before = self._left
        steps = (*entry.steps, Step(entry.name, True, entry.packed))
        for info in infos:
            path = _path(info)
            parts = [part for part in path.split("/") if part not in ("", ".")]
            passed_over = path.endswith("/") or not parts or any(IGNORED.match(part) for part in parts)
            if passed_over and ".." not in parts:
                continue
            packed = _time(info, self._zone)
            changed = packed.timestamp() if packed else entry.changed
            way = (*steps, *(Step(part) for part in parts[:-1]))
            inside = Entry(way, parts[-1], self._container, packed, changed)
            if nesting and before - self._left > MAX_OWN:
                yield replace(inside, refused=f"the archive unpacks to more than {MAX_OWN // 2**20} MB")
                continue
            refused = _unsafe(path, parts, info)
            if refused:
                yield replace(inside, refused=refused)
                continue
            try:
                with archive.open(info) as file:
                    yield from self._content(inside, file, nesting + 1)
            except BROKEN:
                yield replace(inside, refused="it is damaged inside the archive")

    def _stage(self, file: IO[bytes], limit: int, what: str) -> tuple[Path, str]:
        """Copy at most ``limit`` bytes; what an archive says about sizes isn't believed."""
        self._copies += 1
        path, digest, size = self._staging / f"{self._copies}", hashlib.sha256(), 0
        with open(path, "xb") as copy:
            while block := file.read(2**16):
                size, self._left = size + len(block), self._left - len(block)
                if size > limit or self._left < 0:
                    break
                digest.update(block)
                copy.write(block)
        if size > limit:
            raise _NotReadError(f"{what} is larger than {limit // 2**20} MB")
        if self._left < 0:
            raise _NotReadError(f"all files together are larger than {MAX_TOTAL // 2**30} GB")
        return path, digest.hexdigest()


def nfc(name: str) -> str:
    """One spelling for umlauts (macOS writes another); bytes that are no text become a mark."""
    return unicodedata.normalize("NFC", name.encode(errors="surrogateescape").decode(errors="replace"))


def printable(text: str) -> str:
    """Names of files can hold anything, also what a terminal takes for commands."""
    return "".join(letter if letter.isprintable() else "?" for letter in text)


def _path(info: zipfile.ZipInfo) -> str:
    """The path of an entry. Some programs write UTF-8 without saying so, and some write backslashes."""
    name = info.filename
    if not info.flag_bits & 0x800:
        with contextlib.suppress(UnicodeError):
            name = name.encode("cp437").decode()
    return nfc(name.replace("\\", "/"))


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
    extra = info.extra
    while len(extra) >= 4:
        kind, size = struct.unpack("<HH", extra[:4])
        if kind == 0x5455 and size >= 5 and len(extra) >= 9 and extra[4] & 1:  # seconds since 1970
            return datetime.fromtimestamp(struct.unpack("<i", extra[5:9])[0], UTC)
        extra = extra[4 + size :]
    try:
        local = datetime(*info.date_time)
    except ValueError:
        return None
    if local.year <= 1980:  # what is written if there is no time
        return None
    return (local.replace(tzinfo=zone) if zone else local).astimezone(UTC)
