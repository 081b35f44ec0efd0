"""The catalogue of misconceptions of ex04 against the grader."""

import re
import shutil
from collections import Counter
from pathlib import Path

import pytest

from nbjudge.course.course import Course
from nbjudge.judging import oracle
from nbjudge.judging.misconception import Misconception, catalogue
from nbjudge.judging.rehearsal import Raw, Rehearsal
from nbprobe.evidence import read_evidence
from nbprobe.judge import judge
from nbprobe.verdict import Verdict
from tests.support import ROOT, SOURCE

CATALOGUE = catalogue(ROOT / "misconceptions/ex04/__init__.py")

NUMBERED = [pytest.param(i, id=f"{wrong.test}-{i}") for i, wrong in enumerate(CATALOGUE)]
CODE = r"[=@_*\[\]{}<>`]|\s[-+/]\s|[a-zA-Z]\.\w|\w\("
"""What code looks like, and a sentence doesn't."""


@pytest.fixture(scope="module")
def rehearsal() -> Rehearsal:
    return Rehearsal(SOURCE)


@pytest.fixture(scope="module")
def solution(rehearsal: Rehearsal) -> dict[str, Raw]:
    return rehearsal.evidence()


@pytest.fixture(scope="module")
def attempts(rehearsal: Rehearsal) -> list[dict[str, Raw]]:
    """Evidence of all test cells for each misconception, in the order of the catalogue."""
    return [rehearsal.evidence(wrong.applied_to(rehearsal.solutions)) for wrong in CATALOGUE]


@pytest.fixture(scope="module")
def known(attempts: list[dict[str, Raw]], solution: dict[str, Raw]) -> dict[str, list[tuple[str, Raw]]]:
    """What the judge knows: sentence and evidence of the misconceptions of each test cell."""
    return _known(attempts, solution, fragile=False)


@pytest.fixture(scope="module")
def fragile(attempts: list[dict[str, Raw]], solution: dict[str, Raw]) -> dict[str, list[tuple[str, Raw]]]:
    """The same of those that are right enough."""
    return _known(attempts, solution, fragile=True)


def _known(attempts: list[dict[str, Raw]], solution: dict[str, Raw], fragile: bool) -> dict[str, list[tuple[str, Raw]]]:
    known: dict[str, list[tuple[str, Raw]]] = {test: [] for test in solution}
    for way, evidence in zip(CATALOGUE, attempts, strict=True):
        if way.fragile is fragile:
            known[way.test].append((way.sentence, evidence[way.test]))
    return known


@pytest.fixture(scope="module")
def verdicts(
    rehearsal: Rehearsal,
    solution: dict[str, Raw],
    attempts: list[dict[str, Raw]],
    known: dict[str, list[tuple[str, Raw]]],
    fragile: dict[str, list[tuple[str, Raw]]],
) -> list[dict[str, Verdict]]:
    points = rehearsal.points
    return [
        {
            test: judge(solution[test], evidence[test], points[test], known[test], fragile=fragile[test])
            for test in solution
        }
        for evidence in attempts
    ]


# --- the catalogue ---


def test_there_are_many_for_every_task(rehearsal: Rehearsal) -> None:
    counts = Counter(wrong.test for wrong in CATALOGUE)
    assert counts.keys() == rehearsal.points.keys()
    assert counts.total() >= 60
    assert min(counts.values()) >= 6


@pytest.mark.parametrize("i", NUMBERED)
def test_loses_points_in_its_own_task_only(i: int, verdicts: list[dict[str, Verdict]]) -> None:
    losing = [test for test, verdict in verdicts[i].items() if verdict.score < verdict.maximum]
    assert losing == [CATALOGUE[i].test] * (not CATALOGUE[i].fragile)


@pytest.mark.parametrize("i", NUMBERED)
def test_is_named_by_its_own_sentence_only(i: int, verdicts: list[dict[str, Verdict]]) -> None:
    own = CATALOGUE[i]
    said = {test: verdict.diagnosis for test, verdict in verdicts[i].items() if verdict.diagnosis}
    if own.fragile:
        assert said == {}
        assert own.sentence in {row.reason.text for row in verdicts[i][own.test].rows if row.reason}
    else:
        assert said == {own.test: own.sentence}


