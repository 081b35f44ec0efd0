"""Who would be judged otherwise by today's catalogue than when they were graded. Nobody's code runs for it."""

import json
import stat
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nbjudge.course.course import Course
from nbjudge.course.files import whole_file
from nbjudge.course.graded import Graded, read_submission
from nbjudge.judging.kept_evidence import Kept, Test, read
from nbjudge.judging.oracle import Answers
from nbjudge.judging.seen import Seen, depends_on_catalogue
from nbjudge.mistakes.groups import answers_of
from nbjudge.results.gradebook import existing
from nbprobe.answers import SUFFIX
from nbprobe.wire import digest_of_text


@dataclass
class Today:
    """The graded submissions by what today's catalogue means for them.

    Attributes
    ----------
    other : those that get another verdict
    unknown : those of which too little is kept to tell
    same : all others
    """

    other: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    same: list[str] = field(default_factory=list)


def judge_again(course: Course, assignment: str, students: Iterable[str]) -> Today:
    """Judge what is kept of students by today's catalogue, and compare with the verdicts in their graded notebooks.

    Those without a graded notebook are left out: the next grading grades them in any case.

    Raises
    ------
    OracleError
        If the exercise can't be graded today.
    """
    judged, today = Judged(answers_of(course, assignment)), Today()
    for student in students:
        folder = existing(course.autograded, student, assignment)
        graded = read_submission(folder) if folder else None
        if graded is None:
            continue
        verdicts = _verdicts(graded, read(course.evidence(student, assignment)), judged)
        where = today.unknown if None in verdicts else today.other if False in verdicts else today.same
        where.append(student)
    return today


class Judged:
    """Verdicts by today's answers. Many students have the same evidence, and to judge it once is enough."""

    def __init__(self, answers: Mapping[str, Answers]) -> None:
        self.answers = answers
        self._known: dict[tuple[Test, str], dict[str, Any]] = {}

    def verdict(self, about: Test, seen: Seen) -> dict[str, Any]:
        """The verdict on what was seen of a test, as data."""
        key = about, digest_of_text(json.dumps(seen.as_data(), sort_keys=True))
        if key not in self._known:
            notebook, test = about
            self._known[key] = seen.verdict(test, self.answers[notebook]).as_data()
        return self._known[key]


def _verdicts(graded: Graded, kept: Kept, judged: Judged) -> set[bool | None]:
    """Whether the verdict on each test would be the same again; None if that can't be told."""
    found = set[bool | None]()
    for notebook, answers in judged.answers.items():
        for test in answers.solution:
            verdict, seen = graded.verdicts.get((notebook, test)), kept.tests.get((notebook, test))
            if verdict is not None and not depends_on_catalogue(verdict, test, answers):
                found.add(True)
            elif verdict is None or seen is None or not seen.is_of(test, answers):
                found.add(None)
            else:
                found.add(judged.verdict((notebook, test), seen) == verdict.as_data())
    return found


def bring_up_to_date(course: Course, student: str, assignment: str) -> bool:
    """Put today's answers of checks beside a student's graded notebooks, as a grading would; False if that can't be."""
    folder = course.autograded(student, assignment)
    for source in sorted(course.source(assignment).glob(f"*{SUFFIX}")):
        if not _replace(folder / source.name, source.read_bytes()):
            return False
    return True


def _replace(path: Path, content: bytes) -> bool:
    try:
        about = path.lstat()
    except OSError:
        return False
    if not stat.S_ISREG(about.st_mode):
        return False
    if about.st_size != len(content) or path.read_bytes() != content:
        with whole_file(path) as file:
            file.write(content)
        path.chmod(stat.S_IMODE(about.st_mode))
    return True
