"""Stores submissions: what counts in ``submitted/``, the rest in ``earlier/``. What is there is never overwritten."""

import contextlib
import errno
import hashlib
import io
import os
import secrets
import tempfile
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property
from itertools import chain, count
from pathlib import Path, PurePath

from nbjudge.collecting.archives import MAX_FILE
from nbjudge.collecting.known_times import Times, read_times
from nbjudge.collecting.shares import MAX_BYTES_BESIDE
from nbjudge.collecting.zip_tables import nfc
from nbjudge.course.course import Course
from nbjudge.course.lms_names import LmsName, Names, read_names
from nbjudge.course.sharing import group_of
from nbjudge.course.submission_secret import SECRET
from nbjudge.course.timestamps import TIMESTAMP, NoTimeError, read_timestamp, timestamp_text
from nbjudge.course.untrusted_folder import IsLinkError, NotOpenedError, TooLargeError, UntrustedFolder
from nbjudge.intake.untouched import Untouched

SHORT = 20
MAX_NAMES = 200
"""Of what lies in a submission, among which modules are looked for."""


@dataclass(frozen=True)
class Submission:
    """What lies in ``submitted/``.

    Attributes
    ----------
    digests, helpers : SHA-256 of its notebooks and of the modules beside them, by name
    time : when it came in (UTC), if that is known: with the last of its notebooks
    times : when a notebook came in, for those of which that is known by itself
    """

    digests: dict[str, str] = field(default_factory=dict)
    helpers: dict[str, str] = field(default_factory=dict)
    time: datetime | None = None
    times: dict[str, datetime] = field(default_factory=dict)

    def came_in(self, notebook: str) -> datetime | None:
        """When a notebook of it came in, as far as that is known."""
        return self.times.get(notebook, self.time)

    def is_known(self, notebook: str) -> bool:
        """Whether that is so of the notebook itself, and not of the last of several only."""
        return notebook in self.times or len(self.digests) < 2

    def without(self, notebooks: Collection[str]) -> "Submission":
        """What is left if these are replaced."""
        return replace(self, digests={name: one for name, one in self.digests.items() if name not in notebooks})

    @property
    def key(self) -> str:
        return key_of({**self.digests, **self.helpers})

    def holds(self, digests: Mapping[str, str]) -> bool:
        """Whether files of these names have this content."""
        return all({**self.digests, **self.helpers}.get(name) == digest for name, digest in digests.items())


