"""Finds where a person is named: the search that proves a release, for names."""

import hashlib
import io
import os
import re
import stat
import unicodedata
import zipfile
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from nbjudge.authoring.readings import Budget, readings
from nbjudge.collecting.zip_tables import MAX_CLASS, PACKINGS, NotReadError, nfc, opened
from nbjudge.course.student_ids import spellings
from nbjudge.course.untrusted_folder import UntrustedFolder
from nbjudge.course.zip_files import BROKEN, looks_like_zip
from nbjudge.forgetting.shares import OF_AN_ENTRY, ZIPPED, Shares, for_all, whose
from nbjudge.forgetting.ways import Ways

NOT_SEARCHED = {".git", ".venv", ".oracle", "__pycache__", "node_modules"}
"""Folders of programs, which are passed over where they lie in that of the course itself."""
MAX_BYTES = 200 * 2**20
"""Of a file that is looked through."""
MAX_ENTRY = 20 * 2**20
"""The same in a zip file."""
MAX_OF_ONE = 100 * 2**20
"""Of all files of one student that are looked through."""
MAX_DEPTH = 100
"""Folders, one in the other, that are looked into."""
WRAPPINGS = 2
"""So many are undone, one inside the other."""
TO_NORMALISE = 8
"""What a letter costs more if its text has to be written in another way before it is searched."""
BLANKS = r"(?:\s|\\[nrt])++"
"""What may stand between the parts of a name: blanks and line ends of all kinds, also as they are escaped."""
DATABASE = b"SQLite format 3\0"
CLOSED = re.compile(rb"Rar!\x1a|7z\xbc\xaf|\xfd7zXZ|BZh[1-9]1AY|\x28\xb5\x2f\xfd|\x5d\x00\x00")
"""How files begin that are packed in a way that isn't undone."""
TOO_LARGE = f"larger than {MAX_BYTES // 2**20} MB"
TOO_MANY = f"the student's files are larger than {MAX_OF_ONE // 2**20} MB"
TOO_DEEP = f"more than {MAX_DEPTH} folders, one in the other"
UNREADABLE = "it can't be read"
UNKNOWN = "packed in a way that isn't read"
DAMAGED = "damaged, or packed in a way that isn't read"
TOO_MUCH = "there is so much in it, and beside it, that the rest was only read as it is, or not unpacked"


@dataclass(frozen=True)
class Theirs:
    """Where students put what they want.

    Attributes
    ----------
    depths : how many folders lead from each such place to that of one student
    """

    depths: Mapping[Path, int]

    def folder_of(self, path: Path) -> Path | None:
        """The folder of the student to whom something belongs; None where that isn't known."""
        for place, depth in self.depths.items():
            if path.is_relative_to(place) and len(parts := path.relative_to(place).parts) > depth:
                return place.joinpath(*parts[:depth])
        return None


