"""What one student may bring along. Each has a share of their own, so that nobody uses up what is meant for others."""

from dataclasses import dataclass

from nbjudge.course.errors import CourseError

MAX_ENTRIES = 2_000
"""Files, those in zip files included."""
MAX_NOTEBOOKS = 100
MAX_BYTES = 100 * 2**20
"""Bytes that are unpacked."""
MAX_BESIDE, MAX_BYTES_BESIDE = 50, 20 * 2**20
"""Files that may belong to a notebook, and their bytes. Of further ones nothing is read, and the notebooks are."""


class SpentError(CourseError):
    """There is nothing left; the message says of what, in words that follow a colon."""


@dataclass
class Share:
    """What one student may still bring."""

    entries: int = MAX_ENTRIES
    notebooks: int = MAX_NOTEBOOKS
    size: int = MAX_BYTES
    beside: int = MAX_BESIDE
    size_beside: int = MAX_BYTES_BESIDE
    is_said: bool = False
    """Whether the list says already that something is spent."""

    def take_beside(self, *, files: int = 0, size: int = 0) -> None:
        """The same for what may belong to a notebook."""
        self.beside -= files
        self.size_beside -= size
        if min(self.beside, self.size_beside) < 0:
            raise SpentError("there are too many files beside the notebook")

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
