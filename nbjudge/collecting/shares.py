"""What one student may bring along. Each has a share of their own, so that nobody uses up what is meant for others."""

from dataclasses import dataclass

from nbjudge.course.errors import CourseError

MAX_ENTRIES = 2_000
"""Files, those in zip files included."""
MAX_NOTEBOOKS = 100
MAX_BYTES = 100 * 2**20
"""Bytes that are unpacked."""


class SpentError(CourseError):
    """There is nothing left; the message says of what, in words that follow a colon."""


@dataclass
class Share:
    """What one student may still bring."""

    entries: int = MAX_ENTRIES
    notebooks: int = MAX_NOTEBOOKS
    size: int = MAX_BYTES
    is_said: bool = False
    """Whether the list says already that something is spent."""

    def take(self, *, entries: int = 0, notebooks: int = 0, size: int = 0) -> None:
        """
        Raises
        ------
        SpentError
            If there isn't so much left.
        """
        self.entries -= entries
        self.notebooks -= notebooks
        self.size -= size
        if self.entries < 0:
            raise SpentError(f"there are more than {MAX_ENTRIES} files of one student")
        if self.notebooks < 0:
            raise SpentError(f"there are more than {MAX_NOTEBOOKS} notebooks of one student")
        if self.size < 0:
            raise SpentError(f"the files of one student unpack to more than {MAX_BYTES // 2**20} MB")