class Names:
    """All by which somebody can be told: id, address, full name with either part first."""

    def __init__(self, names: Collection[str]) -> None:
        spelt = {spelling for name in names if name for spelling in spellings(name)}
        in_bytes = sorted(map(re.escape, spelt), key=len, reverse=True)
        parts = {tuple(_folded(name).split()) for name in spelt}
        in_text = sorted((BLANKS.join(map(re.escape, each)) for each in parts if each), key=len, reverse=True)
        pattern = rf"(?<![^\W_])(?:{'|'.join(in_text)})(?![^\W_])"  # platforms write a _ behind names
        self._in_text = re.compile(pattern)
        self._plain = {longest for each in parts if each and (longest := max(each, key=len)).isascii()}
        """Of each name a part that a text of ASCII letters must hold to name them."""
        self._clean: set[bytes] = set()
        """SHA-256 of files that don't name them: many students have the same ones."""
        self._in_bytes = re.compile("|".join(in_bytes).encode(errors="surrogateescape"))
        self._shares = Shares()
        self._read = defaultdict[Path | None, int](int)
        """Bytes that were read of each student."""
        self.not_read: dict[Path, str] = {}
        """What wasn't looked into, or not as a whole, and why."""

    def places(self, ways: Ways, passed_over: Collection[Path], theirs: Theirs) -> Iterator[Path]:
        """What there is in a course, but for ``passed_over``, that names them, or whose path does.

        A folder that is called after them isn't gone into, and a link isn't followed: where it leads to counts.
        """
        waiting = [top for top in reversed(ways.tops) if not self._are_in_path(ways.inside(top))]
        seen: set[Path] = set()
        while waiting:
            place = waiting.pop()
            if place in seen:
                continue
            seen.add(place)
            folders: list[Path] = []
            try:
                with ways.open(place) as folder:
                    for name in folder.names():
                        path = place / name
                        if path in passed_over or (place == ways.tops[0] and name in NOT_SEARCHED):
                            continue
                        about = folder.about(name)
                        if about is not None and self._are_in_path(ways.inside(path)):
                            yield path
                        elif about is not None and stat.S_ISDIR(about.st_mode):
                            folders.append(path)
                        elif self._are_in_file(folder, path, theirs.folder_of(path)):
                            yield path
            except OSError as error:
                if place not in ways.tops or not isinstance(error, FileNotFoundError):  # not every course has them all
                    self.not_read[place] = UNREADABLE
            if folders and len(ways.inside(place).parts) >= MAX_DEPTH:
                self.not_read[place] = TOO_DEEP
            else:
                waiting += reversed(folders)

    def are_in_text(self, text: str) -> bool:
        """Whether a text names them."""
        folded = _folded(text)
        if folded.isascii() and not any(map(folded.__contains__, self._plain)):
            return False
        return bool(self._in_text.search(folded))

    def _are_in_path(self, path: Path) -> bool:
        return self.are_in_text(str(path))

    def are_in(self, path: Path, root: Path) -> bool:
        """Whether a file of the instructor's below ``root``, or its path, names them."""
        with UntrustedFolder.at(path.parent) as folder:
            return self._are_in_path(path.relative_to(root)) or self._are_in_file(folder, path, None)

    def _are_in_file(self, folder: UntrustedFolder, path: Path, student: Path | None) -> bool:
        """Whether a file, or where a link leads to, names them; ``student`` is the folder of whose it is, if known."""
        try:
            about = folder.about(path.name)
            if about is None or not stat.S_ISREG(about.st_mode):
                is_link = about is not None and stat.S_ISLNK(about.st_mode)
                return is_link and self.are_in_text(folder.target(path.name))
            with folder.file(path.name) as file:
                size = os.fstat(file.fileno()).st_size
                left = MAX_OF_ONE - self._read[student] if student else MAX_BYTES
                content = file.read(size) if size <= left else b""
            if len(content) < size:
                self.not_read[path] = TOO_MANY if student else TOO_LARGE
                return False
            self._read[student] += size
            digest = hashlib.sha256(content).digest()
            if digest in self._clean:
                return False
            if content.startswith(DATABASE) and self._in_bytes.search(content):
                return True  # also in pages that the database has given up
            budget = self._shares.of(student, len(content)) if student else for_all(len(content))
            is_zip = _is_zip(path.name, content)
            found, why = self.are_in_content(content, budget, is_zip, None if student else Shares())
        except (OSError, ValueError, RecursionError, MemoryError):
            found, why = False, UNREADABLE
        if why and not found:
            self.not_read[path] = why
        elif not found:
            self._clean.add(digest)
        return found

    def are_in_content(
        self, content: bytes, budget: Budget, is_zip: bool, shares: Shares | None = None
    ) -> tuple[bool, str]:
        """Whether it names them, and why it wasn't read as a whole, or "".

        ``shares`` are those of the students whose work may be in a zip file; without, all of it is one student's.
        """
        for text in readings(content, WRAPPINGS, budget):
            if self.are_in_text(text):
                return True, ""
            if not unicodedata.is_normalized("NFC", text):
                budget.left -= TO_NORMALISE * len(text)
        if budget.left < 0:
            return False, TOO_MUCH
        if is_zip:
            return self._are_zipped(content, budget, shares)
        return False, UNKNOWN if CLOSED.match(content) else ""

    def _are_zipped(self, content: bytes, budget: Budget, shares: Shares | None) -> tuple[bool, str]:
        """The same for the names and contents of what is in a zip file."""
        not_read = ""
        try:
            with opened(io.BytesIO(content), MAX_CLASS) as zipped:
                entries = [(_name(info), info) for info in zipped.infolist()]
                if any(self.are_in_text(name) for name, _ in entries):
                    return True, ""
                for name, info in entries:
                    size = ZIPPED * min(info.compress_size, len(content))
                    share = shares.of(whose(name), size) if shares else budget
                    own = Budget(min(budget.left, share.left))
                    before = own.left
                    found, why = self._are_in_entry(zipped, info, own)
                    budget.left -= before - own.left
                    if share is not budget:
                        share.left -= before - own.left
                    if found:
                        return True, ""
                    not_read = not_read or why
                    if budget.left < 0:
                        return False, TOO_MUCH
        except (NotReadError, *BROKEN):
            return False, DAMAGED
        return False, not_read

    def _are_in_entry(self, zipped: zipfile.ZipFile, info: zipfile.ZipInfo, budget: Budget) -> tuple[bool, str]:
        budget.left -= OF_AN_ENTRY
        if info.compress_type not in PACKINGS:
            return False, UNKNOWN
        most = min(MAX_ENTRY, budget.left)
        if most < 0:
            return False, TOO_MUCH
        with zipped.open(info) as file:  # what the archive says of its size isn't believed
            part = file.read(most + 1)
        budget.left -= len(part)
        if len(part) > most:
            return False, TOO_MUCH
        return self.are_in_content(part, budget, _is_zip(info.filename, part))


def _folded(text: str) -> str:
    """A text in which all spellings of a name are one, in capital letters, too. What a Turkish i is in these depends on
    who writes it."""
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFC", nfc(text).replace("\u0130", "i").replace("\u0131", "i").casefold())


def _is_zip(name: str, content: bytes) -> bool:
    return name.lower().endswith(".zip") or looks_like_zip(content)  # also a document of an office


def _name(info: zipfile.ZipInfo) -> str:
    """The name of an entry: some programs write UTF-8 without saying so."""
    try:
        return info.filename if info.flag_bits & 0x800 else info.filename.encode("cp437").decode()
    except UnicodeError:
        return info.filename
