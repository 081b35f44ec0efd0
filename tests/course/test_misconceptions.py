"""The catalogue of misconceptions against the grader, and what the oracle refuses."""

import re
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import nbformat
import numpy as np
import pytest
from nbformat.v4 import new_code_cell, new_notebook

import exercise_code
from nbjudge.judging import oracle
from nbjudge.judging.misconception import Misconception
from nbjudge.judging.oracle import OracleError, catalogue
from nbjudge.judging.rehearsal import Raw, Rehearsal
from nbprobe.judge import Verdict, compare, judge
from tests.support import ROOT, SOURCE

CATALOGUE = catalogue("ex04")

NUMBERED = [pytest.param(i, id=f"{each.test}-{i}") for i, each in enumerate(CATALOGUE)]
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
    return [rehearsal.evidence(each.applied_to(rehearsal.solutions)) for each in CATALOGUE]


@pytest.fixture(scope="module")
def known(attempts: list[dict[str, Raw]], solution: dict[str, Raw]) -> dict[str, list[tuple[str, Raw]]]:
    """What the judge knows: sentence and evidence of the misconceptions of each test cell."""
    known: dict[str, list[tuple[str, Raw]]] = {test: [] for test in solution}
    for each, evidence in zip(CATALOGUE, attempts, strict=True):
        known[each.test].append((each.sentence, evidence[each.test]))
    return known


@pytest.fixture(scope="module")
def verdicts(
    rehearsal: Rehearsal,
    solution: dict[str, Raw],
    attempts: list[dict[str, Raw]],
    known: dict[str, list[tuple[str, Raw]]],
) -> list[dict[str, Verdict]]:
    return [
        {test: judge(solution[test], evidence[test], rehearsal.points[test], known[test]) for test in solution}
        for evidence in attempts
    ]


# --- the catalogue ---


def test_there_are_many_for_every_task(rehearsal: Rehearsal) -> None:
    counts = Counter(each.test for each in CATALOGUE)
    assert counts.keys() == rehearsal.points.keys()
    assert counts.total() >= 60
    assert min(counts.values()) >= 6


@pytest.mark.parametrize("i", NUMBERED)
def test_loses_points_in_its_own_task_only(i: int, verdicts: list[dict[str, Verdict]]) -> None:
    losing = [test for test, verdict in verdicts[i].items() if verdict.score < verdict.maximum]
    assert losing == [CATALOGUE[i].test]


@pytest.mark.parametrize("i", NUMBERED)
def test_is_named_by_its_own_sentence_only(i: int, verdicts: list[dict[str, Verdict]]) -> None:
    said = {test: verdict.diagnosis for test, verdict in verdicts[i].items() if verdict.diagnosis}
    assert said == {CATALOGUE[i].test: CATALOGUE[i].sentence}


@pytest.mark.parametrize("i", NUMBERED)
def test_runs(i: int, attempts: list[dict[str, Raw]]) -> None:
    """An error is no fingerprint: many mistakes lead to the same one."""
    assert not [raw for raw in attempts[i][CATALOGUE[i].test] if "error" in raw]


def test_the_oracle_accepts_the_catalogue(
    rehearsal: Rehearsal, solution: dict[str, Raw], known: dict[str, list[tuple[str, Raw]]]
) -> None:
    oracle._check_all(
        {"solution": solution, "again": solution, "points": rehearsal.points, "misconceptions": known},
    )


def test_sentences_are_distinct_and_short() -> None:
    sentences = [each.sentence for each in CATALOGUE]
    assert len(set(sentences)) == len(sentences)
    for sentence in sentences:
        assert len(sentence) < 220
        assert sentence == " ".join(sentence.split())
        assert sentence[0].isupper()
        assert sentence[-1] in ".?"


def test_no_sentence_holds_code() -> None:
    for each in CATALOGUE:
        assert not re.search(CODE, each.sentence), each.sentence


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
            "loss = -y_truth * np.log(p) - (1 - y_truth) * np.log(1 - p)",
            "loss = -(y_truth * np.log(y_out) + (1 - y_truth) * np.log(1 - y_out)).sum() / y_out.size",
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
            "gradient = dy_dW.T @ dloss_dy / len(X_train)",
            "gradient = np.sum(dloss_dy * dy_dW, axis=0)[:, None]",
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


# --- replacing lines ---


SOLUTIONS = {"one": "def f(x):\n    if x:\n        y = 2 * x\n    return y", "other": "z = 1"}


def replacing(replaced: dict[str, str]) -> Misconception:
    return Misconception("test_f", "This sentence helps.", replaced)


