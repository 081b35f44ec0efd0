"""Every small change to the reference solution that changes what it does loses points, in its own task only."""

import pytest

from nbjudge.judging.known_ways import troubles_of
from nbjudge.judging.misconception import catalogue
from nbjudge.proving.survey import Survey
from tests.support import ROOT
from tests.support.correct_ways import Grader
from tests.support.proof import proof, survey

KINDS = {
    *("operator", "constant", "arguments swapped", "call dropped", "transpose dropped", "transposed", "summed"),
    *("comparison", "negated", "sign dropped", "off by one", "statement dropped", "statement twice", "variable"),
}


@pytest.fixture(scope="module")
def found() -> Survey:
    return survey()


def test_there_are_mutants_of_every_kind_and_task(found: Survey) -> None:
    assert len(found.mutants) > 900
    assert {mutant.kind for mutant in found.mutants} >= KINDS
    assert [(name, tests) for name, tests, *_ in found.regions] == [
        ("BCE.forward", ["test_bce_forward"]),
        ("BCE.backward", ["test_bce_backward"]),
        ("Classifier.sigmoid", ["test_sigmoid"]),
        ("Classifier.forward", ["test_classifier_forward"]),
        ("Classifier.backward", ["test_classifier_backward"]),
        ("Optimizer.step", ["test_optimizer_step"]),
        ("Solver._step", ["test_solver_step"]),
    ]


def test_every_other_mutant_than_those_listed_loses_points(found: Survey) -> None:
    assert [survivor.question for survivor in found.survivors] == []


def test_what_is_listed_is_so(found: Survey) -> None:
    assert found.stale == []
    assert all(reason for _, reason in found.listed)


def test_no_mutant_costs_points_in_another_task(found: Survey) -> None:
    assert found.spreading == []


def test_the_law_holds_for_every_mutant(found: Survey) -> None:
    assert found.unlawful == []


def test_every_hidden_probe_is_needed_or_listed_with_the_reason(found: Survey) -> None:
    assert found.idle == []
    assert len(found.probes) == sum(map(len, Grader().expected.values()))
    assert found.is_proven


def test_without_a_probe_something_is_reported_unless_it_is_redundant(found: Survey) -> None:
    """Judged again by what the other probes saw: a mutant survives, or a misconception isn't recognised any more."""
    outcomes, answers = proof().outcomes(), proof().oracle
    listed = {mutant.key for mutant, _ in found.listed}
    for use in found.probes:
        tests = [outcomes[mutant.key].tests for mutant in found.mutants if mutant.key not in listed]
        said = [(seen[use.test].wrong, seen[use.test].remarks) for seen in tests if seen]
        surviving = [one for one in said if one in (([use.probe], []), ([], [use.probe]))]
        expected = [raw for raw in answers.solution[use.test] if raw["name"] != use.probe]
        ways = [way for way in catalogue(ROOT / "misconceptions/ex04/__init__.py") if way.test == use.test]
        wrong = [way for way in ways if not way.fragile]
        evidence = [raws for _, raws in answers.misconceptions[use.test]]
        troubles = list(troubles_of(use.test, expected, list(zip(wrong, evidence, strict=True)), ""))
        assert bool(surviving or troubles) == use.is_needed != bool(use.excuse), use
