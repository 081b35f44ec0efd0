"""Groups the wrong results of a class that no misconception names: those that can't be told apart are one mistake."""

import json
import math
from collections import defaultdict
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from nbjudge.course.course import Course
from nbjudge.course.graded import read_submission
from nbjudge.judging import oracle
from nbjudge.judging.kept_evidence import Kept, Test, read
from nbjudge.judging.oracle import Answers
from nbjudge.judging.seen import Seen, depends_on_catalogue
from nbjudge.results.gradebook import existing
from nbjudge.results.reasons import is_failed
from nbprobe.evidence import Evidence
from nbprobe.judge import results, same
from nbprobe.reasons import ATOL, RTOL, as_array
from nbprobe.verdict import Verdict
from nbprobe.wire import digest_of_text

ANY_TEST = "any test"
"""Where nobody can say which."""
NOTHING = Kept()
MOST_COMPARED = 20_000_000
"""Characters of results of one test and form that are compared as a whole. What comes after that stands by itself."""


class Failed(NamedTuple):
    """A probe that failed, and why, in words that name nobody."""

    probe: str
    why: str


@dataclass
class Group:
    """Wrong results of one test that can't be told apart.

    Attributes
    ----------
    students : all who have them; those whose results are equal to the last bit stand together
    results : what the probes that give points saw in the first of these submissions
    verdict : the judgement on it
    length : characters of the results as text
    """

    notebook: str
    test: str
    students: list[str]
    results: list[Evidence]
    verdict: Verdict
    length: int

    @property
    def failed(self) -> list[Failed]:
        rows = [row for row in self.verdict.rows if is_failed(row)]
        return [Failed(row.name, row.reason.general if row.reason else "") for row in rows]


@dataclass
class Mistakes:
    """What there is of wrong results in a class.

    Attributes
    ----------
    groups : those that no misconception names, the largest first
    named : how many results a misconception of today names
    without_result : how many gave nothing but errors by which no mistake can be recognised
    not_kept : by test, who may have a wrong result in it of which nothing is kept that can be judged today; of those
        under ``ANY_TEST`` what was kept can't be read
    """

    groups: list[Group] = field(default_factory=list)
    named: int = 0
    without_result: int = 0
    not_kept: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))


def read_mistakes(course: Course, assignment: str) -> Mistakes:
    """Group what is kept of the graded submissions, by today's catalogue. Nothing is run, but for the solution.

    Raises
    ------
    OracleError
        If the exercise can't be graded today.
    """
    known = answers_of(course, assignment)
    found, seen = Mistakes(), dict[tuple[Test, str], Seen]()
    lengths = dict[tuple[Test, str], int]()
    students: dict[tuple[Test, str], list[str]] = defaultdict(list)
    for student in course.students(assignment):
        folder = existing(course.autograded, student, assignment)
        if not folder:
            continue
        kept = read(course.evidence(student, assignment))
        if kept == NOTHING:
            for test in _wrong_in(folder, known):
                found.not_kept[test].add(student)
        for test in [test for notebook, test in kept.dropped if notebook in known] + kept.is_damaged * [ANY_TEST]:
            found.not_kept[test].add(student)
        for (notebook, test), one in kept.tests.items():
            if notebook not in known or test not in known[notebook].solution:
                continue
            if not one.is_of(test, known[notebook]):
                found.not_kept[test].add(student)
                continue
            text = _text(one, known[notebook], test)
            key = (notebook, test), digest_of_text(text)
            if key not in seen:
                seen[key], lengths[key] = one, len(text)
            students[key].append(student)
    singles = [_single(key, seen[key], names, known, lengths[key]) for key, names in students.items()]
    left = [single for single in singles if not single.verdict.is_full]
    found.named = sum(len(group.students) for group in left if group.verdict.diagnosis)
    unnamed = [group for group in left if not group.verdict.diagnosis]
    found.without_result = sum(len(group.students) for group in unnamed if not _is_recognisable(group))
    found.groups = _joined([group for group in unnamed if _is_recognisable(group)], _places(known))
    return found


