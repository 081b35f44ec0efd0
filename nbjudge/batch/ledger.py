"""What has been graded already: for each student, what was handed in, what it was graded by, and what came of it."""

import contextlib
import hashlib
import json
import os
import sys
from dataclasses import asdict, field
from importlib.metadata import version
from pathlib import Path
from typing import Literal

from pydantic import TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from nbjudge.batch.lateness import Lateness
from nbjudge.course.course import Course
from nbjudge.course.digests import ENGINE, contents, digest, engine_files
from nbjudge.course.errors import CourseError
from nbjudge.course.files import make_folders, whole_file
from nbjudge.course.sharing import how_to_share
from nbjudge.intake import submission_folder
from nbjudge.judging import oracle
from nbjudge.judging.misconception import files_of
from nbprobe.answers import SUFFIX


@dataclass(frozen=True)
class Outcome:
    """What came of one submission.

    Attributes
    ----------
    status : "graded"; "refused", with no points and a reason that the student reads; or "failed", without a grade
    reason : why, in one sentence
    repaired : what was put right before, in sentences
    stopped : what stopped cells of it: "time", "memory", "output" or "crash"
    log : what nbgrader said, if it failed
    isolation : the wall behind which it ran, one of those in ``course.isolation``
    """

    student: str
    status: Literal["graded", "refused", "failed"]
    reason: str = ""
    repaired: list[str] = field(default_factory=list)
    stopped: list[str] = field(default_factory=list)
    seconds: float = 0.0
    log: str = ""
    isolation: str = ""
    seen: list[str] = field(default_factory=list)
    """A sum over what was handed in; earlier versions wrote two."""


@dataclass(frozen=True)
class Entry:
    """What is kept of one submission: its outcome, and a sum over what it was graded by.

    ``rest`` is the same without the catalogue of misconceptions, and what is made from it.
    """

    key: str
    outcome: Outcome
    rest: str = ""


ENTRY = TypeAdapter(Entry)


class Ledger:
    """One small file for each student, in ``.grading/<assignment>/``. Deleting it loses nothing but time."""

    def __init__(self, course: Course, assignment: str) -> None:
        self._course, self._assignment = course, assignment
        self._folder = course.ledger(assignment)
        self._measure, self._rest = measures(course, assignment)
        self._lateness = Lateness(course, assignment)
        with contextlib.suppress(PermissionError):
            make_folders(self._folder)
        if not os.access(self._folder, os.W_OK):
            place = course.show(self._folder)
            raise CourseError(f"you can't write to {place}; `course doctor` says more. {how_to_share(course)}")

    def _key(self, student: str) -> str:
        """A sum over all that the student's grade depends on beside the submission."""
        return self._with_lateness(self._measure, student)

    def _with_lateness(self, measure: str, student: str) -> str:
        return hashlib.sha256(f"{measure} {self._lateness.of(student)}".encode()).hexdigest()

    def last(self, student: str) -> Outcome | None:
        """What is known of the last grading."""
        entry = self._entry(student)
        return entry.outcome if entry else None

    def holds(self, student: str) -> bool:
        """Whether this very submission was graded by this very course."""
        entry = self._entry(student)
        return entry is not None and entry.key == self._key(student) and self._is_of_today(entry)

    def holds_but_for_catalogue(self, student: str) -> bool:
        """The same, whatever the catalogue of misconceptions was."""
        entry = self._entry(student)
        is_current = entry is not None and entry.rest == self._with_lateness(self._rest, student)
        return entry is not None and is_current and self._is_of_today(entry)

    def _is_of_today(self, entry: Entry) -> bool:
        seen = submission_folder.sum_of(self._course, entry.outcome.student, self._assignment)
        return seen in entry.outcome.seen

    def write(self, outcome: Outcome) -> None:
        student = outcome.student
        entry = Entry(self._key(student), outcome, self._with_lateness(self._rest, student))
        with whole_file(self._path(student)) as file:
            text = json.dumps(asdict(entry), indent=1, ensure_ascii=False)
            file.write(text.encode(errors="replace"))  # names of files needn't be text

    def renew(self, student: str) -> None:
        """Of a submission that would be graded to the same by the course as it is now: that it is current."""
        last = self.last(student)
        if last is not None:
            self.write(last)

    def forget(self, student: str) -> None:
        """Before it is graded again: if that is interrupted, it isn't taken for graded."""
        self._path(student).unlink(missing_ok=True)

    def _entry(self, student: str) -> Entry | None:
        """What is kept of a student's submission; a file that somebody damaged is as good as none."""
        try:
            return ENTRY.validate_json(self._path(student).read_bytes())
        except (OSError, ValidationError):
            return None

    def _path(self, student: str) -> Path:
        return self._course.ledger_entry(student, self._assignment)


def measures(course: Course, assignment: str) -> tuple[str, str]:
    """A sum over all that a grade depends on beside the submission: its own exercise, grader, settings, versions.

    Another exercise isn't among it, and neither is a module that only another one loads.

    Returns
    -------
    whole, rest : of all, and of all but the catalogue of misconceptions and the answers of checks, which no run of a
        submission depends on

    Raises
    ------
    OracleError
        If the exercise can't be graded.
    """
    loaded = [oracle.load(course, assignment, notebook).loaded for notebook in course.notebooks(assignment)]
    versions = {name: version(name) for name in ("nbgrader", "numpy", "ipython")}
    for libraries in loaded:
        versions |= libraries.libraries
    options = [option for option in course.options if not option.startswith("--CourseDirectory.root=")]
    sums = hashlib.sha256(repr((sys.version, options, sorted(versions.items()))).encode())
    digests = {str(file): digest(file) for file in engine_files()}
    for run in loaded:
        digests |= {path: known for path, known in run.files.items() if not Path(path).is_relative_to(ENGINE)}
    for path, known in course.config_files.items():
        sums.update(f"{Path(path).name} {known} ".encode())
    rest, source = sums.copy(), course.source(assignment)
    catalogue = set(map(str, files_of(course.misconceptions(assignment))))
    for path, known in digests.items():  # two names of each, as the course may be moved
        line = f"{Path(path).parent.name}/{Path(path).name} {known} ".encode()
        sums.update(line)
        if path not in catalogue and not path.endswith(SUFFIX):
            rest.update(line)
    return _joined(sums.hexdigest(), contents(source)), _joined(rest.hexdigest(), contents(source, (SUFFIX,)))


def _joined(*sums: str) -> str:
    return hashlib.sha256("".join(sums).encode()).hexdigest()
