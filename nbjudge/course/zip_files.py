"""Tells zip files from others. Whoever made them may have meant no archive at all, and Python fails at some."""

import io
import lzma
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    EOFError,
    RuntimeError,  # also of a compression that Python doesn't know
    ValueError,
    OSError,
    OverflowError,  # a place behind the end of all memory
    MemoryError,  # where an archive asks for more than there is
)
"""What zipfile raises for archives that nobody could read."""


def looks_like_zip(content: bytes) -> bool:
    """Whether something may be a zip file, also if Python can't even tell that."""
    try:
        return zipfile.is_zipfile(io.BytesIO(content))
    except BROKEN:
        return True


def is_zip_with(comment: bytes) -> Callable[[Path | BinaryIO], bool]:
    """Tells zip files of ours, which have this comment, from others, by their path or open."""

    def is_ours(file: Path | BinaryIO) -> bool:
        try:
            with zipfile.ZipFile(file) as archive:
                return archive.comment == comment
        except BROKEN:
            return False

    return is_ours
