"""The law: for every task, the check is content if and only if the grade is full. Mutants: see ``test_mutants``."""

import pytest

from nbjudge.judging.misconception import Misconception
from tests.course.test_fairness import BYPASSES
from tests.course.test_misconceptions import CATALOGUE
from tests.support.correct_ways import CORRECT_WAYS, Grader, Way

FOR_THE_CHECK_ONLY = "typed in for the visible inputs"
"""Bypasses that hold the results of the visible probes get past the check. That is what hidden inputs are for."""


@pytest.fixture(scope="module")
def grader() -> Grader:
    return Grader()


def test_every_deciding_probe_has_a_partner(grader: Grader) -> None:
    for test in grader.expected:
        hidden, visible = (
            {raw["name"] for raw in probes[test] if raw["points"]} for probes in (grader.expected, grader.visible)
        )
        assert hidden == visible


@pytest.mark.parametrize("way", CORRECT_WAYS, ids=lambda way: way.name)
def test_the_law_holds_for_a_correct_way(grader: Grader, way: Way) -> None:
    assert grader.broken_laws(way.applied_to(grader.solutions)) == []


@pytest.mark.parametrize("number", range(len(CATALOGUE)))
def test_the_law_holds_for_a_misconception(grader: Grader, number: int) -> None:
    wrong: Misconception = CATALOGUE[number]
    assert grader.broken_laws(wrong.applied_to(grader.solutions)) == []


@pytest.mark.parametrize("name", BYPASSES)
def test_the_law_holds_for_a_bypass(grader: Grader, name: str) -> None:
    broken = grader.broken_laws(BYPASSES[name][0].applied_to(grader.solutions))
    assert bool(broken) == name.startswith(FOR_THE_CHECK_ONLY)