class Store:
    """The submissions of one assignment, and their earlier attempts."""

    def __init__(self, course: Course, assignment: str) -> None:
        self.course, self.assignment = course, assignment
        self._spelled: dict[str, str] = {}
        self._untouched: dict[str, Untouched] = {}
        if course.all_submitted.is_dir():
            names = sorted(os.listdir(course.all_submitted), key=lambda name: (name == nfc(name), name))
            self._spelled = {nfc(name): name for name in names}  # macOS spells umlauts in another way

    def students(self) -> Collection[str]:
        """Names of all folders of students."""
        return self._spelled.keys()

    def spelled(self, student: str) -> str:
        """The name of the student's folder as it is spelt there."""
        return self._spelled.get(student, student)

    def folder(self, student: str) -> Path:
        """Where the submission of ``student`` lies, or will."""
        return self.course.submitted(self.spelled(student), self.assignment)

    def obstacle(self, student: str) -> str:
        """What keeps a submission from its place, in words that follow the name of the student's folder; or ""."""
        try:
            with self._parent(student, make=False):
                return ""
        except FileNotFoundError:
            return ""
        except IsLinkError:
            return "is a link; remove it"
        except OSError as error:
            return "is no folder; remove it" if error.errno == errno.ENOTDIR else f"can't be opened: {error.strerror}"

    def submission(self, student: str) -> Submission | None:
        """What lies there, if anything does."""
        try:
            with self.course.open_submitted(self.spelled(student), self.assignment) as folder:
                if not folder.names(1):
                    return None
                digests = {path.name: _digest(folder, path.name) for path in self.course.notebooks(self.assignment)}
                helpers = _helpers(folder)
                known = [{name: digest for name, digest in files.items() if digest} for files in (digests, helpers)]
                own = self._times.get(student, {})
                times = {name: own[name].time for name in own if own[name].digest == known[0].get(name)}
                return Submission(known[0], known[1], _time(folder), times)
        except FileNotFoundError:
            return None
        except OSError:  # a link, for example
            return Submission()

    @cached_property
    def _times(self) -> dict[str, Times]:
        return read_times(self.course.notebook_times(self.assignment)) if self.has_several else {}

    @cached_property
    def has_several(self) -> bool:
        """Whether a submission consists of several notebooks, each of which may come by itself."""
        return len(self.course.notebooks(self.assignment)) > 1

    @cached_property
    def _kept(self) -> Names:
        return read_names(self.course.lms_names(self.assignment))

    @property
    def names(self) -> Mapping[str, LmsName]:
        """How a platform called what was collected before, by student."""
        return self._kept.known

    @cached_property
    def _students(self) -> Mapping[tuple[str, str], str]:
        """Students by platform and number, as collected before or on a roster."""
        by_name = {(known.lms, known.number): student for student, known in self._kept.known.items()}
        return by_name | {(known.lms, known.number): student for student, known in self._kept.numbers.items()}

    def student_of(self, lms_name: LmsName) -> str:
        """Who has this number on the platform, or ""."""
        return self._students.get((lms_name.lms, lms_name.number), "")

    def untouched(self, notebook: str) -> Untouched:
        """What tells whether anybody has worked on a notebook."""
        return self._untouched.setdefault(notebook, Untouched(self.course, self.assignment, notebook))

    def worked_on(self, student: str) -> set[str]:
        """Names of those notebooks of the submission that somebody has worked on."""
        with tempfile.TemporaryDirectory(prefix="collect-") as staging:
            copies = self.others(student, {}, Path(staging))
            return {name for name, copy in copies.items() if not self.untouched(name).is_file(copy)}

    def is_earlier(self, student: str, key: str) -> bool:
        """Whether an attempt is in ``earlier/``."""
        return any(folder.name.split("_")[-1].startswith(key[:SHORT]) for folder in self._earlier(student))

    def was_replaced(self, student: str, digests: Mapping[str, str]) -> bool:
        """Whether an attempt of this content is in ``earlier/``, by itself or as part of a submission."""
        if self.is_earlier(student, key_of(digests)) or not self.has_several:
            return self.is_earlier(student, key_of(digests))
        return any(self._holds(earlier, digests) for earlier in self._earlier(student))

    def _holds(self, earlier: Path, digests: Mapping[str, str]) -> bool:
        with contextlib.suppress(OSError), UntrustedFolder.below(self.course.all_earlier, earlier) as folder:
            return all(_digest(folder, name) == digest for name, digest in digests.items())
        return False

    def later(self, student: str, time: datetime, notebooks: Collection[str]) -> Path | None:
        """The newest attempt in ``earlier/`` that has these notebooks, if it was handed in after ``time``."""
        found = ((self._time_of(path, notebooks), path) for path in self._earlier(student))
        newest, folder = max(((one, path) for one, path in found if one), default=(time, None))
        return folder if newest > time else None

    def _time_of(self, earlier: Path, notebooks: Collection[str]) -> datetime | None:
        with contextlib.suppress(OSError), UntrustedFolder.below(self.course.all_earlier, earlier) as folder:
            return _time(folder) if all(folder.about(name) for name in notebooks) else None
        return None

    def _earlier(self, student: str) -> list[Path]:
        return list(self.course.earlier(student, self.assignment).glob("*_*"))

    def put(self, student: str, files: Mapping[str, Path], time: datetime | None) -> None:
        """Make ``files``, by path, the submission of ``student``; one that lies there becomes an earlier attempt."""
        with self._parent(student) as parent, self._new_folder(parent, files, time) as new:
            self.set_aside(student)
            parent.move(new, parent, self.folder(student).name)

    def others(self, student: str, files: Mapping[str, Path], staging: Path) -> dict[str, Path]:
        """Copies of those notebooks of the submission that ``files`` hold no new version of."""
        copies = {}
        with contextlib.suppress(OSError), self.course.open_submitted(self.spelled(student), self.assignment) as folder:
            for path in self.course.notebooks(self.assignment):
                if path.name not in files:
                    with contextlib.suppress(NotOpenedError, TooLargeError):
                        folder.read(path.name, MAX_FILE, staging / path.name)
                        copies[path.name] = staging / path.name
            left = MAX_BYTES_BESIDE
            for name in folder.names(MAX_NAMES) if copies and files else []:  # modules of those
                if name.endswith(".py") and name not in files:
                    with contextlib.suppress(NotOpenedError, TooLargeError):
                        left -= folder.read(name, left, staging / name)[1]
                        copies[name] = staging / name
        return copies

    def keep(self, student: str, files: Mapping[str, Path], key: str, time: datetime | None) -> None:
        """Keep an earlier attempt, unless it is kept already."""
        if not self.is_earlier(student, key):
            with self._open_earlier(student) as parent, self._new_folder(parent, files, time) as new:
                parent.move(new, parent, _unused(parent, _name(key, time)))

    def bring_back(self, student: str, earlier: Path) -> None:
        """Make an earlier attempt the submission of ``student`` again, and the submission an earlier attempt."""
        self.set_aside(student)
        with self._open_earlier(student) as kept, self._parent(student) as parent:
            kept.move(earlier.name, parent, self.folder(student).name)

    def set_aside(self, student: str) -> None:
        """Move the submission of ``student``, if there is one, to ``earlier/``, under a name that nothing has there."""
        submission = self.submission(student)
        if submission:
            name = _name(submission.key, submission.time)
            with self._parent(student) as parent, self._open_earlier(student) as earlier:
                parent.move(self.folder(student).name, earlier, _unused(earlier, name))

    def stamp(self, student: str, time: datetime) -> None:
        """Add the time to a submission that has none."""
        place = self.course.open_submitted(self.spelled(student), self.assignment)
        with place as folder, contextlib.suppress(IsADirectoryError):  # as it came; grading tells
            folder.write(TIMESTAMP, io.BytesIO(timestamp_text(time).encode()))

    def _parent(self, student: str, make: bool = True) -> UntrustedFolder:
        """The folder in which that of the submission lies."""
        return UntrustedFolder.below(self.course.top_of_submitted, self.folder(student).parent, make)

    def _open_earlier(self, student: str) -> UntrustedFolder:
        folder = self.course.earlier(student, self.assignment)
        return UntrustedFolder.below(self.course.all_earlier, folder, make=True)

    @contextlib.contextmanager
    def _new_folder(self, parent: UntrustedFolder, files: Mapping[str, Path], time: datetime | None) -> Iterator[str]:
        """A folder of whole files under a name that nobody knows, which is deleted unless it is moved."""
        name, group = f".collecting-{secrets.token_hex(8)}", group_of(self.course)
        try:
            with parent.made(name, group) as folder:
                for file, path in files.items():
                    inner = folder
                    for place in PurePath(file).parts[:-1]:
                        inner = inner.made(place, group)
                    with open(path, "rb") as content:
                        modified = path.stat().st_mtime_ns
                        inner.write(PurePath(file).name, content, modified, group, private=file == SECRET)
                if time:
                    folder.write(TIMESTAMP, io.BytesIO(timestamp_text(time).encode()), group=group)
            yield name
        except BaseException:
            parent.remove(name)
            raise


