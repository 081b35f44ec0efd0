"""Mistakes of somebody who hadn't seen the catalogue: check and feedback page name the same cause."""

import contextlib
import io
import textwrap
import warnings

import pytest

from nbjudge.judging.misconception import catalogue
from nbjudge.judging.oracle import Answers, answers
from nbjudge.judging.rehearsal import Rehearsal
from nbprobe.judge import judge
from nbprobe.table import as_text
from nbprobe.verdict import Verdict
from tests.support import ROOT, SOURCE
from tests.support.blind_mistakes import BLIND, HALF
from tests.support.correct_ways import METHODS

BEGIN, END = "        ### BEGIN SOLUTION\n", "        ### END SOLUTION\n"


@pytest.fixture(scope="module")
def rehearsal() -> Rehearsal:
    with contextlib.redirect_stdout(io.StringIO()):
        return Rehearsal(SOURCE)


@pytest.fixture(scope="module")
def known() -> Answers:
    with contextlib.redirect_stdout(io.StringIO()):
        return answers(SOURCE, catalogue(ROOT / "misconceptions/ex04/__init__.py"))


def written(rehearsal: Rehearsal, method: str, code: str) -> dict[str, str]:
    """The solution cell with this code in the place of the method's solution."""
    cell, _ = METHODS[method]
    text = rehearsal.solutions[cell]
    start = text.index(BEGIN, text.index(f"    def {method.rpartition('.')[2]}(")) + len(BEGIN)
    return {cell: text[:start] + textwrap.indent(code, "        ") + "\n" + text[text.index(END, start) :]}


def verdicts(rehearsal: Rehearsal, known: Answers, method: str, code: str) -> tuple[Verdict, Verdict]:
    """Of the check, and of the grade."""
    test, changed = METHODS[method][1], written(rehearsal, method, code)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the mistake
        seen = [rehearsal.evidence(changed, test, visible=visible)[test] for visible in (True, False)]
    own, points = known.visible[test], known.points[test]
    most = sum(raw["points"] for raw in own.solution)
    return (
        judge(own.solution, seen[0], most, own.misconceptions, fragile=own.fragile, visible=True),
        judge(known.solution[test], seen[1], points, known.misconceptions[test], fragile=known.fragile[test]),
    )


@pytest.mark.parametrize(("name", "method", "code", "sentence"), BLIND, ids=[name for name, *_ in BLIND])
def test_check_and_page_show_the_way(
    rehearsal: Rehearsal, known: Answers, name: str, method: str, code: str, sentence: str
) -> None:
    check, grade = verdicts(rehearsal, known, method, code)
    assert not check.is_full
    assert not grade.is_full
    assert sentence in as_text(check)
    assert name in HALF or sentence in as_text(grade)
    assert check.diagnosis == grade.diagnosis


def test_the_way_is_shown_in_nine_of_ten() -> None:
    assert len(BLIND) == 35
    assert len(HALF) <= 3
