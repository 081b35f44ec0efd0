"""Prints the table of docs/grading.md: how often the grader is right, of how many tries. Run by `make counts`."""

import contextlib
import sys
import warnings

import pytest

from tests.support.proof import survey

KINDS = {
    "course/test_fairness.py::test_a_right_solution_gets_all_points": "correct ways: 20 of 20 points",
    "course/test_misconceptions.py::test_is_named_by_its_own_sentence_only": "known ways: named",
    "course/test_fairness.py::test_a_bypass_loses": "bypasses: lose",
    "hostile/test_forgeries.py::test_a_submission_gets_exactly_what_it_earned": "hostile submissions: what they earned",
    "nbprobe/test_evidence.py::test_a_hostile": "forged pieces of evidence: earn nothing",
    "course/test_law.py::test_the_law_holds_for": "the law: check and grade agree",
}


class Counter:
    """Counts the tests of each kind while pytest runs them."""

    def __init__(self) -> None:
        self.right = dict.fromkeys(KINDS, 0)
        self.total = dict.fromkeys(KINDS, 0)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        for kind in KINDS:
            if report.when == "call" and kind in report.nodeid:
                self.total[kind] += 1
                self.right[kind] += report.passed


def main() -> int:
    counter = Counter()
    files = sorted({f"tests/{kind.split('::')[0]}" for kind in KINDS})
    with contextlib.redirect_stdout(sys.stderr), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # mutants are odd programs
        outcome = pytest.main(["-q", *files], plugins=[counter])
        mutants = survey()
    print("| what is tried | right | of |\n|---|---|---|")
    for kind, says in KINDS.items():
        print(f"| {says} | {counter.right[kind]} | {counter.total[kind]} |")
    total, remarked, listed = len(mutants.mutants), len(mutants.remarked), len(mutants.listed)
    print(f"| the law, on mutants of the solution | {total - len(mutants.unlawful)} | {total} |")
    right = total - len({each.key for each, _ in mutants.spreading} | {each.mutant.key for each in mutants.survivors})
    print("| mutants of the solution: lose points in their own task only, ", end="")
    print(f"get a remark ({remarked}), or are listed as equivalent ({listed}) | {right} | {total} |")
    return int(outcome)


if __name__ == "__main__":
    sys.exit(main())