def _wrong_in(folder: Path, known: Mapping[str, Answers]) -> set[str]:
    """Tests of a graded submission of which something should be kept; an earlier version kept nothing."""
    graded = read_submission(folder)
    return {
        test
        for (notebook, test), verdict in (graded.verdicts if graded else {}).items()
        if notebook in known and test in known[notebook].solution
        if depends_on_catalogue(verdict, test, known[notebook])
    }


def answers_of(course: Course, assignment: str) -> dict[str, Answers]:
    """The right answers of today, by notebook."""
    return {path.stem: oracle.load(course, assignment, path) for path in course.notebooks(assignment)}


def _places(known: Mapping[str, Answers]) -> dict[Test, int]:
    tests = [(notebook, test) for notebook, answers in known.items() for test in answers.solution]
    return {test: place for place, test in enumerate(tests)}


def _text(seen: Seen, answers: Answers, test: str) -> str:
    """All by which a mistake is recognised."""
    deciding = {raw["name"] for raw in answers.solution[test] if raw["points"]}
    read_of = ("name", "value", "error", "message", "cause", "otherwise")
    raws = [{key: raw[key] for key in read_of if key in raw} for raw in seen.hidden if raw.get("name") in deciding]
    return json.dumps(raws, sort_keys=True)


def _single(key: tuple[Test, str], seen: Seen, students: list[str], known: Mapping[str, Answers], length: int) -> Group:
    (notebook, test), _ = key
    answers = known[notebook]
    own = results(answers.solution[test], seen.hidden)
    return Group(notebook, test, students, own, seen.verdict(test, answers), length)


def _is_recognisable(group: Group) -> bool:
    """Whether a misconception could be recognised by such results: many mistakes end in the same error."""
    return not all(evidence.error and not evidence.cause for evidence in group.results)


def _joined(groups: list[Group], places: Mapping[Test, int]) -> list[Group]:
    """Those together that can't be told apart. As there may be many, only what looks alike is compared as a whole, and
    no more of it than honest classes have: students could agree on long results that differ in their last number."""
    by_form: dict[Hashable, list[tuple[float, Group]]] = defaultdict(list)
    compared: dict[Hashable, int] = defaultdict(int)
    for group in sorted(groups, key=lambda group: -len(group.students)):
        form = group.notebook, group.test, *_form(group)
        forms, number, first = by_form[form], _first_number(group), None
        for its, other in forms:
            if _may_be_same(number, its) and compared[form] <= MOST_COMPARED:
                compared[form] += min(group.length, other.length)
                if _are_same(group, other):
                    first = other
                    break
        if first is None:
            forms.append((number, group))
        else:
            first.students += group.students
    joined = [group for forms in by_form.values() for _, group in forms]
    return sorted(joined, key=lambda group: (-len(group.students), places[group.notebook, group.test]))


def _form(group: Group) -> Iterator[Hashable]:
    for evidence in group.results:
        array = None if evidence.error or evidence.trouble else as_array(evidence.value)
        shape = "no array" if array is None else array.shape
        yield evidence.error, evidence.cause, bool(evidence.trouble), shape


def _first_number(group: Group) -> float:
    """The first number of the first result that is one; NaN if there is none."""
    arrays = (None if evidence.trouble else as_array(evidence.value) for evidence in group.results)
    return next((float(array.flat[0]) for array in arrays if array is not None and array.size), math.nan)


def _may_be_same(number: float, other: float) -> bool:
    """Whether two results can be equal that begin with these numbers."""
    is_apart = abs(number - other) > 10 * (ATOL + RTOL * max(abs(number), abs(other)))
    return not is_apart  # also where one of them is no number


def _are_same(one: Group, other: Group) -> bool:
    return same(one.results, other.results) or same(other.results, one.results)