@pytest.mark.parametrize("i", NUMBERED)
def test_runs(i: int, attempts: list[dict[str, Raw]]) -> None:
    """An error is no fingerprint, as many mistakes lead to the same one; but one whose likely cause is known is."""
    evidence = [read_evidence(raw) for raw in attempts[i][CATALOGUE[i].test]]
    assert not [each for each in evidence if each.error and not each.cause]


def test_a_course_elsewhere_is_graded_by_the_catalogue_beside_the_configuration(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The oracle takes all of it; it refuses what can't be told apart."""
    shutil.copytree(SOURCE.parent, tmp_path / "source/ex04")
    monkeypatch.chdir(ROOT)
    course = Course.here(tmp_path)
    (notebook,) = course.notebooks("ex04")
    answers = oracle.load(course, "ex04", notebook)
    both = [*answers.misconceptions.items(), *answers.fragile.items()]
    known = [(test, sentence) for test, ways in both for sentence, _ in ways]
    assert sorted(known) == sorted((wrong.test, wrong.sentence) for wrong in CATALOGUE)


def test_sentences_are_distinct_and_short() -> None:
    sentences = [wrong.sentence for wrong in CATALOGUE]
    assert len(set(sentences)) >= 200  # variants of a mistake share one
    for sentence in sentences:
        assert len(sentence) < 220
        assert sentence == " ".join(sentence.split())
        assert sentence[0].isupper()
        assert sentence[-1] in ".?"


def test_no_sentence_holds_code() -> None:
    for sentence in (wrong.sentence for wrong in CATALOGUE):
        assert not re.search(CODE, sentence), sentence


def test_code_is_what_the_solution_holds(rehearsal: Rehearsal) -> None:
    """The test before this one would find any line of the solution."""
    solutions = "\n".join(rehearsal.solutions.values())
    regions = re.findall(r"### BEGIN SOLUTION\n(.*?)### END SOLUTION", solutions, re.DOTALL)
    lines = [line.strip() for line in "".join(regions).splitlines() if line.strip() and "#" not in line]
    assert len(lines) >= 11
    assert all(re.search(CODE, line) for line in lines)


@pytest.mark.parametrize(
    ("test", "line", "replacement", "beginning"),
    [
        (
            "test_bce_forward",
            "result = -y_truth * np.log(p) - (1 - y_truth) * np.log(1 - p)",
            "result = -(y_truth * np.log(y_out) + (1 - y_truth) * np.log(1 - y_out)).sum() / y_out.size",
            "You averaged over the batch.",
        ),
        (
            "test_bce_backward",
            "gradient = -y_truth / p + (1 - y_truth) / (1 - p)",
            "gradient = (y_truth - y_out) / (y_out * (1 - y_out))",
            "Every sign is flipped",
        ),
        (
            "test_sigmoid",
            "out = np.where(np.asarray(x) >= 0, 1 / (1 + e), e / (1 + e))",
            "out = 1 - 1 / (1 + np.exp(-x))",
            "Your curve is mirrored",
        ),
        (
            "test_classifier_forward",
            "y = self.sigmoid(X @ self.W)",
            "y = 1 - 1 / (1 + np.exp(-np.dot(X, self.W)))",
            "You predict the probability of label 0.",
        ),
        (
            "test_classifier_backward",
            "dW = y * (1 - y) * X",
            "dW = np.zeros((X.shape[1], 1))\nfor n in range(len(X)):\n    dW[:, 0] += (y[n] - y[n] ** 2) * X[n]",
            "A product of matrices adds up over the samples.",
        ),
        (
            "test_optimizer_step",
            "weight = weight - self.lr * dw",
            "weight += self.lr * dw",
            "You walk uphill",
        ),
        (
            "test_solver_step",
            "grad = model_backward.T @ loss_grad / len(X_train)",
            "grad = np.sum(loss_grad * model_backward, axis=0)[:, None]",
            "You added up over the samples.",
        ),
    ],
)
def test_is_recognised_in_other_code(
    test: str,
    line: str,
    replacement: str,
    beginning: str,
    rehearsal: Rehearsal,
    solution: dict[str, Raw],
    known: dict[str, list[tuple[str, Raw]]],
) -> None:
    changed = Misconception(test, "", {line: replacement}).applied_to(rehearsal.solutions)
    evidence = rehearsal.evidence(changed, only=test)[test]
    verdict = judge(solution[test], evidence, rehearsal.points[test], known[test])
    assert verdict.score < verdict.maximum
    assert verdict.diagnosis.startswith(beginning)
