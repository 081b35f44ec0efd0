"""Finds where a person is named, in whatever form: the search that proves a release, for names."""

import os
import re
import zipfile
import zlib
from collections.abc import Collection, Iterator
from pathlib import Path

from nbjudge.authoring.leaks import readings

NOT_SEARCHED = {".git", ".venv", ".oracle", "__pycache__", "node_modules"}
MAX_BYTES = 200 * 2**20
"""Of a file that is looked through."""
MAX_UNPACKED, MAX_RATIO = 500 * 2**20, 30
"""Bytes that are unpacked of a zip file, and how many times its own size."""
DATABASE = re.compile(r"\.(?:db|sqlite3?)(?:$|[.-])")


class Names:
    """All by which somebody can be told: id, address, full name with either part first."""

    def __init__(self, names: Collection[str]) -> None:
        parts = sorted((re.escape(name) for name in names if name), key=len, reverse=True)
        pattern = rf"(?<![^\W_])(?:{'|'.join(parts)})(?![^\W_])"  # platforms write a _ behind names
        self._in_text = re.compile(pattern, re.IGNORECASE)
        self._in_bytes = re.compile("|".join(parts).encode())
        self.not_read: list[Path] = []
        """Archives that couldn't be looked into as a whole."""

    def files(self, root: Path, passed_over: Collection[Path] = ()) -> Iterator[Path]:
        """Files below ``root`` that name them, or whose path does."""
        for place, folders, names in os.walk(root):
            kept = sorted(name for name in folders if name not in NOT_SEARCHED and Path(place, name) not in passed_over)
            folders[:] = kept
            for path in (Path(place, name) for name in sorted(names)):
                if path not in passed_over and self.are_in(path, root):
                    yield path

    def are_in(self, path: Path, root: Path | None = None) -> bool:
        """Whether a file names them. What can't be read is passed over."""
        if root and self._in_text.search(str(path.relative_to(root))):
            return True
        try:
            if path.is_symlink() or not path.is_file() or path.stat().st_size > MAX_BYTES:
                return False
            content = path.read_bytes()
        except OSError:
            return False
        if DATABASE.search(path.name):
            return bool(self._in_bytes.search(content))  # also in pages that the database has given up
        return any(map(self._are_read_in, self._parts(path, content)))

    def _are_read_in(self, content: bytes) -> bool:
        return any(self._in_text.search(text) for text in readings(content))

    def _parts(self, path: Path, content: bytes) -> Iterator[bytes]:
        """The file; of a zip file, the names and contents of what is in it."""
        yield content
        if path.suffix.lower() != ".zip":
            return
        left = min(MAX_UNPACKED, MAX_RATIO * len(content) + 2**20)
        try:
            with zipfile.ZipFile(path) as zipped:
                for info in zipped.infolist():
                    yield info.filename.encode(errors="replace")
                    with zipped.open(info) as file:
                        part = file.read(left + 1)  # what the archive says of its size isn't believed
                    left -= len(part)
                    if left < 0:
                        self.not_read.append(path)
                        return
                    yield part
        except (OSError, zipfile.BadZipFile, RuntimeError, ValueError, zlib.error, EOFError):
            self.not_read.append(path)
