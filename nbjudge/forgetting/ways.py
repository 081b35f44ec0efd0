"""The ways to what is kept of students.

Links are followed only in folders that the instructor names: the course's root, those of the steps, and our own beside
them. Whatever lies in these is reached through open folders.
"""

import errno
from pathlib import Path

from nbjudge.course.course import Course
from nbjudge.course.untrusted_folder import UntrustedFolder


class Ways:
    """The ways into one course.

    Attributes
    ----------
    tops : the folders that may be links; the first one is the course's root
    """

    def __init__(self, root: Path, *tops: Path) -> None:
        self.tops = list(dict.fromkeys([root, *tops]))

    @classmethod
    def of(cls, course: Course) -> "Ways":
        steps = course.directory.submitted_directory, course.directory.autograded_directory
        ours = course.all_earlier, course.root / "refused", course.ledger("any").parent, course.lms_names("any").parent
        return cls(course.root, *map(course.top_of, (*steps, course.directory.feedback_directory)), *ours)

    def top(self, path: Path) -> Path:
        """The innermost folder around ``path``, or itself, that may be a link."""
        return max((top for top in self.tops if path.is_relative_to(top)), key=lambda top: len(top.parts))

    def inside(self, path: Path) -> Path:
        """The path as seen from the course's root; of what lies elsewhere, from the folder of its step."""
        root = self.tops[0]
        return path.relative_to(root if path.is_relative_to(root) else self.top(path))

    def open(self, path: Path) -> UntrustedFolder:
        """The folder at ``path``, or ``OSError`` with the place at which the way ends, such as a link."""
        return UntrustedFolder.below(self.top(path), path)

    def names(self, path: Path) -> list[str]:
        """Names of what lies in the folder at ``path``; none if it can't be opened."""
        try:
            with self.open(path) as folder:
                return folder.names()
        except OSError:
            return []

    def leads_to(self, path: Path) -> bool:
        """Whether something lies at ``path``, be it a link.

        Raises
        ------
        OSError
            If that can't be told; its ``filename`` is the place at which the way ends.
        """
        try:
            with self.open(path.parent) as folder:
                return folder.about(path.name) is not None
        except (FileNotFoundError, NotADirectoryError):
            return False
        except OSError as error:
            if error.errno == errno.ENAMETOOLONG:  # in this spelling there can be none
                return False
            if not Path(str(error.filename)).is_absolute():
                error.filename = str(path)
            raise

    def remove(self, path: Path) -> None:
        """Delete what lies at ``path``, and all that is in it; raises ``OSError`` if something stays."""
        with self.open(path.parent) as folder:
            folder.remove(path.name, strict=True)
