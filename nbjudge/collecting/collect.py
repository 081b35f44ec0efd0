"""Takes downloads into ``submitted/``: each student's newest attempt there, all others to ``earlier/``."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, tzinfo
from pathlib import Path

from nbjudge.collecting.archives import Walk
from nbjudge.collecting.attempts import STATUS, Attempt, Line, Sorter, believed
from nbjudge.collecting.roster import Roster
from nbjudge.collecting.store import EARLIER, Existing, Places
from nbjudge.course import lms as lms_names

Put = Callable[[str, dict[str, Path], datetime | None], None]


@dataclass
class Placement:
    """What is to be written for one student."""

    student: str
    new: list[Attempt] = field(default_factory=list)
    earlier: list[Attempt] = field(default_factory=list)
    stamp: datetime | None = None
    back: Path | None = None
    """A folder in ``earlier/`` that turned out to be the newest."""
    platform: dict[str, str] | None = None
    """How the learning platform called what counts."""


@dataclass
class Plan:
    lines: list[Line]
    placements: list[Placement]
    remarks: list[str]


def plan(
    files: Iterable[Path], places: Places, staging: Path, roster: Roster | None = None, zone: tzinfo | None = None
) -> Plan:
    """Look through ``files`` and decide what becomes of each. Writes to ``staging`` only.

    Parameters
    ----------
    files : folders, zip files and single files
    places : the course that they are collected for
    staging : an empty folder, needed until the plan is carried out
    roster : the students that there are, if that is known
    zone : time zone of times that don't say
    """
    sorter = Sorter(places, roster)
    walk = Walk(staging, zone)
    for number, path in enumerate(files):
        for found in walk.through(path):
            sorter.add(found, number)
    attempts, remarks = believed(sorter.attempts, sorter.times)
    by_student: dict[str, list[Attempt]] = defaultdict(list)
    for attempt in attempts:
        by_student[attempt.student].append(attempt)
    made = [_decide(student, own, places, roster) for student, own in sorted(by_student.items())]
    lines = [line for _, own in made for line in own] + list(sorter.rest())
    if roster:
        handed_in = {*by_student, *(line.student for line in lines)}
        gone = [s for s in roster.by_student if s not in handed_in and not places.existing(s)]
        lines += [Line(student, "missing", "") for student in sorted(gone)]
    order = list(STATUS)
    lines.sort(key=lambda line: (line.student, order.index(line.status), line.file))
    return Plan(lines, [placement for placement, _ in made], remarks)


def _decide(
    student: str, attempts: list[Attempt], places: Places, roster: Roster | None
) -> tuple[Placement, list[Line]]:
    """Which of a student's attempts counts, and what becomes of the others."""
    by_notebook: dict[str, list[Attempt]] = defaultdict(list)
    for attempt in attempts:
        by_notebook[attempt.notebook].append(attempt)
    newest = []
    for own in by_notebook.values():
        best = _newest(own)
        row = roster.by_student.get(student) if roster else None
        newest.append(replace(best, time=row.submitted) if row and row.submitted else best)
    times = [each.time for each in newest if each.time]
    time = max(times) if len(times) == len(newest) else None
    found = places.existing(student)
    existing = _dated(found, attempts)
    digests = {each.notebook: each.found.digest for each in newest}
    placement, status = Placement(student, stamp=time), "taken"
    if existing and all(existing.digests.get(name) == digest for name, digest in digests.items()):
        status = "same"
        if found and found.time:
            placement.stamp = None
        elif existing.time:  # only known now
            placement.stamp, placement.back = existing.time, places.later(student, existing.time)
        newest = [replace(each, time=existing.time or each.time) for each in newest]
    elif existing and _is_older(newest, time, existing, places):
        status, placement.earlier, placement.stamp = "earlier", list(newest), None
    else:
        placement.new = newest
        status = "replaced" if existing else "taken"
    counted = {each.found.digest for each in newest}
    if existing and not placement.new:
        counted |= set(existing.digests.values())
    chosen = {id(each.found) for each in newest}
    others = [each for each in attempts if id(each.found) not in chosen]
    placement.earlier += [each for each in others if each.found.digest not in counted]
    more = [f"a later one was in {EARLIER}/ and lies in submitted/ again"] if placement.back else []
    lines = [_line(each, status, *_tie(each, others, status), *more) for each in newest]
    for each in others:
        lines.append(_line(each, "same" if each.found.digest in counted else "earlier"))
    counting = [*(newest if status != "earlier" else []), *(each for each in others if each.found.digest in counted)]
    placement.platform = next((each.platform for each in counting if each.platform), None)
    return placement, lines


def _dated(existing: Existing | None, attempts: list[Attempt]) -> Existing | None:
    """A submission without a time has that of what comes now, if that is the same."""
    if not existing or existing.time:
        return existing
    times = {each.found.digest: each.time for each in attempts if each.time}
    found = [times.get(digest) for digest in existing.digests.values()]
    known = [time for time in found if time]
    return replace(existing, time=max(known)) if known and len(known) == len(found) else existing


def _is_older(newest: list[Attempt], time: datetime | None, existing: Existing, places: Places) -> bool:
    """Whether the submission that lies there is the newer one. Where times don't say, what comes now is newer,
    unless it was replaced once already, or comes before another that was."""
    if time and existing.time and time != existing.time:
        return time < existing.time
    if time and not existing.time and places.later(newest[0].student, time):
        return True
    return all(places.is_earlier(each.student, each.key) for each in newest)


def _tie(newest: Attempt, others: list[Attempt], status: str) -> list[str]:
    alike = [each for each in others if each.rank[:2] == newest.rank[:2] and each.found.digest != newest.found.digest]
    same = [each for each in alike if each.notebook == newest.notebook]
    return ["another file has the same time and is kept in earlier/"] if same and status != "earlier" else []


def _line(attempt: Attempt, status: str, *more: str) -> Line:
    said = "; ".join([*attempt.remarks, *more])
    return Line(attempt.student, status, attempt.found.where, said, attempt.time, attempt.late)


def _newest(attempts: list[Attempt]) -> Attempt:
    """The newest; of what was handed in together, what is called as it should be."""
    together: dict[tuple, list[Attempt]] = defaultdict(list)
    for each in attempts:
        together[each.container, each.found.steps].append(each)
    best = [max(own, key=lambda each: (each.right_name, each.rank)) for own in together.values()]
    best.sort(key=lambda each: each.rank)
    first = best[-1]
    for each in reversed(best):  # handed in again unchanged, it came in when it came in first
        if each.found.digest != first.found.digest:
            break
        if each.time and first.time:
            first = replace(first, time=min(first.time, each.time))
    return first


def carry_out(made: Plan, places: Places, put: Put | None = None) -> None:
    """Write what was planned; ``put`` does it for the newest attempts, if not ``places``."""
    for placement in made.placements:
        student = placement.student
        for attempt in placement.earlier:
            assert attempt.found.content
            places.keep(student, {attempt.notebook: attempt.found.content}, attempt.key, attempt.time)
        if placement.new:
            files = {each.notebook: each.found.content for each in placement.new if each.found.content}
            (put or places.put)(student, {**places.others(student, files), **files}, placement.stamp)
        elif placement.stamp:
            places.stamp(student, placement.stamp)
        if placement.back:
            places.bring_back(student, placement.back)
    names = {each.student: each.platform for each in made.placements if each.platform}
    lms_names.remember(places.root, places.assignment, names)
