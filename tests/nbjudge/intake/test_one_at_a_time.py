"""A submission is graded by one process at a time, and what was graded by another command counts as changed."""

import os
import subprocess
import sys

import pytest

from nbjudge.batch.ledger import Ledger, Outcome
from nbjudge.batch.pools import Local
from nbjudge.batch.worker import Task
from nbjudge.commands import grading
from nbjudge.commands.summary import Summary
from nbjudge.course.course import Course as NbjudgeCourse
from nbjudge.intake.grading_lock import GradingLock
from tests.support import ROOT
from tests.support.small_course import COMMANDS, Course

MEANWHILE = "another process grades it now; wait for that one, then run the same command again."
AGAIN = ["-m", "nbjudge", "autograde", "ex", "--jobs=1"]
IN_ONE_PROCESS = """
import gc
gc.disable()
from nbgrader.apps import NbGrader
from nbgrader.apps.api import NbGraderAPI
from nbjudge.intake.grading_lock import GradingLock
from pathlib import Path
app = NbGrader()
app.initialize([])
for done in range(2):
    assert NbGraderAPI(config=app.config).autograde("ex", "ada", force=True)["success"]
    GradingLock(Path(".grading/ex/locks/ada"))
print("free")
"""


def left_alone(task: Task) -> Outcome:
    return Outcome(task.student, "failed", MEANWHILE)


@pytest.mark.parametrize("command", COMMANDS)
def test_who_comes_second_changes_nothing_and_says_so(command: str, copied: Course) -> None:
    notebooks = sorted(copied.folder.glob("autograded/ada/ex/*.ipynb"))
    texts = [path.read_text() for path in notebooks]
    copied.hand_in(3)
    lock = GradingLock(copied.folder / ".grading/ex/locks/ada")
    assert MEANWHILE in copied.run(*COMMANDS[command])
    assert copied.scores() == {"a": 1, "b": 1}
    assert [path.read_text() for path in notebooks] == texts
    lock.release()
    assert "1 graded" in copied.run(*AGAIN)
    assert copied.scores() == {"a": 0, "b": 0}


def test_who_came_second_takes_nothing_back_when_the_first_one_has_ended(
    copied: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(copied.folder)
    course = NbjudgeCourse.here()
    ledger, summary = Ledger(course, "ex"), Summary(0)
    pool = Local(1, 60.0, function=left_alone)
    grading.grade(course, "ex", ["ada"], ledger, pool, summary, quiet=True)
    assert summary.failed
    assert copied.scores() == {"a": 1, "b": 1}
    assert sorted(path.name for path in copied.folder.glob("autograded/ada/ex/*.ipynb")) == ["a.ipynb", "b.ipynb"]


def test_formgrader_keeps_no_submission_from_others(copied: Course) -> None:
    words = [sys.executable, "-c", IN_ONE_PROCESS]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(words, cwd=copied.folder, env=environment, capture_output=True, text=True)
    assert done.stdout.endswith("free\n"), done.stderr


def test_what_nbgrader_graded_meanwhile_is_graded_anew(copied: Course) -> None:
    copied.hand_in(3)
    assert "1 graded" in copied.run(*AGAIN)
    copied.hand_in(2)
    copied.run(*COMMANDS["nbgrader"])
    assert copied.scores() == {"a": 1, "b": 1}
    copied.hand_in(3)
    assert "1 graded" in copied.run(*AGAIN)
    assert copied.scores() == {"a": 0, "b": 0}
    assert ", 1 unchanged since the last time." in copied.run(*AGAIN)
