"""What students handed in, file by file: whose it is, which notebook is meant, and when it came in."""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from nbjudge.collecting.archives import Found
from nbjudge.collecting.owners import NoOwnerError, Owner, UnknownStudentError, owner_of
from nbjudge.collecting.roster import Roster
from nbjudge.collecting.store import Places, key_of
from nbjudge.course import notebooks
from nbjudge.course.notebook_names import NOTEBOOK, plain_stem
from nbjudge.intake import reading

COPY_NUMBER = re.compile(r"(?:\(|copy|kopie)\s*(\d{1,9})\)?$")
AT_ONCE = timedelta(minutes=10)
"""If all files of an archive are no further apart, their times are those of the download, as some write them."""


@dataclass(frozen=True)
class Attempt:
    """A notebook that a student handed in as ``name``, to be called ``notebook``.

    ``time`` is None where nobody knows it. ``container`` counts what was named on the command line.
    """

    student: str
    notebook: str
    name: str
    found: Found
    container: int
    right_name: bool
    attachment: int = 0
    time: datetime | None = None
    late: bool = False
    platform: dict[str, str] | None = None
    remarks: tuple[str, ...] = ()

    @property
    def rank(self) -> tuple:
        """Of two attempts, the one with the higher rank is the newer one."""
        when = self.time.timestamp() if self.time else self.found.changed
        copy = COPY_NUMBER.search(Path(self.name).stem.lower())
        return (when, self.attachment, self.name == self.notebook, int(copy[1]) if copy else 0, self.found.digest)

    @property
    def key(self) -> str:
        return key_of({self.notebook: self.found.digest})


@dataclass(frozen=True)
class Line:
    """What became of a file. ``status`` is one of those in ``STATUS``."""

    student: str
    status: str
    file: str
    said: str = ""
    time: datetime | None = None
    late: bool = False


STATUS = {
    "taken": "lies in submitted/ now",
    "replaced": "lies in submitted/ now; what lay there is in earlier/",
    "same": "has the same content as the submission",
    "earlier": "is an earlier attempt, kept in earlier/",
    "left out": "isn't needed",
    "not taken": "somebody has to look at it",
    "missing": "is on the roster and handed in nothing",
}


class Sorter:
    """Sorts the files of downloads by student."""

    def __init__(self, places: Places, roster: Roster | None) -> None:
        self._places, self._roster = places, roster
        self._tasks = {path.name: set(notebooks.graded_cells(notebooks.read(path))) for path in places.notebooks}
        self.attempts: list[Attempt] = []
        self.times: dict[tuple[int, str], list[datetime]] = defaultdict(list)
        self._lines: list[Line] = []
        self._beside: dict[str, list[str]] = defaultdict(list)

    def add(self, found: Found, container: int) -> None:
        owner, why, is_unknown = None, found.refused, False
        if found.origin_time:
            self.times[container, found.origin].append(found.origin_time)
        try:
            owner = owner_of(found, self._places.assignment, self._roster)
        except NoOwnerError as error:
            why, is_unknown = why or str(error), isinstance(error, UnknownStudentError)
        student = owner.student if owner else ""
        if not found.content and not found.refused and not is_unknown:
            self._beside[student].append(found.where)
            return
        if owner and not why:
            attempt = self._attempt(found, owner, container)
            if attempt and not self._places.is_link(student):
                self.attempts.append(attempt)
                return
            other = "it has another name and holds no task of this assignment"
            why = f"submitted/{student} is a link; remove it" if attempt else other
        self._lines.append(Line(student, "not taken", found.where, why))

    def _attempt(self, found: Found, owner: Owner, container: int) -> Attempt | None:
        """None if it is another notebook. What has the right name is taken in any case: grading says the rest."""
        said, ids = "", set()
        try:
            assert found.content
            ids = {cell.grade_id for cell in reading.read_cells(found.content)}
        except reading.RefusedError as error:
            said = str(error).split(". ")[0]
        stem = plain_stem(NOTEBOOK.sub("", owner.name))
        meant = [name for name in self._tasks if plain_stem(Path(name).stem) == stem]
        holding = [name for name, tasks in self._tasks.items() if tasks & ids]
        if not meant and len(holding) != 1:
            return None
        name = (meant or holding)[0]
        if not said and not holding:
            said = "it holds no task of this assignment"
        renamed = "" if owner.name == name else f"was called {owner.name}"
        attempt = Attempt(owner.student, name, owner.name, found, container, bool(meant))
        return replace(
            attempt,
            attachment=owner.attachment,
            time=_time(found, owner),
            late=owner.late,
            platform=owner.platform,
            remarks=tuple(each for each in (said, renamed) if each),
        )

    def rest(self) -> Iterator[Line]:
        """What is no notebook of anybody's."""
        yield from self._lines
        some = {attempt.student for attempt in self.attempts} | {line.student for line in self._lines}
        for student, files in self._beside.items():
            if student and student not in some:
                yield Line(student, "not taken", _listed(files), "there is no notebook among what was handed in")
            else:
                yield Line(student, "left out", _listed(files), "only notebooks are collected")


def _listed(files: list[str]) -> str:
    return files[0] if len(files) == 1 else f"{files[0]} and {len(files) - 1} more"


def _time(found: Found, owner: Owner) -> datetime | None:
    """When the platform says that it came in. Times inside a student's own archive are the student's."""
    if owner.from_platform is None:
        return None
    own = [step for step in found.steps[owner.from_platform :] if step.is_archive]
    return own[0].packed if own else found.packed


def believed(attempts: list[Attempt], times: dict[tuple[int, str], list[datetime]]) -> tuple[list[Attempt], list[str]]:
    """Without times that are those of the download, and a remark for each archive that has them.

    ``times`` are all those in an archive, which is named by its container and its name.
    """
    used = {(each.container, each.found.origin) for each in attempts if each.time}
    wrong = {origin for origin in used if max(times[origin]) - min(times[origin]) <= AT_ONCE}
    remarks = [
        f"The times in {name} are all alike, so they are taken for those of the download, not of the submissions."
        for _, name in sorted(wrong)
    ]
    return [
        replace(each, time=None, found=replace(each.found, changed=each.time.timestamp()))
        if each.time and (each.container, each.found.origin) in wrong
        else each
        for each in attempts
    ], remarks
