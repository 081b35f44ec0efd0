"""Takes downloads into ``submitted/``: each student's newest attempt there, all others to ``earlier/``."""

import errno
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from nbjudge.collecting import known_times
from nbjudge.collecting.archives import Walk
from nbjudge.collecting.attempts import Sorter
from nbjudge.collecting.decision import Decision, decide
from nbjudge.collecting.fate import STATUS, Fate
from nbjudge.collecting.roster import Roster, Row
from nbjudge.collecting.store import Store
from nbjudge.course import lms_names
from nbjudge.course.errors import CourseError, database_said
from nbjudge.results import people
from nbjudge.results.due_dates import Due, DueDates

OF_THE_MACHINE = {getattr(errno, name, None) for name in ("ENOSPC", "EDQUOT", "EROFS", "EIO", "EMFILE", "ENFILE")}
"""Errors that are nobody's, and the next one would meet, too."""


@dataclass(frozen=True)
class Plan:
    """What becomes of each file, in order; what is to be written for it; and what there is to say of whole archives."""

    fates: list[Fate]
    decisions: list[Decision]
    remarks: list[str]
    rows: list[Row]
    """What the roster says."""


def make_plan(
    files: Iterable[Path],
    store: Store,
    staging: Path,
    roster: Roster | None = None,
    zone: tzinfo | None = None,
    of_downloads: bool = False,
    due: Due = lambda student: None,
) -> Plan:
    """Look through ``files`` and decide what becomes of each. Writes to ``staging`` only.

    Parameters
    ----------
    files : folders, zip files and single files
    store : the submissions that there are already
    staging : an empty folder, needed until the plan is carried out
    roster : the students that there are, if that is known
    zone : time zone of times that don't say
    of_downloads : whether a folder among ``files`` holds downloads of learning platforms
    due : when the assignment was due for a student
    """
    sorter = Sorter(store, roster)
    walk = Walk(staging, sorter.student, zone, of_downloads)
    for path in files:
        for entry in walk.through(path):
            sorter.add(entry)
    rows = roster.by_student if roster else {}
    attempts = sorted(sorter.by_student().items())
    decisions = [decide(student, own, store, rows.get(student), due(student)) for student, own in attempts]
    fates = [fate for decision in decisions for fate in decision.fates] + list(sorter.rest())
    handed_in = {fate.student for fate in fates}
    missing = [student for student in rows if student not in handed_in and not store.submission(student)]
    fates += [Fate(student, "missing", "") for student in missing]
    order = list(STATUS)
    fates.sort(key=lambda fate: (fate.student, order.index(fate.status), fate.file))
    remarks = [*sorter.remarks(), *(roster.remarks if roster else [])]
    return Plan(fates, decisions, remarks, list(rows.values()))


def carry_out(plan: Plan, store: Store) -> list[str]:
    """Write what was planned.

    Whose can't be written, as something else was put in its place meanwhile, isn't taken, and the others are.

    Returns
    -------
    remarks : what of the roster couldn't be kept, and why
    """
    done = []
    for decision in plan.decisions:
        try:
            _carry_out(decision, store)
            done.append(decision)
        except OSError as error:
            if error.errno in OF_THE_MACHINE:
                raise
            why = f"it can't be put into the folders of {decision.student}: {error.strerror}"
            not_taken = {fate: replace(fate, status="not taken", remark=why) for fate in decision.fates}
            plan.fates[:] = [not_taken.get(fate, fate) for fate in plan.fates]
    known_times.keep_times(
        store.course.notebook_times(store.assignment),
        {decision.student: decision.came_in for decision in done if decision.came_in is not None},
    )
    given = [(decision.student, decision.lms_name) for decision in done if decision.lms_name]
    names = {student: name for student, name in given if name.leads_back}  # another would be read as anybody's
    numbers = {row.student: row.lms_number for row in plan.rows if row.lms_number}
    lms_names.keep_names(store.course.lms_names(store.assignment), names, numbers)
    return _keep_roster(plan.rows, store) if plan.rows else []


def _carry_out(decision: Decision, store: Store) -> None:
    student = decision.student
    for attempt in decision.earlier:
        store.keep(student, attempt.files, attempt.key, attempt.time)
    if decision.new:
        files = {name: path for attempt in decision.new for name, path in attempt.files.items()}
        with tempfile.TemporaryDirectory(prefix="collect-") as staging:
            store.put(student, {**store.others(student, files, Path(staging)), **files}, decision.time)
    elif decision.time:
        store.stamp(student, decision.time)
    if decision.back:
        store.bring_back(student, decision.back)


def _keep_roster(rows: list[Row], store: Store) -> list[str]:
    """Names and extensions go to the gradebook, where table, report and export find them."""
    try:
        enrolment = people.enrol(store.course, [row.person for row in rows])
    except SQLAlchemyError as error:
        said = f"The names on the roster couldn't be written to the gradebook ({database_said(error)})"
        return [f"{said}; `course doctor` says more."]
    known = [row for row in rows if row.student not in enrolment.left_out]
    return enrolment.remarks + _keep_extensions({row.student: row.extended for row in known if row.extended}, store)


def _keep_extensions(extended: dict[str, datetime], store: Store) -> list[str]:
    if not extended:
        return []
    try:
        before = DueDates(store.course, store.assignment)
        people.extend(store.course, store.assignment, extended)
        after = DueDates(store.course, store.assignment)
    except SQLAlchemyError as error:
        said = f"The roster has {len(extended)} extensions, which don't count: the gradebook can't be written to"
        return [f"{said} ({database_said(error)}); `course doctor` says more."]
    except CourseError as error:
        return [f"The roster has {len(extended)} extensions, which don't count: {error}"]
    changed = [student for student in extended if before.of(student) != after.of(student)]
    return [f"By the roster, {student} has time until {after.of(student):%Y-%m-%d %H:%M} UTC." for student in changed]
