"""What the table of contents of a zip file says of an entry: the way to it, its time, and whether it can be read."""

import contextlib
import io
import re
import stat
import struct
import unicodedata
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime, tzinfo
from typing import IO

from nbjudge.course.errors import CourseError
from nbjudge.course.files import MAX_NAME, is_too_long
from nbjudge.course.lms_names import canvas_name, moodle_name
from nbjudge.course.zip_files import BROKEN
from nbprobe.marks import with_few_marks

MAX_RATIO = 200
TOO_LONG = "its name, or the way to it, is too long"
MAX_CLASS = 100_000
"""Entries of a zip file that holds a whole class."""
MAX_ENTRY = 700
"""Bytes in a table of contents for each entry, on average; a name has at most 255, and some programs add to it."""
MAX_EXTRA = 1024
"""Bytes that are added to one entry of the table, for which Python takes time that grows with their square."""
IGNORED = re.compile(r"\.|__MACOSX$|Thumbs\.db$|desktop\.ini$", re.IGNORECASE)
"""Names (from their beginning) of what computers leave behind and nobody handed in."""
PACKINGS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
"""All that a platform or a desktop uses. Others take as much memory as an entry asks for before a byte is unpacked."""


class NotReadError(CourseError):
    """A limit was reached, or there is nothing to read; the message says which, in words that follow a colon."""


def nfc(name: str) -> str:
    """One spelling for umlauts (macOS writes another); bytes that are no text become a mark."""
    try:
        text = name.encode(errors="surrogateescape").decode(errors="replace")
    except UnicodeEncodeError:  # halves of letters, as JSON spells those with large numbers
        text = name.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return unicodedata.normalize("NFC", with_few_marks(text))


class _Table(io.BufferedIOBase):
    """A zip file, of which no more is read at once than the table of contents of ``most`` entries.

    Python reads that table as one piece, and what follows from it takes time and memory.
    """

    def __init__(self, file: IO[bytes], most: int) -> None:
        self._file, self._most = file, most
        self.is_read = False

    def read(self, size: int | None = -1, /) -> bytes:
        if size is not None and size > MAX_ENTRY * self._most and not self.is_read:
            raise NotReadError("its table of contents is too large")
        data = self._file.read(-1 if size is None else size)
        if not self.is_read:
            sizes = list(_additions(data))
            if len(sizes) > self._most:
                raise NotReadError(f"it holds more than {self._most} files")
            if max(sizes, default=0) > MAX_EXTRA:
                raise NotReadError("its table of contents is too large")
        return data

    def seek(self, offset: int, whence: int = 0, /) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def seekable(self) -> bool:
        return True


def _additions(table: bytes) -> Iterator[int]:
    """How many bytes each entry of a table adds. They are gone through: a name may hold what an entry begins with."""
    place = 0
    while table.startswith(b"PK\x01\x02", place) and place + 46 <= len(table):  # or else zipfile ends there
        name, addition, remark = struct.unpack_from("<3H", table, place + 28)
        yield addition
        place += 46 + name + addition + remark


@contextlib.contextmanager
def opened(file: IO[bytes], most: int) -> Iterator[zipfile.ZipFile]:
    """A zip file of at most ``most`` entries.

    Raises
    ------
    NotReadError
        If there are more, or their table can't be meant.
    zipfile.BadZipFile
        And all else that zipfile raises for what nobody could read.
    """
    table = _Table(file, most)
    with zipfile.ZipFile(table) as archive:
        table.is_read = True
        yield archive


def has_names_of_a_platform(file: IO[bytes]) -> bool:
    """Whether it is a zip file with something that a learning platform named."""
    try:
        with opened(file, MAX_CLASS) as archive:
            tops = {name.split("/")[0] for name in archive.namelist()}
    except (NotReadError, *BROKEN):
        return False
    finally:
        file.seek(0)
    names = (name for top in tops for name in (moodle_name(top), canvas_name(top)))
    return any(name is not None and name.is_sure for name in names)


def way_to(info: zipfile.ZipInfo, depth: int) -> tuple[list[str], str]:
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
    if any(is_too_long(part) for part in parts):  # one spelling may take more bytes than the other
        return [part[: MAX_NAME // 4] for part in parts], TOO_LONG
    passed_over = path.endswith("/") or any(map(is_ignored, parts))
    if passed_over and ".." not in parts:
        return [], ""
    return parts, _unsafe(path, parts, info)


def is_ignored(name: str) -> bool:
    """Whether a computer left it behind, and nobody handed it in. A student may be called ``.Eve``."""
    return bool(IGNORED.match(name)) and not ((by_moodle := moodle_name(name)) and by_moodle.is_sure)


def _unsafe(path: str, parts: list[str], info: zipfile.ZipInfo) -> str:
    kind = stat.S_IFMT(info.external_attr >> 16)
    if path.startswith("/") or re.match(r"[A-Za-z]:", path) or ".." in parts:
        return "its path leads out of the archive"
    if kind not in (0, stat.S_IFREG):
        return "it is a link, and links aren't followed" if stat.S_ISLNK(kind) else "it is no ordinary file"
    if info.flag_bits & 0x1:
        return "it is encrypted; ask for it without a password"
    if info.compress_type not in PACKINGS:
        return "it is packed in a way that isn't read; pack it again as an ordinary zip file"
    if info.file_size > 2**20 and info.file_size > MAX_RATIO * max(1, info.compress_size):
        return f"it unpacks to more than {MAX_RATIO} times its size"
    return ""


def time_of(info: zipfile.ZipInfo, zone: tzinfo | None) -> datetime | None:
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
