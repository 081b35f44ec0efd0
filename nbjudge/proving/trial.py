"""Grades mutants, each in a process of its own that is forked from one in which the notebook is ready.

The processes are part of a step that runs by itself (``own_process``), so that nothing of it goes on when it is ended.
What became of a mutant is written down at once: whoever stops the step and starts it again goes on from there.
"""

import contextlib
import json
import os
import resource
import signal
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from pydantic import BaseModel, ValidationError

from nbjudge.course.frame import Frame
from nbjudge.judging import misconception
from nbjudge.judging.offline import offline
from nbjudge.judging.rehearsal import Rehearsal, Rehearsed, in_copy
from nbprobe.evidence import Raw
from nbprobe.judge import Known, judge
from nbprobe.verdict import VOID, WRONG

AT_LEAST, TIMES = 3.0, 30.0
"""Seconds that a mutant may take: at least so many, and so many times what the solution takes."""
MEMORY = 2**31
"""Bytes that a mutant may reserve beyond what the notebook has."""
PAUSE = 0.002


class Seen(BaseModel, frozen=True):
    """What the probes of one test said of a mutant.

    Attributes
    ----------
    full, checked : whether grade and check have nothing against it; ``checked`` is None where there is no check
    wrong : names of the hidden probes that have, each by itself
    """

    full: bool
    checked: bool | None = None
    wrong: list[str] = []


class Outcome(BaseModel, frozen=True):
    """What became of a mutant: what each test says, or None where it didn't come to its end in time."""

    key: str
    tests: dict[str, Seen] | None


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
    notebook: str, misconceptions: str | None, frame: tuple[str, str], mutants: str, outcomes: str, jobs: int
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
    waiting = [each for each in json.loads(Path(mutants).read_text()) if each[0] not in outcomes_in(Path(outcomes))]
    ways = misconception.catalogue(Path(misconceptions) if misconceptions else None)
    with in_copy(Path(notebook).parent), offline(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # mutants are odd programs
        grader = Grader(Rehearsal(Path(notebook), Frame(*frame)), ways)
        tasks = [
            (key, lambda key=key, cell=cell, text=text: Outcome(key=key, tests=grader.seen({cell: text})))
            for key, cell, text in waiting
        ]
        with open(outcomes, "ab", buffering=0) as file:
            _grade_all(tasks, file.fileno(), max(AT_LEAST, TIMES * grader.seconds), jobs)
    return len(waiting)


class Grader:
    """Judges solutions as a grade does, and as a check does."""

    def __init__(self, rehearsal: Rehearsal, ways: Sequence[misconception.Misconception]) -> None:
        self._rehearsal = rehearsal
        begin = time.monotonic()
        self._right = rehearsal.rehearse()
        self.seconds = time.monotonic() - begin
        fragile = [way for way in ways if way.fragile and way.test in rehearsal.points]
        tried = [(way, rehearsal.rehearse(way.applied_to(rehearsal.solutions), way.test)) for way in fragile]
        self._fragile: list[tuple[str, str, Rehearsed]] = [(way.test, way.sentence, seen) for way, seen in tried]

    def seen(self, changed: dict[str, str]) -> dict[str, Seen]:
        """What each test that has probes says of other texts of solution cells."""
        hidden, visible = self._rehearsal.rehearse(changed)
        seen = {}
        for test, expected in self._right.hidden.items():
            if not expected:
                continue
            ways = [(sentence, way.hidden[test]) for about, sentence, way in self._fragile if about == test]
            full, wrong = _judged(expected, hidden[test], ways)
            checked = None
            if asked := self._right.visible[test]:
                ways = [(sentence, way.visible[test]) for about, sentence, way in self._fragile if about == test]
                checked, _ = _judged(asked, visible[test], ways)
            seen[test] = Seen(full=full, checked=checked, wrong=wrong)
        return seen


def _judged(expected: Raw, got: Raw, fragile: Known) -> tuple[bool, list[str]]:
    """Whether nothing is wrong, and the names of the probes that find something wrong."""
    verdict = judge(expected, got, sum(raw["points"] for raw in expected), [], fragile=fragile)
    return verdict.is_full, [row.name for row in verdict.rows if row.kind == WRONG and row.reason != VOID]


def _grade_all(tasks: Sequence[tuple[str, Callable[[], Outcome]]], output: int, seconds: float, jobs: int) -> None:
    """Do each task in a process of its own, ``jobs`` at a time; the time of each is bounded."""
    waiting = list(reversed(tasks))
    running: dict[int, tuple[str, float]] = {}
    while waiting or running:
        while waiting and len(running) < jobs:
            key, task = waiting.pop()
            running[_forked(task, output)] = key, time.monotonic() + seconds
        for pid, failed in _ended(running):
            key, _ = running.pop(pid)
            if failed:
                _write(output, Outcome(key=key, tests=None))
        time.sleep(PAUSE)


def _forked(task: Callable[[], Outcome], output: int) -> int:
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        _bound_memory()
        with open(os.devnull, "w") as nowhere, contextlib.redirect_stdout(nowhere), contextlib.redirect_stderr(nowhere):
            _write(output, task())
        code = 0
    finally:
        os._exit(code)  # whatever a mutant did, nothing of this process goes on


def _bound_memory() -> None:
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    most = pages * resource.getpagesize() + MEMORY
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _ended(running: dict[int, tuple[str, float]]) -> Iterator[tuple[int, bool]]:
    """Processes that have ended, or had to be, and whether they have left no outcome."""
    for pid, (_, end) in list(running.items()):
        if time.monotonic() > end:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            yield pid, True
            continue
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            yield pid, status != 0


def _write(output: int, outcome: Outcome) -> None:
    os.write(output, outcome.model_dump_json().encode() + b"\n")  # at once: others write, too