def _unused(folder: UntrustedFolder, name: str) -> str:
    """The name, with a number if something there has it."""
    names = chain([name], (f"{name}.{number}" for number in count(2)))
    return next(free for free in names if folder.about(free) is None)


def key_of(digests: Mapping[str, str]) -> str:
    """One name for the content of several notebooks."""
    return hashlib.sha256(repr(sorted(digests.items())).encode()).hexdigest()


def _helpers(folder: UntrustedFolder) -> dict[str, str]:
    """SHA-256 of the modules, in all up to the bytes that one may bring along."""
    left, digests = MAX_BYTES_BESIDE, dict[str, str]()
    for name in (name for name in folder.names(MAX_NAMES) if name.endswith(".py")):
        digests[name], about = _digest(folder, name, left), folder.about(name)
        left -= min(left, about.st_size if about else 0)
    return digests


def _digest(folder: UntrustedFolder, name: str, at_most: int = MAX_FILE) -> str:
    """SHA-256 of a file; "" for what is none. Of one that is larger than any that is graded, another text."""
    try:
        return folder.read(name, at_most)[0]
    except TooLargeError:
        return "too large"
    except NotOpenedError:
        return ""


def _name(key: str, time: datetime | None) -> str:
    return f"{time.astimezone(UTC):%Y-%m-%d_%H-%M-%S}_{key[:SHORT]}" if time else f"undated_{key[:SHORT]}"


def _time(folder: UntrustedFolder) -> datetime | None:
    try:
        return read_timestamp(folder)
    except NoTimeError:
        return None