def test_replaces_a_whole_line_and_keeps_its_indentation() -> None:
    changed = replacing({"y = 2 * x": "y = x\ny = 3 * y", "return y": "return -y"}).applied_to(SOLUTIONS)
    assert changed == {"one": "def f(x):\n    if x:\n        y = x\n        y = 3 * y\n    return -y"}


def test_refuses_a_line_that_is_not_there() -> None:
    with pytest.raises(ValueError, match="no solution cell has the line 'y = 2'"):
        replacing({"y = 2": "y = 3"}).applied_to(SOLUTIONS)


# --- what the oracle refuses ---


PROBE = "from nbprobe.probe import probe\nimport numpy as np\n"
ONE = "probe('a number', f, 2.0, points=1)"


@pytest.fixture
def small(tmp_path: Path) -> Callable[..., Path]:
    """Writes a notebook of one task, which is to double a number."""

    def write(test: str = ONE, solution: str = "def f(x):\n    return 2 * x", points: float = 1) -> Path:
        flags = {"schema_version": 3, "task": False, "cell_type": "code", "locked": True}
        cells = [
            new_code_cell(solution, metadata={"nbgrader": flags | {"grade_id": "f", "grade": False, "solution": True}}),
            new_code_cell(
                PROBE + test,
                metadata={
                    "nbgrader": flags | {"grade_id": "test_f", "grade": True, "solution": False, "points": points}
                },
            ),
        ]
        path = tmp_path / "small.ipynb"
        nbformat.write(new_notebook(cells=cells), path)
        return path

    return write


def test_a_sound_notebook_is_accepted(small: Callable[..., Path], tmp_path: Path) -> None:
    right = oracle.load(small(), "ex00", tmp_path / "cache")
    assert right.points == {"test_f": 1.0}
    assert right.misconceptions == {"test_f": []}
    assert [raw["value"] for raw in right.solution["test_f"]] == [{"kind": "number", "data": 4.0}]


def test_a_notebook_that_fails_is_refused_with_one_sentence(small: Callable[..., Path], tmp_path: Path) -> None:
    path = small(test="raise ValueError('two\\nlines')")
    with pytest.raises(OracleError) as caught:
        oracle.load(path, "ex00", tmp_path / "cache")
    assert str(caught.value) == f"the solution in {path} can't be run under its own probes: ValueError: two lines"
    assert not (tmp_path / "cache").exists()


@pytest.mark.parametrize(
    ("said", "changes"),
    [
        (
            "a probe of test_f gives something else each time; draw its inputs from a fixed seed.",
            {"test": "probe('a number', f, np.random.default_rng().normal(), points=1)"},
        ),
        (
            "the test cell test_f has no probe, so nothing in it can be graded.",
            {"test": "assert f(1) == 2"},
        ),
        (
            "the probes of test_f give 1 points, but the cell is worth 1.5.",
            {"points": 1.5},
        ),
        (
            "two probes of test_f have the same name; give each its own.",
            {"test": f"{ONE}\n{ONE}", "points": 2},
        ),
        (
            "the probe 'a number' of test_f gives no data that can be compared.",
            {"solution": "def f(x):\n    return {x}"},
        ),
        (
            "the solution fails in the probe 'a number' of test_f: ZeroDivisionError: float division by zero",
            {"solution": "def f(x):\n    return x / 0"},
        ),
        (
            "the solution in {path} can't be run under its own probes: NameError: name 'undefined' is not defined",
            {"solution": "def f(x):\n    return 2 * x\n\n\nundefined"},
        ),
    ],
)
def test_a_notebook_that_cannot_measure_is_refused(said: str, changes: dict, small: Callable[..., Path]) -> None:
    path = small(**changes)
    with pytest.raises(OracleError) as caught:
        oracle._check_all(oracle._collect(path, "ex00"))
    assert str(caught.value) == said.format(path=path)


TRIPLE = Misconception("test_f", "You tripled.", {"return 2 * x": "return 3 * x"})
ADDED = Misconception("test_f", "You added one.", {"return 2 * x": "return x + 1"})


