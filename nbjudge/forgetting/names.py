"""Finds where a person is named: the search that proves a release, for names."""

import io
import os
import re
import zipfile
from collections import defaultdict
from collections.abc import Collection, Iterator
from pathlib import Path, PurePath

from nbjudge.authoring.leaks import LIMIT, Budget, readings
from nbjudge.collecting.zip_tables import BROKEN, MAX_CLASS, PACKINGS, NotReadError, nfc, opened
from nbjudge.course.student_ids import spellings

NOT_SEARCHED = {".git", ".venv", ".oracle", "__pycache__", "node_modules"}
"""Folders that are passed over where no student puts anything."""
MAX_BYTES = 200 * 2**20
"""Of a file that is looked through."""
WRAPPINGS = 2
"""So many are undone, one inside the other."""
MAX_OF_ONE, MAX_OF_ALL = 2 * LIMIT, 40 * LIMIT
"""Characters that are unpacked and unwrapped of what one student has for an assignment, and of a file of all."""
DATABASE = re.compile(r"\.(?:db|sqlite3?)(?:$|[.-])")
CLOSED = re.compile(rb"Rar!\x1a|7z\xbc\xaf|\xfd7zXZ|BZh[1-9]1AY|\x28\xb5\x2f\xfd")
"""How files begin that are packed in a way that isn't undone."""
TOO_LARGE = f"larger than {MAX_BYTES // 2**20} MB"
UNREADABLE = "it can't be read"
UNKNOWN = "packed in a way that isn't read"
DAMAGED = "damaged, or packed in a way that isn't read"
TOO_MUCH = "there is so much in it, and beside it, that the rest was only read as it is, or not unpacked"


class Names:
    """All by which somebody can be told: id, address, full name with either part first."""

    def __init__(self, names: Collection[str]) -> None:
        spelt = {spelling for name in names if name for spelling in spellings(name)}
        in_bytes = sorted(map(re.escape, spelt), key=len, reverse=True)
        in_text = sorted({re.escape(nfc(name)) for name in spelt}, key=len, reverse=True)
        pattern = rf"(?<![^\W_])(?:{'|'.join(in_text)})(?![^\W_])"  # platforms write a _ behind names
        self._in_text = re.compile(pattern, re.IGNORECASE)
        self._in_bytes = re.compile("|".join(in_bytes).encode(errors="surrogateescape"))
        self._left = defaultdict[PurePath, Budget](lambda: Budget(MAX_OF_ONE))
        self.not_read: dict[Path, str] = {}
        """Files that weren't looked into, or not as a whole, and why."""

    def files(self, root: Path, passed_over: Collection[Path] = (), theirs: Collection[Path] = ()) -> Iterator[Path]:
        """Files below ``root`` that name them, or whose path does. In ``theirs``, students put what they want."""
        for place, folders, names in os.walk(root, onerror=self._note):
            is_theirs = any(Path(place).is_relative_to(folder) for folder in theirs)
            kept = sorted(name for name in folders if is_theirs or name not in NOT_SEARCHED)
            folders[:] = [name for name in kept if Path(place, name) not in passed_over]
            for path in (Path(place, name) for name in sorted(names)):
                if path not in passed_over and self.are_in(path, root):
                    yield path

    def _note(self, error: OSError) -> None:
        self.not_read[Path(error.filename)] = UNREADABLE

    def are_in(self, path: Path, root: Path) -> bool:
        """Whether a file below ``root`` names them."""
        own = path.relative_to(root)
        if self._in_text.search(nfc(str(own))):
            return True
        try:
            if path.is_symlink() or not path.is_file():
                return False
            if path.stat().st_size > MAX_BYTES:
                self.not_read[path] = TOO_LARGE
                return False
            content = path.read_bytes()
        except OSError:
            self.not_read[path] = UNREADABLE
            return False
        if DATABASE.search(path.name):
            return bool(self._in_bytes.search(content))  # also in pages that the database has given up
        is_of_one = len(own.parts) > 3  # step, student, assignment
        budget = self._left[PurePath(*own.parts[:3])] if is_of_one else Budget(MAX_OF_ALL)
        found, why = self.are_in_content(content, budget, path.suffix.lower() == ".zip")
        if why and not found:
            self.not_read[path] = why
        return found

    def are_in_content(self, content: bytes, budget: Budget, is_zip: bool = False) -> tuple[bool, str]:
        """Whether it names them, and why it wasn't read as a whole, or ""."""
        own = Budget(min(LIMIT, budget.left))
        before = own.left
        found = any(self._in_text.search(nfc(text)) for text in readings(content, WRAPPINGS, own))
        budget.left -= before - own.left
        if found or own.left < 0:
            return found, TOO_MUCH
        if is_zip or zipfile.is_zipfile(io.BytesIO(content)):  # also a document of an office
            return self._are_zipped(content, budget)
        return False, UNKNOWN if CLOSED.match(content) else ""

    def _are_zipped(self, content: bytes, budget: Budget) -> tuple[bool, str]:
        """The same for the names and contents of what is in a zip file."""
        not_read = ""
        try:
            with opened(io.BytesIO(content), MAX_CLASS) as zipped:
                if any(self._in_text.search(nfc(_name(info))) for info in zipped.infolist()):
                    return True, ""
                for info in zipped.infolist():
                    if info.compress_type not in PACKINGS:
                        not_read = UNKNOWN
                        continue
                    with zipped.open(info) as file:  # what the archive says of its size isn't believed
                        part = file.read(max(budget.left, 0) + 1)
                    budget.left -= len(part)
                    if budget.left < 0:
                        return False, TOO_MUCH
                    found, why = self.are_in_content(part, budget)
                    if found:
                        return True, ""
                    not_read = not_read or why
        except (NotReadError, *BROKEN):
            return False, DAMAGED
        return False, not_read


def _name(info: zipfile.ZipInfo) -> str:
    """The name of an entry: some programs write UTF-8 without saying so."""
    try:
        return info.filename if info.flag_bits & 0x800 else info.filename.encode("cp437").decode()
    except UnicodeError:
        return info.filename
