"""Where submissions lie: ``submitted/`` and ``earlier/``. What is there is moved, never overwritten."""

import hashlib
import os
import shutil
import tempfile
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from nbgrader.coursedir import CourseDirectory

from nbjudge.collecting.archives import nfc
from nbjudge.course.files import set_aside
from nbjudge.course.timestamps import TIMESTAMP, NoTimeError, read_timestamp, timestamp_text

EARLIER = "earlier"
SHORT = 20


@dataclass(frozen=True)
class Existing:
    """A submission that lies in ``submitted/``: SHA-256 of its notebooks by name, and its time (UTC) if it has one."""

    digests: dict[str, str] = field(default_factory=dict)
    time: datetime | None = None


class Places:
    """The folders of one assignment of a course."""

    def __init__(self, course: CourseDirectory, assignment: str) -> None:
        self._course, self.assignment = course, assignment
        self.root = Path(course.root)
        source = Path(course.format_path(course.source_directory, ".", assignment))
        self.notebooks = sorted(source.glob("*.ipynb"))
        self._spelled: dict[str, str] = {}
        if self.submitted.is_dir():
            names = sorted(os.listdir(self.submitted), key=lambda name: (name == nfc(name), name))
            self._spelled = {nfc(name): name for name in names}  # macOS spells umlauts in another way

    @property
    def submitted(self) -> Path:
        return Path(self._course.format_path(self._course.submitted_directory, ".", "."))

    def folder(self, student: str) -> Path:
        """Where the submission of ``student`` lies, or will."""
        name = self._spelled.get(student, student)
        return Path(self._course.format_path(self._course.submitted_directory, name, self.assignment))

    def is_link(self, student: str) -> bool:
        """Whether what is written for ``student`` would land somewhere else."""
        return self.folder(student).parent.is_symlink()

    def is_graded(self, student: str) -> bool:
        name = self._spelled.get(student, student)
        return Path(self._course.format_path(self._course.autograded_directory, name, self.assignment)).exists()

    def existing(self, student: str) -> Existing | None:
        folder = self.folder(student)
        if folder.is_symlink():
            return Existing()
        if not folder.is_dir() or not any(folder.iterdir()):
            return None
        found = {path.name: digest_of(folder / path.name) for path in self.notebooks}
        return Existing({name: digest for name, digest in found.items() if digest}, _stamped(folder / TIMESTAMP))

    def is_earlier(self, student: str, key: str) -> bool:
        folder = self.root / EARLIER / student / self.assignment
        return any(each.name.split("_")[-1].startswith(key[:SHORT]) for each in folder.glob("*_*"))

    def later(self, student: str, time: datetime) -> Path | None:
        """The newest attempt in ``earlier/``, if it was handed in after ``time``."""
        folder = self.root / EARLIER / student / self.assignment
        dated = [(stamp, path) for path in folder.glob("*_*") if (stamp := _stamped(path / TIMESTAMP))]
        newest, path = max(dated, default=(time, None))
        return path if newest > time else None

    def bring_back(self, student: str, earlier: Path) -> None:
        """Make an earlier attempt the submission of ``student`` again, and the submission an earlier attempt."""
        self.set_aside(student)
        os.rename(earlier, self.folder(student))

    def keep(self, student: str, files: dict[str, Path], key: str, time: datetime | None) -> None:
        """Keep an earlier attempt, unless it is kept already."""
        if not self.is_earlier(student, key):
            self._write(files, time, self.root / EARLIER / student / self.assignment / _name(key, time))

    def others(self, student: str, files: dict[str, Path]) -> dict[str, Path]:
        """Notebooks of the submission that ``files`` hold no new version of."""
        existing = self.existing(student)
        names = existing.digests if existing else {}
        return {name: self.folder(student) / name for name in names if name not in files}

    def put(self, student: str, files: dict[str, Path], time: datetime | None) -> None:
        """Make ``files`` the submission of ``student``; one that lies there becomes an earlier attempt."""
        self._write(files, time, self.folder(student), replaced=student)

    def set_aside(self, student: str) -> None:
        """Move the submission of ``student``, if there is one, to ``earlier/``."""
        older = self.existing(student)
        if older:
            name = _name(key_of(older.digests), older.time)
            set_aside(self.folder(student), self.root / EARLIER / student / self.assignment, Path(name))

    def _write(self, files: dict[str, Path], time: datetime | None, folder: Path, replaced: str = "") -> None:
        """Make ``folder`` from whole files; what is replaced is moved just before."""
        folder.parent.mkdir(parents=True, exist_ok=True)
        made = Path(tempfile.mkdtemp(prefix=".collecting-", dir=folder.parent))
        try:
            made.chmod(0o755)
            for name, path in files.items():
                shutil.copyfile(path, made / name, follow_symlinks=False)
            if time:
                (made / TIMESTAMP).write_text(timestamp_text(time))
            if replaced:
                self.set_aside(replaced)
            os.rename(made, folder)
        except BaseException:
            shutil.rmtree(made, ignore_errors=True)
            raise

    def stamp(self, student: str, time: datetime) -> None:
        """Add the time to a submission that has none."""
        path = self.folder(student) / TIMESTAMP
        path.unlink(missing_ok=True)  # a link isn't followed
        path.write_text(timestamp_text(time))


def key_of(digests: dict[str, str]) -> str:
    """One name for the content of several notebooks."""
    return hashlib.sha256(repr(sorted(digests.items())).encode()).hexdigest()


def digest_of(path: Path) -> str:
    """SHA-256 of an ordinary file; "" for anything else."""
    if path.is_symlink() or not path.is_file():
        return ""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _name(key: str, time: datetime | None) -> str:
    return f"{time.astimezone(UTC):%Y-%m-%d_%H-%M-%S}_{key[:SHORT]}" if time else f"undated_{key[:SHORT]}"


def _stamped(path: Path) -> datetime | None:
    try:
        return read_timestamp(path)
    except NoTimeError:
        return None
