"""The law: for every task, the check is content if and only if the grade is full."""

import warnings

import pytest

from nbjudge.judging.misconception import Misconception
from tests.course.test_fairness import BYPASSES
from tests.course.test_misconceptions import CATALOGUE
from tests.support.correct_ways import CORRECT_WAYS, Grader, Way
from tests.support.mutants import mutants

FOR_THE_CHECK_ONLY = "typed in for the visible inputs"
"""Bypasses that hold the results of the visible probes get past the check. That is what hidden inputs are for."""


@pytest.fixture(scope="module")
def grader() -> Grader:
    return Grader()


def broken_laws(grader: Grader, changed: dict[str, str]) -> list[str]:
    """Tests in which check and grade differ."""
    grades, checks = grader.judged(changed)
    return [test for test in grades if grades[test].is_full != checks[test].is_full]


def test_every_deciding_probe_has_a_partner(grader: Grader) -> None:
    for test in grader.expected:
        hidden, visible = (
            {raw["name"] for raw in probes[test] if raw["points"]} for probes in (grader.expected, grader.visible)
        )
        assert hidden == visible


@pytest.mark.parametrize("way", CORRECT_WAYS, ids=lambda way: way.name)
def test_the_law_holds_for_a_correct_way(grader: Grader, way: Way) -> None:
    assert broken_laws(grader, way.applied_to(grader.solutions)) == []


@pytest.mark.parametrize("number", range(len(CATALOGUE)))
def test_the_law_holds_for_a_misconception(grader: Grader, number: int) -> None:
    wrong: Misconception = CATALOGUE[number]
    assert broken_laws(grader, wrong.applied_to(grader.solutions)) == []


@pytest.mark.parametrize("name", BYPASSES)
def test_the_law_holds_for_a_bypass(grader: Grader, name: str) -> None:
    broken = broken_laws(grader, BYPASSES[name][0].applied_to(grader.solutions))
    assert bool(broken) == name.startswith(FOR_THE_CHECK_ONLY)


def test_the_law_holds_for_mutants(grader: Grader) -> None:
    broken = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # mutants are odd programs
        for mutant in mutants(grader.solutions):
            broken[mutant.key] = broken_laws(grader, mutant.applied_to(grader.solutions))
    assert {key: tests for key, tests in broken.items() if tests} == {}
    assert len(broken) > 900
