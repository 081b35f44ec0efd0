"""Every small change to the reference solution that changes what it does loses points, in its own task only."""

import pytest

from tests.support.correct_ways import METHODS, Grader
from tests.support.mutants import EQUIVALENT, Tally, mutants, tally


@pytest.fixture(scope="module")
def grader() -> Grader:
    return Grader()


@pytest.fixture(scope="module")
def outcome(grader: Grader) -> Tally:
    return tally(grader)


def test_there_are_mutants_of_every_kind_and_task(grader: Grader) -> None:
    found = mutants(grader.solutions)
    assert len(found) > 800
    assert {mutant.method for mutant in found} == set(METHODS)
    wanted = {"operator", "constant", "arguments swapped", "call dropped", "transpose dropped", "transposed", "summed"}
    wanted |= {
        "comparison",
        "negated",
        "sign dropped",
        "off by one",
        "statement dropped",
        "statement twice",
        "variable",
    }
    assert wanted <= {mutant.kind for mutant in found}


def test_every_other_mutant_loses_points(outcome: Tally) -> None:
    assert sorted(set(outcome.survived) - set(EQUIVALENT)) == []


def test_every_mutant_listed_as_equivalent_is_there_and_keeps_its_points(outcome: Tally) -> None:
    assert sorted(set(EQUIVALENT) - set(outcome.survived)) == []


def test_no_mutant_costs_points_in_another_task(outcome: Tally) -> None:
    assert outcome.cost_others == []


def test_the_law_holds_for_every_mutant(outcome: Tally) -> None:
    assert outcome.broken_laws == []


def test_the_tally_can_be_printed(outcome: Tally) -> None:
    assert str(outcome) == f"{len(outcome.killed)} of {len(outcome.killed) + len(EQUIVALENT)} mutants lose points, " + (
        f"{len(EQUIVALENT)} are equivalent"
    )
