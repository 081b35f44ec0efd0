"""What students handed in, file by file: whose it is, which notebook is meant, and when it came in."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from nbjudge.collecting import canvas_readings
from nbjudge.collecting.archives import Entry, Step
from nbjudge.collecting.attempt import Attempt
from nbjudge.collecting.fate import Fate, and_more
from nbjudge.collecting.helpers import Helpers
from nbjudge.collecting.no_owner import NoOwnerError, UnknownStudentError
from nbjudge.collecting.owners import Owner, owner_of
from nbjudge.collecting.roster import Roster
from nbjudge.collecting.store import Store
from nbjudge.course import notebooks
from nbjudge.course.lms_names import TYPED, LmsName
from nbjudge.course.notebook_names import may_be, plain_stem
from nbjudge.intake import reading

ANOTHER_NOTEBOOK = "it has another name and holds no task of this assignment"
NO_NOTEBOOK = "there is no notebook among what was handed in"
AT_ONCE = timedelta(minutes=10)
"""If all files of an archive are no further apart, their times are those of the download, as some write them."""


class Sorter:
    """Sorts the files of downloads by student."""

    def __init__(self, store: Store, roster: Roster | None) -> None:
        self._store, self._roster = store, roster
        paths = store.course.notebooks(store.assignment)
        self._tasks = {path.name: set(notebooks.graded_cells(notebooks.read(path))) for path in paths}
        self._helpers = Helpers(store.course, store.assignment)
        self._modules: dict[tuple[str, int, tuple[Step, ...]], dict[str, Entry]] = defaultdict(dict)
        """Files that may belong to a notebook in the same place, by student and place, and by their names."""
        self._came_along: set[str] = set()
        """Those of them that a notebook imports."""
        self._attempts: list[Attempt] = []
        self._times: dict[tuple[int, str], list[datetime]] = defaultdict(list)
        """All times in an archive, which is named by its container and its name."""
        self._not_taken: dict[tuple[str, ...], tuple[Fate, int]] = {}
        """The first file that wasn't taken from a student, or a place, for one reason, and how many come after it."""
        self._beside: dict[str, tuple[str, int]] = {}
        """The first file of a student that is no notebook, and how many there are after it."""

    def student(self, entry: Entry) -> str:
        """Whose file it is.

        Raises
        ------
        NoOwnerError
            If that can't be told.
        """
        owner = self._owner(entry)
        others = owner.lms_name.others if owner.lms_name else ()
        return " or ".join([owner.student, *(other.digits for other in others)])  # each has a share of their own

    def _owner(self, entry: Entry) -> Owner:
        """Whose it is. Without a roster, whoever was collected under that number before is the same student."""
        owner = owner_of(entry, self._store.assignment, self._roster)
        if self._roster or not owner.lms_name or owner.lms_name.is_anonymous:
            return owner
        known = self._store.student_of(owner.lms_name)
        return replace(owner, student=known) if known else owner

    def add(self, entry: Entry) -> None:
        """Tell whose a file is and what it is."""
        owner, is_unknown, within = None, False, 0
        why, reason = entry.refused, entry.reason or entry.refused
        if entry.origin_time:
            self._times[_origin(entry)].append(entry.origin_time)
        try:
            owner = self._owner(entry)
        except NoOwnerError as error:
            is_unknown = isinstance(error, UnknownStudentError)
            why, reason, within = why or str(error), reason or error.reason, error.within
        is_doubtful = owner is not None and owner.lms_name is not None and bool(owner.lms_name.others)
        student = owner.student if owner else ""
        own = owner.name if owner else entry.name
        if not may_be(own, self._tasks) and not entry.refused and not is_unknown:
            if owner and entry.content and own.endswith(".py"):
                self._modules[student, entry.container, entry.steps][own] = entry
            else:
                self._count_beside("" if is_doubtful else student, entry)
            return
        if owner and not why:
            attempt = self._attempt(entry, owner)
            obstacle = self._store.obstacle(student) if attempt else ""
            if attempt and not obstacle:
                self._attempts.append(attempt)
                return
            why = reason = f"submitted/{student} {obstacle}" if attempt else ANOTHER_NOTEBOOK
        way = [*(step.name for step in entry.steps), entry.name]
        place = [] if student else way[: within or 2]
        self._leave((student, reason, *place), Fate(student, "not taken", entry.where, why))

    def _leave(self, key: tuple[str, ...], fate: Fate, files: int = 1) -> None:
        first, more = self._not_taken.get(key, (fate, -1))
        self._not_taken[key] = first, more + files

    def _count_beside(self, student: str, entry: Entry) -> None:
        first, more = self._beside.get(student, (entry.where, -1))
        self._beside[student] = first, more + 1

    def _attempt(self, entry: Entry, owner: Owner) -> Attempt | None:
        """None if it is another notebook. What has the right name is taken in any case: grading says the rest."""
        damage, cells = "", list[reading.SubmittedCell]()
        try:
            if not entry.content:
                raise reading.RefusedError("The file can't be read")
            cells = reading.read_cells(entry.content)
        except reading.RefusedError as error:
            damage = str(error).split(". ")[0]
        ids = {cell.grade_id for cell in cells}
        stem = plain_stem(owner.name)
        meant = [name for name in self._tasks if plain_stem(Path(name).stem) == stem]
        holding = [name for name, tasks in self._tasks.items() if tasks & ids]
        if not meant and len(holding) != 1:
            return None
        name = (meant or holding)[0]
        remarks = [damage] if damage else []
        if not damage and not holding:
            remarks.append("it holds no task of this assignment")
        is_work = not damage and not self._store.untouched(name).is_so(cells)
        self._helpers.read(entry, [cell.text for cell in cells if cell.is_code])
        if holding and not is_work:
            remarks.append("nobody has worked on it")
        if owner.name != name:
            remarks.append(f"was called {owner.name}")
        return Attempt(entry, owner, name, bool(meant), is_work, {}, _time(entry, owner), tuple(remarks))

    def _with_helpers(self, attempt: Attempt) -> Attempt:
        entry = attempt.entry
        beside = self._modules.get((attempt.student, entry.container, entry.steps))
        if not beside or not attempt.is_work or not entry.content:
            return attempt
        helpers, remarks = self._helpers.of(entry, beside)
        self._came_along |= {helper.where for helper in helpers.values()}
        # it came in with the last of what belongs to it
        changed = max([entry.changed, *(helper.changed for helper in helpers.values())])
        times = [attempt.time, *(_time(helper, attempt.owner) for helper in helpers.values())]
        return replace(
            attempt,
            entry=replace(entry, changed=changed),
            helpers=helpers,
            time=max(filter(None, times), default=None) if all(times) else None,
            remarks=(*attempt.remarks, *remarks),
        )

    def by_student(self) -> dict[str, list[Attempt]]:
        """The attempts, without times that are those of the download."""
        self._leave_doubtful()
        alike = self._alike()
        attempts: dict[str, list[Attempt]] = defaultdict(list)
        for attempt in map(self._with_helpers, self._attempts):
            if attempt.time and _origin(attempt.entry) in alike:
                entry = replace(attempt.entry, changed=attempt.time.timestamp())
                attempt = replace(attempt, time=None, entry=entry)
            attempts[attempt.student].append(attempt)
        why = "another id differs from this one in upper and lower case only; name the folder as it is there"
        questions = dict.fromkeys(self._alike_ids(attempts), why)
        for student, own in attempts.items():
            numbers = self._numbers(student, own)
            if len(numbers) > 1:
                several = " and ".join(sorted(numbers))
                questions[student] = (
                    f"the numbers {several} have this student's name; add theirs to the roster, as lms_id"
                )
        for student, why in questions.items():
            own = attempts.pop(student)
            self._leave((student, why), own[0].fate("not taken", why), len(own))
        return attempts

    def _leave_doubtful(self) -> None:
        """What may be another's is nobody's until a person says whose."""
        names = {attempt.owner.lms_name for attempt in self._attempts}
        doubtful = canvas_readings.doubtful(filter(None, names), self._is_students)
        attempts, self._attempts = self._attempts, []
        for attempt in attempts:
            name = attempt.owner.lms_name
            if name is None or name not in doubtful:
                self._attempts.append(attempt)
                continue
            why = canvas_readings.question(name)
            self._leave(("", why), Fate("", "not taken", attempt.entry.where, why))

    def _is_students(self, lms_name: LmsName) -> bool:
        on_roster = self._roster.by_number if self._roster else {}
        return lms_name.digits in on_roster or bool(self._store.student_of(lms_name))

    def _numbers(self, student: str, own: list[Attempt]) -> set[str]:
        """The numbers under which a platform has a student: two, if another one has taken their name.

        Moodle gives everybody one for each assignment, and one number, which the roster has, may have several names.
        """
        numbers = {one.number for attempt in own if (one := attempt.owner.lms_name)}
        if self._roster and not any(number in self._roster.by_number for number in numbers):
            numbers |= {before.number} if numbers and (before := self._store.names.get(student)) else set()
        return numbers

    def _alike_ids(self, students: Iterable[str]) -> list[str]:
        """Those of new students that are another's but for upper and lower case: on a roster, they would be one."""
        spellings: defaultdict[str, set[str]] = defaultdict(set)
        for student in (*students, *self._store.students()):
            spellings[student.casefold()].add(student)
        alike = [student for student in students if len(spellings[student.casefold()]) > 1]
        return [student for student in alike if not self._store.submission(student)]

    def remarks(self) -> list[str]:
        """What there is to say of whole archives."""
        return [
            f"The times in {name} are all alike, so they are taken for those of the download, not of the submissions."
            for _, name in sorted(self._alike())
        ]

    def _alike(self) -> set[tuple[int, str]]:
        """The archives whose times aren't believed."""
        used = {_origin(attempt.entry) for attempt in self._attempts if attempt.time}
        return {origin for origin in used if max(self._times[origin]) - min(self._times[origin]) <= AT_ONCE}

    def rest(self) -> Iterator[Fate]:
        """What is no notebook of anybody's, and belongs to none."""
        for (student, *_), modules in self._modules.items():
            for entry in modules.values():
                if entry.where not in self._came_along:
                    self._count_beside(student, entry)
        not_taken = [replace(fate, file=and_more(fate.file, more)) for fate, more in self._not_taken.values()]
        yield from not_taken
        students = {attempt.student for attempt in self._attempts} | {fate.student for fate in not_taken}
        for student, (first, more) in self._beside.items():
            if student and student not in students:
                typed = next((said for end, said in TYPED.items() if first.endswith(f"_{end}")), "")
                status, why = "not taken", f"{typed}, and no notebook was handed in" if typed else NO_NOTEBOOK
            else:
                status, why = "left out", "only notebooks are collected"
            yield Fate(student, status, and_more(first, more), why)


def _origin(entry: Entry) -> tuple[int, str]:
    return entry.container, entry.origin


def _time(entry: Entry, owner: Owner) -> datetime | None:
    """When the LMS says that it came in. Times inside a student's own archive are the student's."""
    if owner.lms_name is None:
        return None
    own = [step for step in entry.steps[owner.depth :] if step.is_archive]
    return own[0].packed if own else entry.packed
