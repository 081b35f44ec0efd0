"""The rules by which one of a student's attempts counts: the newest with work in it; if together, the rightly named."""

from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from nbjudge.collecting.attempt import Attempt
from nbjudge.collecting.fate import Fate
from nbjudge.collecting.known_times import CameIn, Times
from nbjudge.collecting.roster import Row
from nbjudge.collecting.store import Store, Submission
from nbjudge.course.lms_names import LmsName

BACK = "a later one was in earlier/ and lies in submitted/ again"
UNKNOWN = "when the one in submitted/ came in isn't known, only that the last notebook there is newer"


@dataclass
class Decision:
    """What becomes of one student's attempts, and what is to be written for it.

    Attributes
    ----------
    fates : one for each attempt
    new : what becomes part of the submission, at most one for each notebook; its other notebooks stay
    earlier : what is kept as earlier attempts
    time : when the submission was handed in, if that is to be written
    back : a folder in ``earlier/`` that turned out to be the newest
    lms_name : how the LMS called what counts
    came_in : when each notebook of the submission came in, if there are several, and that is to be written
    """

    student: str
    fates: list[Fate] = field(default_factory=list)
    new: list[Attempt] = field(default_factory=list)
    earlier: list[Attempt] = field(default_factory=list)
    time: datetime | None = None
    back: Path | None = None
    lms_name: LmsName | None = None
    came_in: Times | None = None


def decide(
    student: str, attempts: list[Attempt], store: Store, row: Row | None = None, due: datetime | None = None
) -> Decision:
    """Which of a student's attempts counts, and what becomes of the others.

    Parameters
    ----------
    row : what the roster says of the student
    due : when the assignment was due for them
    """
    newest = _newest_of_each_notebook(attempts, row)
    others = [attempt for attempt in attempts if not any(attempt.entry is chosen.entry for chosen in newest)]
    lying = store.submission(student)
    worked_on = store.worked_on(student) if lying and not all(attempt.is_work for attempt in newest) else set()
    idle = [attempt for attempt in newest if not attempt.is_work and attempt.notebook in worked_on]
    if idle:  # what is empty never wins
        newest = [attempt for attempt in newest if attempt not in idle]
    submission = _dated(lying, attempts)
    found = {attempt.notebook: _status(attempt, submission, store) for attempt in newest}

    def those(*statuses: str) -> list[Attempt]:
        return [attempt for attempt in newest if found[attempt.notebook][0] in statuses]

    new, same = those("taken", "replaced"), those("same")
    stays = submission.without([attempt.notebook for attempt in new]) if submission else None
    decision = Decision(student, new=new, earlier=those("earlier"))
    time = _time_of_all(new, stays) if new else _time_of_all(newest, None)
    if new:
        decision.time = time
    elif len(same) == len(newest) and lying and submission and not lying.time:  # only known now
        decision.time = submission.time or time
        decision.back = store.later(student, submission.time, submission.digests) if submission.time else None
    if store.has_several and (new or same):
        decision.came_in = _came_in(new, same, stays)
    if submission:
        newest = [
            replace(attempt, time=submission.came_in(attempt.notebook) or attempt.time) if attempt in same else attempt
            for attempt in newest
        ]

    # what has the content of one that counts needn't be kept beside it
    keys = {attempt.key for attempt in newest}
    counting = {attempt.key for attempt in attempts if attempt.key in keys or (stays and stays.holds(attempt.digests))}
    decision.earlier += [attempt for attempt in (*others, *idle) if attempt.key not in counting]
    if decision.back:
        found = {name: (status, [BACK]) for name, (status, _) in found.items()}
    on_time = _came_in_on_time(time, due, submission if decision.new else None, others)
    for attempt in newest:
        status, why = found[attempt.notebook]
        reasons, is_question = _choice(attempt, others, status)
        look = is_question or bool(on_time) or (not attempt.is_work and status != "earlier") or UNKNOWN in why
        decision.fates.append(attempt.fate(status, *reasons, *why, *on_time, look=look))
    worked = "somebody has worked on the one in submitted/, which stays"
    decision.fates += [attempt.fate("earlier", worked, look=True) for attempt in idle if attempt.key not in counting]
    decision.fates += [
        attempt.fate("same") if attempt.key in counting else attempt.fate("earlier", *_why(attempt, newest))
        for attempt in (*others, *(each for each in idle if each.key in counting))
    ]
    counts = [attempt for attempt in newest if found[attempt.notebook][0] != "earlier"]
    decision.lms_name = _lms_name([*counts, *others], counting)
    return decision


def _status(attempt: Attempt, submission: Submission | None, store: Store) -> tuple[str, list[str]]:
    """What becomes of the newest attempt at a notebook, in the words of ``STATUS``, and what there is to say of it."""
    notebook = attempt.notebook
    if not submission:
        return "taken", []
    if submission.holds(attempt.digests):
        return "same", []
    if submission.digests and notebook not in submission.digests:
        return "taken", ["it lies beside the other notebooks of this submission"]
    if not _is_older(attempt, submission, store):
        return "replaced", []
    if attempt.is_work and notebook not in store.worked_on(attempt.student):
        return "replaced", ["nobody has worked on the one that lay there"]
    return "earlier", [] if submission.is_known(notebook) or not attempt.time else [UNKNOWN]