@pytest.mark.parametrize(
    ("said", "catalogue"),
    [
        (
            "two misconceptions of test_f can't be told apart: 'You tripled.' and 'You added four.'.",
            [TRIPLE, ADDED, Misconception("test_f", "You added four.", {"return 2 * x": "return x + 4"})],
        ),
        (
            "two misconceptions of test_f have the same sentence; give each its own.",
            [TRIPLE, Misconception("test_f", "You tripled.", {"return 2 * x": "return x"})],
        ),
        (
            "a misconception of test_f gives the right results: 'You squared.'.",
            [Misconception("test_f", "You squared.", {"return 2 * x": "return x**2"})],
        ),
        (
            "a misconception of test_f gives no result, only TypeError: 'You called it.'.",
            [TRIPLE, Misconception("test_f", "You called it.", {"return 2 * x": "return x(2)"})],
        ),
        (
            "a misconception is about test_g, but there is no such test cell: 'You tripled.'.",
            [Misconception("test_g", TRIPLE.sentence, TRIPLE.replaced)],
        ),
        (
            "no solution cell has the line 'return 5', which a misconception replaces.",
            [Misconception("test_f", "You returned 6.", {"return 5": "return 6"})],
        ),
    ],
)
def test_a_misconception_that_cannot_be_recognised_is_refused(
    said: str, catalogue: list[Misconception], small: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(oracle, "catalogue", lambda assignment: catalogue)
    with pytest.raises(OracleError) as caught:
        oracle._check_all(oracle._collect(small(), "ex00"))
    assert str(caught.value) == said


def test_different_misconceptions_are_accepted(small: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(oracle, "catalogue", lambda assignment: [TRIPLE, ADDED])
    collected = oracle._collect(small("probe('a number', f, 3.0, points=1)"), "ex00")
    oracle._check_all(collected)
    assert [sentence for sentence, _ in collected["misconceptions"]["test_f"]] == ["You tripled.", "You added one."]


def test_results_that_hold_several_arrays_are_compared() -> None:
    expected = [np.arange(3.0), {"shape": "column", "values": np.ones((2, 1))}, None]
    assert compare([np.arange(3.0), {"shape": "column", "values": np.ones((2, 1))}, None], expected) is None
    assert compare([np.arange(3.0), {"shape": "column", "values": np.zeros((2, 1))}, None], expected)
    assert compare([np.arange(3.0), {"values": np.ones((2, 1))}, None], expected)
    assert compare([np.arange(3.0), None, None], expected)
    assert compare([np.arange(3.0)], expected)
    assert compare(np.arange(3.0), expected)
    assert compare([np.ones((2, 1))], [None])


# --- the cache ---


@pytest.fixture
def builds(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The notebooks that were run, in place of running them."""
    built: list[Path] = []

    def build(source: Path, assignment: str) -> dict:
        built.append(source)
        return {"solution": {}, "points": {}, "misconceptions": {}}

    monkeypatch.setattr(oracle, "_build", build)
    return built


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of all that the answers depend on."""
    for package in ("exercise_code", "grading"):
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(SOURCE, tmp_path / "source.ipynb")
    monkeypatch.setattr(exercise_code, "__file__", str(tmp_path / "exercise_code/__init__.py"))
    monkeypatch.setattr(oracle, "__file__", str(tmp_path / "grading/oracle.py"))
    return tmp_path


def load(course: Path) -> int:
    """Load the oracle, and count the entries of the cache."""
    oracle.load(course / "source.ipynb", "ex04", course / "cache")
    return len(list((course / "cache").iterdir()))


def test_nothing_is_run_again_when_nothing_changed(course: Path, builds: list[Path]) -> None:
    assert [load(course), load(course)] == [1, 1]
    oracle._loaded.clear()  # as in another process
    assert load(course) == 1
    assert len(builds) == 1


@pytest.mark.parametrize(
    "file",
    [
        "source.ipynb",
        "exercise_code/probe.py",
        "exercise_code/network.py",
        "grading/oracle.py",
        "grading/judge.py",
        "grading/rehearsal.py",
        "grading/misconceptions/__init__.py",
        "grading/misconceptions/ex04/bce.py",
    ],
)
def test_a_change_runs_everything_again(file: str, course: Path, builds: list[Path]) -> None:
    load(course)
    with (course / file).open("a") as changed:
        changed.write("\n")
    assert [load(course), load(course)] == [2, 2]
    assert len(builds) == 2


def test_a_new_module_of_misconceptions_runs_everything_again(course: Path, builds: list[Path]) -> None:
    load(course)
    (course / "grading/misconceptions/ex04/more.py").write_text("")
    assert load(course) == 2


def test_assignments_do_not_share_answers(course: Path, builds: list[Path]) -> None:
    load(course)
    oracle.load(course / "source.ipynb", "ex05", course / "cache")
    assert len(builds) == 2


def test_a_broken_cache_is_replaced(course: Path, builds: list[Path]) -> None:
    load(course)
    (entry,) = (course / "cache").iterdir()
    entry.write_text("{")
    oracle._loaded.clear()  # as in another process
    assert load(course) == 1
    assert len(builds) == 2
    assert load(course) == 1
    assert len(builds) == 2
