"""Grades mutants in processes that are forked from one in which the notebook is ready.

The processes are part of a step that runs by itself (``own_process``), so that nothing of it goes on when it is ended.
What became of a mutant is written down at once: whoever stops the step and starts it again goes on from there.
"""

import contextlib
import json
import os
import signal
import time
import warnings
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from pydantic import BaseModel, ValidationError

from nbjudge.course.delimiters import Delimiters
from nbjudge.course.frame import Frame
from nbjudge.judging import misconception
from nbjudge.judging.offline import offline
from nbjudge.judging.rehearsal import Rehearsal, Rehearsed, in_copy
from nbprobe.evidence import Raw
from nbprobe.judge import Known, judge
from nbprobe.probe import TooSlowError
from nbprobe.verdict import REMARK, VOID, WRONG

AT_LEAST, TIMES = 3.0, 30.0
"""Seconds of processor time that a mutant may take: at least so many, and so many times what the solution takes."""
SLEEPING = 60.0
"""Seconds that the mutants of a process may take beyond that, working or not."""
TOGETHER = 10
"""So many mutants share a process, one after the other: to fork one takes longer than to grade a mutant."""
MEMORY = 2**31
"""Bytes that a mutant may reserve beyond what the notebook has."""
PAUSE = 0.002


class Finding(BaseModel, frozen=True):
    """What the probes of one test said of a mutant.

    Attributes
    ----------
    full, checked : whether grade and check have nothing against it; ``checked`` is None where there is no check
    wrong : names of the hidden probes that have, each by itself
    remarks : names of what it gets a remark for, where the grade is full
    """

    full: bool
    checked: bool | None = None
    wrong: list[str] = []
    remarks: list[str] = []


class Outcome(BaseModel, frozen=True):
    """What became of a mutant: what each test says, or None where it ended its process.

    Attributes
    ----------
    slow : whether it, or a probe of it, didn't come to its end in time
    """

    key: str
    tests: dict[str, Finding] | None
    slow: bool = False


Task = tuple[str, Callable[[], Outcome]]
"""A mutant's key, and what grades it."""


def outcomes_in(file: Path) -> dict[str, Outcome]:
    """What is written down, by the key of the mutant. A line that was being written doesn't count."""
    found: dict[str, Outcome] = {}
    try:
        lines = file.read_bytes().splitlines()
    except OSError:
        return found
    for line in lines:
        with contextlib.suppress(ValidationError):
            outcome = Outcome.model_validate_json(line)
            found[outcome.key] = outcome
    return found


