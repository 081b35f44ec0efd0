"""Stores submissions: what counts in ``submitted/``, the rest in ``earlier/``. What is there is never overwritten."""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from nbjudge.collecting.archives import nfc
from nbjudge.course.course import Course
from nbjudge.course.files import set_aside, whole_file
from nbjudge.course.timestamps import TIMESTAMP, NoTimeError, read_timestamp, timestamp_text

SHORT = 20


@dataclass(frozen=True)
class Submission:
    """What lies in ``submitted/``: SHA-256 of its notebooks by name, and its time (UTC) if it has one."""

    digests: dict[str, str] = field(default_factory=dict)
    time: datetime | None = None

    def holds(self, digests: Mapping[str, str]) -> bool:
        """Whether notebooks of these names have this content."""
        return all(self.digests.get(name) == digest for name, digest in digests.items())


class Store:
    """The submissions of one assignment, and their earlier attempts."""

    def __init__(self, course: Course, assignment: str) -> None:
        self.course, self.assignment = course, assignment
        self._spelled: dict[str, str] = {}
        if course.all_submitted.is_dir():
            names = sorted(os.listdir(course.all_submitted), key=lambda name: (name == nfc(name), name))
            self._spelled = {nfc(name): name for name in names}  # macOS spells umlauts in another way

    def spelled(self, student: str) -> str:
        """The name of the student's folder as it is spelt there."""
        return self._spelled.get(student, student)

    def folder(self, student: str) -> Path:
        """Where the submission of ``student`` lies, or will."""
        return self.course.submitted(self.spelled(student), self.assignment)

    def is_link(self, student: str) -> bool:
        """Whether what is written for ``student`` would land somewhere else."""
        return self.folder(student).parent.is_symlink()

    def submission(self, student: str) -> Submission | None:
        """What lies there, if anything does."""
        folder = self.folder(student)
        if folder.is_symlink():
            return Submission()
        if not folder.is_dir() or not any(folder.iterdir()):
            return None
        digests = {path.name: digest_of(folder / path.name) for path in self.course.notebooks(self.assignment)}
        return Submission({name: digest for name, digest in digests.items() if digest}, _time(folder))

    def is_earlier(self, student: str, key: str) -> bool:
        """Whether an attempt is in ``earlier/``."""
        return any(folder.name.split("_")[-1].startswith(key[:SHORT]) for folder in self._earlier(student))

    def later(self, student: str, time: datetime) -> Path | None:
        """The newest attempt in ``earlier/``, if it was handed in after ``time``."""
        dated = [(handed_in, folder) for folder in self._earlier(student) if (handed_in := _time(folder))]
        newest, folder = max(dated, default=(time, None))
        return folder if newest > time else None

    def _earlier(self, student: str) -> list[Path]:
        return list(self.course.earlier(student, self.assignment).glob("*_*"))

    def put(self, student: str, files: Mapping[str, Path], time: datetime | None) -> None:
        """Make ``files`` the submission of ``student``; one that lies there becomes an earlier attempt."""
        self._write(files, time, self.folder(student), replaced=student)

    def others(self, student: str, files: Mapping[str, Path]) -> dict[str, Path]:
        """Notebooks of the submission that ``files`` hold no new version of."""
        submission = self.submission(student)
        names = submission.digests if submission else {}
        return {name: self.folder(student) / name for name in names if name not in files}

    def keep(self, student: str, files: Mapping[str, Path], key: str, time: datetime | None) -> None:
        """Keep an earlier attempt, unless it is kept already."""
        if not self.is_earlier(student, key):
            self._write(files, time, self.course.earlier(student, self.assignment) / _name(key, time))

    def bring_back(self, student: str, earlier: Path) -> None:
        """Make an earlier attempt the submission of ``student`` again, and the submission an earlier attempt."""
        self.set_aside(student)
        os.rename(earlier, self.folder(student))

    def set_aside(self, student: str) -> None:
        """Move the submission of ``student``, if there is one, to ``earlier/``."""
        submission = self.submission(student)
        if submission:
            name = _name(key_of(submission.digests), submission.time)
            set_aside(self.folder(student), self.course.earlier(student, self.assignment), Path(name))

    def stamp(self, student: str, time: datetime) -> None:
        """Add the time to a submission that has none."""
        path = self.folder(student) / TIMESTAMP
        path.unlink(missing_ok=True)  # a link isn't followed
        with whole_file(path) as file:
            file.write(timestamp_text(time).encode())

    def _write(self, files: Mapping[str, Path], time: datetime | None, folder: Path, replaced: str = "") -> None:
        """Make ``folder`` from whole files; what is replaced is moved just before."""
        folder.parent.mkdir(parents=True, exist_ok=True)
        new = Path(tempfile.mkdtemp(prefix=".collecting-", dir=folder.parent))
        try:
            new.chmod(0o755)
            for name, path in files.items():
                shutil.copyfile(path, new / name, follow_symlinks=False)
            if time:
                (new / TIMESTAMP).write_text(timestamp_text(time))
            if replaced:
                self.set_aside(replaced)
            os.rename(new, folder)
        except BaseException:
            shutil.rmtree(new, ignore_errors=True)
            raise


def key_of(digests: Mapping[str, str]) -> str:
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


def _time(folder: Path) -> datetime | None:
    try:
        return read_timestamp(folder / TIMESTAMP)
    except NoTimeError:
        return None
