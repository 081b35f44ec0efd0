"""The exercise ex00: its points, its release, and that it is graded right."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from nbgrader.coursedir import CourseDirectory

from nbjudge.course.course import Course
from nbjudge.judging import oracle
from nbjudge.judging.misconception import catalogue
from nbjudge.judging.oracle import Oracle
from nbjudge.judging.rehearsal import Rehearsal
from nbprobe.evidence import Raw
from nbprobe.judge import judge
from nbprobe.verdict import Verdict

ROOT = Path(__file__).parent.parent
COURSE = Course(CourseDirectory(root=str(ROOT)))
(SOURCE,) = (ROOT / "source/ex00").glob("*.ipynb")
RELEASE = ROOT / "release/ex00" / SOURCE.name
POINTS = {"test_mse": 2, "test_mse_gradient": 2}
REGION = re.compile(r"### BEGIN SOLUTION.*?### END SOLUTION", re.DOTALL)


@pytest.fixture(scope="module")
def rehearsal() -> Rehearsal:
    return Rehearsal(SOURCE)


@pytest.fixture(scope="module")
def measure() -> Oracle:
    """The right answers. Making them fails if a probe or a misconception is of no use; the sentence says which."""
    return oracle.load(COURSE, "ex00", SOURCE)


def verdicts(measure: Oracle, evidence: dict[str, Raw]) -> dict[str, Verdict]:
    known = measure.misconceptions
    return {
        test: judge(right, evidence[test], measure.points[test], known[test])
        for test, right in measure.solution.items()
    }


def test_points_are_those_that_were_planned(measure: Oracle) -> None:
    assert measure.points == POINTS


def test_release_is_what_source_gives_and_holds_no_solution(tmp_path: Path) -> None:
    shutil.copytree(SOURCE.parent, tmp_path / "source/ex00")
    command = [sys.executable, "-m", "nbgrader", "generate_assignment", "ex00", f"--CourseDirectory.root={tmp_path}"]
    subprocess.run(command, cwd=ROOT, check=True, timeout=300)
    generated = (tmp_path / "release/ex00" / SOURCE.name).read_text()
    assert generated == RELEASE.read_text(), "run `course release ex00` and commit"
    assert "SOLUTION" not in generated
    assert "HIDDEN" not in generated


def test_solution_earns_all_points(rehearsal: Rehearsal, measure: Oracle) -> None:
    given = verdicts(measure, rehearsal.evidence())
    assert {test: verdict.score for test, verdict in given.items()} == POINTS


def test_nothing_earns_nothing(rehearsal: Rehearsal, measure: Oracle) -> None:
    empty = {name: REGION.sub("raise NotImplementedError", text) for name, text in rehearsal.solutions.items()}
    given = verdicts(measure, rehearsal.evidence(empty))
    assert {test: verdict.score for test, verdict in given.items()} == dict.fromkeys(POINTS, 0)


def test_every_misconception_loses_points_in_its_own_task_and_is_named(rehearsal: Rehearsal, measure: Oracle) -> None:
    for wrong in catalogue(COURSE.misconceptions("ex00")):
        given = verdicts(measure, rehearsal.evidence(wrong.applied_to(rehearsal.solutions)))
        assert [test for test in given if given[test].score < POINTS[test]] == [wrong.test], wrong.sentence
        assert given[wrong.test].diagnosis == wrong.sentence