def _choice(chosen: Attempt, others: list[Attempt], status: str) -> tuple[list[str], bool]:
    """Why this one counts and none of the ``others``, and whether it is for a person to say which is meant."""
    rivals = [other for other in others if other.notebook == chosen.notebook and other.key != chosen.key]
    if not rivals or status == "earlier":
        return [], False
    working = [other for other in rivals if other.is_work]
    number = len({other.key for other in rivals}) + 1
    if chosen.is_work and not working:
        return [f"the only one of {number} that somebody has worked on"], False
    together = [other for other in working if other.entry.container == chosen.entry.container]
    named = chosen.right_name and any(not other.right_name and other.rank > chosen.rank for other in together)
    reasons = [f"of {number} that differ, the one with the right name" if named else f"the newest of {number}"]
    if any((other.right_name, *other.rank[:3]) == (chosen.right_name, *chosen.rank[:3]) for other in rivals):
        reasons = ["another file has the same time and is kept in earlier/"]
    return reasons, bool(together)


def _came_in_on_time(
    time: datetime | None, due: datetime | None, replaced: Submission | None, others: list[Attempt]
) -> list[str]:
    """A remark, if what counts is late and another one wasn't."""
    if not time or not due or time <= due:
        return []
    times = [other.time for other in others if other.is_work] + [replaced.time if replaced else None]
    if not any(other and other <= due for other in times):
        return []
    return ["it is late, and one that came in on time is in earlier/"]


def _lms_name(attempts: list[Attempt], counting: set[str]) -> LmsName | None:
    """How the LMS called the first that counts."""
    names = (attempt.owner.lms_name for attempt in attempts if attempt.key in counting)
    return next(filter(None, names), None)


def _newest_of_each_notebook(attempts: list[Attempt], row: Row | None) -> list[Attempt]:
    """One attempt for each notebook. The roster knows best when it was handed in."""
    by_notebook: dict[str, list[Attempt]] = defaultdict(list)
    for attempt in attempts:
        by_notebook[attempt.notebook].append(attempt)
    newest = map(_newest, by_notebook.values())
    return [replace(attempt, time=row.submitted) if row and row.submitted else attempt for attempt in newest]


def _newest(attempts: list[Attempt]) -> Attempt:
    """The newest that somebody has worked on; of what was handed in together, what is called as it should be."""
    attempts = [attempt for attempt in attempts if attempt.is_work] or attempts
    together: dict[tuple, list[Attempt]] = defaultdict(list)
    for attempt in attempts:
        together[attempt.entry.container, attempt.entry.steps].append(attempt)
    best = [max(files, key=lambda attempt: (attempt.right_name, attempt.rank)) for files in together.values()]
    best.sort(key=lambda attempt: attempt.rank)
    newest = best[-1]
    for attempt in reversed(best):  # handed in again unchanged, it came in when it came in first
        if attempt.key != newest.key:
            break
        if attempt.time and newest.time:
            newest = replace(newest, time=min(newest.time, attempt.time))
    return newest


def _time_of_all(newest: list[Attempt], stays: Submission | None) -> datetime | None:
    """When a submission of several notebooks came in: with the last of them, those that stay included."""
    times = [attempt.time for attempt in newest if attempt.time]
    if not times or len(times) != len(newest):
        return None
    kept = map(stays.came_in, stays.digests) if stays else ()
    return max([*times, *filter(None, kept)])


def _came_in(new: list[Attempt], same: list[Attempt], stays: Submission | None) -> Times:
    """When each notebook of the submission came in, as far as that is known: unchanged, when it came in first."""
    found = {attempt.notebook: CameIn(digest=attempt.digest, time=attempt.time) for attempt in new if attempt.time}
    again = {attempt.notebook: attempt.time for attempt in same}
    for notebook, digest in stays.digests.items() if stays else ():
        times = [time for time in (stays.came_in(notebook), again.get(notebook)) if time] if stays else []
        if times:
            found[notebook] = CameIn(digest=digest, time=min(times))
    return dict(sorted(found.items()))


def _dated(submission: Submission | None, attempts: list[Attempt]) -> Submission | None:
    """A submission without a time has that of what comes now, if that is the same."""
    if not submission or submission.time:
        return submission
    alike = [attempt for attempt in attempts if attempt.time and submission.holds(attempt.digests)]
    if submission.helpers.keys() - {name for attempt in alike for name in attempt.helpers}:
        return submission
    known = {attempt.digest: attempt.time for attempt in alike if attempt.time}
    times = [known[digest] for digest in submission.digests.values() if digest in known]
    return replace(submission, time=max(times)) if times and len(times) == len(submission.digests) else submission


def _is_older(attempt: Attempt, submission: Submission, store: Store) -> bool:
    """Whether the same notebook of the submission that lies there is the newer one.

    Where times don't say, what comes now is newer, unless it was replaced once already, or comes before another that
    was.
    """
    time, before = attempt.time, submission.came_in(attempt.notebook)
    if time and before and time != before:
        return time < before
    if time and not before and store.later(attempt.student, time, [attempt.notebook]):
        return True
    return store.was_replaced(attempt.student, attempt.digests)


def _why(earlier: Attempt, newest: list[Attempt]) -> list[str]:
    """A remark, if it is only its name that puts an attempt behind what counts."""
    counting = next((attempt for attempt in newest if attempt.notebook == earlier.notebook), earlier)
    if not earlier.owner.is_loose or counting.owner.is_loose:
        return []
    return ["only its own name says whose it is, so the student's folder goes before it"]