def run(
    notebook: str,
    misconceptions: str | None,
    frame: tuple[str, str],
    delimiters: list[list[str]],
    mutants: str,
    outcomes: str,
    jobs: int,
) -> int:
    """The step in a process of its own: grades what isn't graded yet.

    Parameters
    ----------
    mutants
        A JSON file: for each mutant its key, the cell that changes, and its new text.
    outcomes
        The file to which a line is added for each.

    Returns
    -------
    how many were graded
    """
    done = outcomes_in(Path(outcomes))
    waiting = [each for each in json.loads(Path(mutants).read_text(encoding="utf-8")) if each[0] not in done]
    ways = misconception.catalogue(Path(misconceptions) if misconceptions else None)
    with in_copy(Path(notebook).parent), offline(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # mutants are odd programs
        cuts = [Delimiters(*each) for each in delimiters]
        grader = Grader(Rehearsal(Path(notebook), Frame(*frame), delimiters=cuts), ways)
        tasks: list[Task] = [(key, partial(grader.outcome, key, {cell: text})) for key, cell, text in waiting]
        _grade_all(tasks, Path(outcomes), max(AT_LEAST, TIMES * grader.seconds), jobs)
    return len(waiting)


class Grader:
    """Judges solutions as a grade does, and as a check does."""

    def __init__(self, rehearsal: Rehearsal, ways: Sequence[misconception.Misconception]) -> None:
        self._rehearsal = rehearsal
        begin = time.process_time()
        self._right = rehearsal.rehearse()
        self.seconds = time.process_time() - begin
        fragile = [way for way in ways if way.fragile and way.test in rehearsal.points]
        tried = [(way, rehearsal.rehearse(way.applied_to(rehearsal.solutions), way.test)) for way in fragile]
        self._fragile: list[tuple[str, str, Rehearsed]] = [(way.test, way.sentence, seen) for way, seen in tried]

    def outcome(self, key: str, changed: dict[str, str]) -> Outcome:
        """What becomes of a mutant, by what each test that has probes says of other texts of solution cells."""
        hidden, visible = self._rehearsal.rehearse(changed)
        seen = {}
        for test, expected in self._right.hidden.items():
            if not expected:
                continue
            ways = [(sentence, way.hidden[test]) for about, sentence, way in self._fragile if about == test]
            full, wrong, remarks = judged(expected, hidden[test], ways)
            checked = None
            if asked := self._right.visible[test]:
                ways = [(sentence, way.visible[test]) for about, sentence, way in self._fragile if about == test]
                checked, _, _ = judged(asked, visible[test], ways)
            seen[test] = Finding(full=full, checked=checked, wrong=wrong, remarks=remarks)
        slow = any(raw.get("error") == TooSlowError.__name__ for raws in hidden.values() for raw in raws)
        return Outcome(key=key, tests=seen, slow=slow)


def judged(expected: Raw, got: Raw, fragile: Known) -> tuple[bool, list[str], list[str]]:
    """Whether nothing is wrong, the names of the probes that find something wrong, and of what there is a remark on."""
    verdict = judge(expected, got, sum(raw["points"] for raw in expected), [], fragile=fragile)
    wrong = [row.name for row in verdict.rows if row.kind == WRONG and row.reason != VOID]
    return verdict.is_full, wrong, [row.name for row in verdict.rows if row.kind == REMARK]


def _grade_all(tasks: Sequence[Task], outcomes: Path, seconds: float, jobs: int) -> None:
    """Do all tasks, a few in each of ``jobs`` processes at a time."""
    waiting = [tasks[place : place + TOGETHER] for place in range(0, len(tasks), TOGETHER)][::-1]
    running: dict[int, tuple[Sequence[Task], float]] = {}
    with open(outcomes, "ab", buffering=0) as file:
        while waiting or running:
            while waiting and len(running) < jobs:
                batch = waiting.pop()
                running[_forked(batch, file.fileno(), seconds)] = batch, time.monotonic() + SLEEPING + seconds
            for pid, has_failed in _ended(running):
                batch, _ = running.pop(pid)
                if has_failed:
                    done = outcomes_in(outcomes)
                    left = [task for task in batch if task[0] not in done]
                    for key, _ in left[:1]:  # which ended the process
                        _write(file.fileno(), Outcome(key=key, tests=None, slow=True))
                    waiting += [left[1:]] if left[1:] else []
            time.sleep(PAUSE)


def _forked(batch: Sequence[Task], output: int, seconds: float) -> int:
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        signal.signal(signal.SIGPROF, signal.SIG_DFL)  # which ends the process
        _bound_memory()
        with open(os.devnull, "w") as nowhere, contextlib.redirect_stdout(nowhere), contextlib.redirect_stderr(nowhere):
            for _, task in batch:
                signal.setitimer(signal.ITIMER_PROF, seconds)
                _write(output, task())
        code = 0
    finally:
        os._exit(code)  # whatever a mutant did, nothing of this process goes on


def _bound_memory() -> None:
    import resource  # which only Unix has, and what is written down is read elsewhere, too

    pages = int(Path("/proc/self/statm").read_text().split()[0])
    most = pages * resource.getpagesize() + MEMORY
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _ended(running: dict[int, tuple[Sequence[Task], float]]) -> list[tuple[int, bool]]:
    """Processes that have ended, or had to be, and whether they came to no good end."""
    ended = []
    for pid, (_, end) in running.items():
        is_late = time.monotonic() > end
        if is_late:
            os.kill(pid, signal.SIGKILL)
        done, status = os.waitpid(pid, 0 if is_late else os.WNOHANG)
        if done:
            ended.append((pid, status != 0))
    return ended


def _write(output: int, outcome: Outcome) -> None:
    os.write(output, outcome.model_dump_json().encode() + b"\n")  # at once: others write, too
