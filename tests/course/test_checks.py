"""The checks accept what is right, name what is wrong, and survive whatever a student writes."""

import re
import textwrap
import traceback
from typing import Any

import numpy as np
import pytest

from exercise_code import BaseOptimizer, BaseSolver, Loss, Network, checks
from exercise_code.checks import CheckError
from exercise_code.errors import ExerciseError
from nbprobe import check, progress
from nbprobe.table import AS_ABOVE
from nbprobe.verdict import WRONG
from tests.support import SOURCE
from tests.support.mistakes import CORRECT, MISTAKES

TASKS = {
    "bce_forward": ("BCE", Loss, "def forward(self, y_out, y_truth):", ""),
    "bce_backward": (
        "BCE",
        Loss,
        "def forward(self, y_out, y_truth): return L(y_out, y_truth)\ndef backward(self, y_out, y_truth):",
        "",
    ),
    "sigmoid": ("Classifier", Network, "def sigmoid(self, x):", ""),
    "classifier_forward": (
        "Classifier",
        Network,
        "def forward(self, X):",
        "X = np.concatenate((X, np.ones((len(X), 1))), axis=1)\nself.cache = X",
    ),
    "classifier_backward": (
        "Classifier",
        Network,
        "def forward(self, X): return S(np.hstack([X, np.ones((len(X), 1))]) @ self.W)\ndef backward(self, y):",
        "X = self.cache",
    ),
    "optimizer_step": ("Optimizer", BaseOptimizer, "def step(self, dw):", "weight = self.model.W"),
    "solver_step": (
        "Solver",
        BaseSolver,
        "def _step(self):",
        "model, loss, opt, X, y = self.model, self.loss_func, self.opt, self.X_train, self.y_train\n"
        "N = len(X)\np, g = model(X)\nl, d = loss(p, y)",
    ),
}
HELPERS = """
import numpy as np
S = lambda z: 1 / (1 + np.exp(-z))
L = lambda p, y: -y * np.log(p) - (1 - y) * np.log(1 - p)
G = lambda p, y: -y / p + (1 - y) / (1 - p)
"""
WEIRD = {
    "a text": "return '<b>7</b>'",
    "a dict": "return {}",
    "a list": "return [1, [2, 3]]",
    "an object": "return object()",
    "a class": "return int",
    "NaN": "return np.nan",
    "complex": "return np.ones(3) * 1j",
    "objects": "return np.array([None, 1])",
    "a pair": "return 1, 2",
    "a generator": "return (i for i in range(3))",
    "an empty array": "return np.array([])",
    "many axes": "return np.zeros((2, 1, 2, 1))",
    "an error": "raise ValueError('<script>alert(1)</script>')",
    "an error without a text": "class E(Exception):\n    def __str__(self): raise TypeError\nraise E",
    "an assertion": "assert False",
    "exit": "exit()",
    "an endless call": "return (lambda f: f(f))(lambda f: f(f))",
}


def student(task: str, code: str) -> type:
    """The class of ``task``, with ``code`` as the body of its method."""
    name, base, head, start = TASKS[task]
    body = "\n".join(part for part in (start, code) if part)
    method = f"{head}\n{textwrap.indent(body, '    ')}"
    namespace: dict[str, Any] = {"Base": base}
    exec(f"{HELPERS}\nclass {name}(Base):\n{textwrap.indent(method, '    ')}", namespace)
    return namespace[name]


@pytest.fixture(autouse=True)
def beside_the_notebook(monkeypatch):
    """A kernel runs in the folder of its notebook, where the answers lie."""
    monkeypatch.chdir(SOURCE.parent)


@pytest.fixture
def shown(monkeypatch):
    """The reports that were displayed, in order."""
    reports: list[check.Report] = []
    monkeypatch.setattr(check, "display", reports.append)
    return reports


def named(entries):
    return [pytest.param(*entry, id=f"{entry[0]}: {entry[1]}") for entry in entries]


@pytest.mark.parametrize(("task", "name", "code"), named(CORRECT))
def test_correct_variants_pass(task, name, code, shown):
    getattr(checks, task)(student(task, code))
    assert shown[0].verdict.is_full
    assert WRONG not in {row.kind for row in shown[0].verdict.rows}


@pytest.mark.parametrize(("task", "name", "code", "sentence"), named(MISTAKES))
def test_a_mistake_gets_its_sentence(task, name, code, sentence, shown):
    with pytest.raises(CheckError, match="is not right yet"):
        getattr(checks, task)(student(task, code))
    assert sentence in repr(shown[0])


@pytest.mark.parametrize("task", TASKS)
def test_every_task_knows_many_mistakes(task):
    assert len({entry[3] for entry in MISTAKES if entry[0] == task}) >= 10


@pytest.mark.parametrize("entry", [*MISTAKES[::9], *CORRECT[::5]], ids=lambda entry: f"{entry[0]}: {entry[1]}")
def test_a_check_says_the_same_twice(entry, shown):
    task, _, code, *_ = entry
    cls, raised = student(task, code), []
    for _ in range(2):
        try:
            getattr(checks, task)(cls)
            raised.append("")
        except CheckError as error:
            raised.append(str(error))
    assert raised[0] == raised[1]
    assert repr(shown[0]) == repr(shown[1])


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("what", WEIRD)
def test_whatever_comes_back_is_a_row(task, what, shown):
    started = {"optimizer_step": "self.model.W = (lambda: W())()", "solver_step": "opt.step((lambda: W())())"}
    code = WEIRD[what]
    if task in started:  # these give their result to somebody
        indented = textwrap.indent(code, "    ")
        code = f"def W():\n{indented}\n{started[task]}"
    with pytest.raises(CheckError, match="is not right yet"):
        getattr(checks, task)(student(task, code))
    markup = shown[0]._repr_html_()
    assert "<script" not in markup
    assert "<b>7" not in markup


def test_an_exception_is_said_once_with_type_message_and_likely_cause(shown):
    with pytest.raises(CheckError):
        checks.sigmoid(student("sigmoid", "return np.sigmoi(x)"))
    text = repr(shown[0])
    assert text.count("It stops with AttributeError: module 'numpy' has no attribute 'sigmoi'.") == 1
    assert "Look at the spelling" in text
    assert text.count(AS_ABOVE) == 2
    assert ".." not in text
    assert "&lt;" in _html_of("raise ValueError('a < b')", shown)


def _html_of(code, shown):
    with pytest.raises(CheckError):
        checks.sigmoid(student("sigmoid", code))
    return shown[-1]._repr_html_()


@pytest.mark.parametrize("task", TASKS)
def test_what_is_not_implemented_is_one_line_without_a_table(task, shown, capsys, monkeypatch):
    monkeypatch.setattr(progress, "_states", {})
    stub = student(task, "raise NotImplementedError('TODO')")
    getattr(checks, task)(stub)
    said = capsys.readouterr().out
    assert re.fullmatch(r"Task \d · [\w.]+ is not implemented yet · \d+ of 20 points so far \(visible checks\)\n", said)
    monkeypatch.setenv("NBGRADER_EXECUTION", "validate")
    with pytest.raises(CheckError, match="is not implemented yet") as caught:
        getattr(checks, task)(stub)
    assert shown == []
    assert isinstance(caught.value, ExerciseError)
    assert len(caught.value._render_traceback_()) == 1
    assert "\n" not in str(caught.value)
    assert "TODO" not in "".join(traceback.format_exception_only(caught.value))


@pytest.mark.parametrize("task", TASKS)
def test_a_class_that_is_missing_or_broken_is_one_line(task, shown, monkeypatch):
    with pytest.raises(CheckError, match="there is no class"):
        getattr(checks, task)()
    name = TASKS[task][0]
    monkeypatch.setitem(globals(), name, lambda: None)
    with pytest.raises(CheckError, match="is no class any more"):
        getattr(checks, task)()
    if task not in ("optimizer_step", "solver_step"):  # these are made in the probe
        with pytest.raises(CheckError, match="can't be made"):
            getattr(checks, task)(type("Odd", (), {"__init__": lambda self: 1 / 0}))
    assert shown == []


@pytest.mark.parametrize(
    ("task", "name", "advice"),
    [
        ("bce_forward", "one line", "exactly 0 or 1 makes the loss infinite"),
        ("bce_forward", "in place", "changed in place"),
        ("bce_backward", "two fractions", "Keep it a tiny bit away"),
        ("sigmoid", "textbook", "make exp overflow"),
        ("sigmoid", "rows", "With integers in x"),
        ("classifier_backward", "in place", "changed in place"),
        ("optimizer_step", "in place", "changed in place"),
    ],
)
def test_boundary_cases_are_advice(task, name, advice, shown):
    code = next(code for t, n, code in CORRECT if (t, n) == (task, name))
    getattr(checks, task)(student(task, code))
    remarks = [row.reason.text for row in shown[0].verdict.rows if row.kind == "remark"]
    assert advice in " ".join(remarks)


@pytest.mark.parametrize(("task", "name", "code"), named(CORRECT[::3]))
def test_a_check_leaves_numpy_as_it_was(task, name, code, shown):
    with np.errstate(over="raise", divide="warn", invalid="call"):
        before, state = np.geterr(), np.random.get_state()  # noqa: NPY002
        getattr(checks, task)(student(task, f"np.seterr(all='ignore')\n{code}"))
        assert np.geterr() == before
        after = np.random.get_state()  # noqa: NPY002
    assert all(np.array_equal(a, b) for a, b in zip(state, after, strict=True))


@pytest.mark.parametrize("task", TASKS)
def test_no_student_changes_what_others_are_given(task, shown):
    """The inputs are the same after all of these have had them."""
    names = [name for name, value in vars(checks).items() if isinstance(value, np.ndarray)]
    before = {name: np.array(getattr(checks, name)) for name in names}
    for entry in (*CORRECT, *MISTAKES):
        if entry[0] == task:
            try:
                getattr(checks, task)(student(task, entry[2]))
            except CheckError:
                continue
    assert all(np.array_equal(before[name], getattr(checks, name)) for name in names)


def test_a_reason_is_given_once(shown):
    with pytest.raises(CheckError):
        checks.bce_forward(student("bce_forward", "return 1.3 * L(y_out, y_truth)"))
    assert repr(shown[0]).count("Every value is 1.3 times what it should be.") == 1
    assert repr(shown[0]).count(AS_ABOVE) == 3


def test_an_empty_column_has_no_heading(shown):
    with pytest.raises(CheckError):
        checks.bce_forward(student("bce_forward", "return np.mean(L(y_out, y_truth))"))
    page = shown[0]._repr_html_()
    assert [f">{title}<" in page for title in ("given", "right", "yours", "why")] == [False, True, True, False]


def test_a_row_shows_the_input_the_right_value_and_the_students(shown):
    with pytest.raises(CheckError):
        checks.bce_forward(student("bce_forward", "return -y_truth * np.log(y_out)"))
    contrast = shown[0].verdict.rows[0].contrast
    assert (contrast.given, contrast.right, contrast.yours) == ("ŷ = 0.5, y = 0", "0.6931", "0")


def test_two_numbers_that_differ_are_never_shown_alike(shown):
    with pytest.raises(CheckError):
        checks.bce_forward(student("bce_forward", "return L(y_out, y_truth) - 4e-5 * (y_out == 0.5)"))
    contrast = shown[0].verdict.rows[1].contrast
    assert (contrast.right, contrast.yours) == ("0.693147", "0.693107")


def test_what_is_printed_doesn_t_hide_the_table(shown, capsys):
    checks.sigmoid(student("sigmoid", "for i in range(500): print(i)\nreturn 1 / (1 + np.exp(-x))"))
    assert capsys.readouterr().out.splitlines()[-1] == "… and 2990 more lines"


@pytest.mark.parametrize("task", TASKS)
def test_no_check_depends_on_another_task(task, shown):
    """Only the method of the task at hand is written; the others raise."""
    if task == "bce_backward":
        cls = student(task, "return G(y_out, y_truth)")
        cls.forward = lambda self, y_out, y_truth: 1 / 0
    else:
        code = next(code for t, _, code in CORRECT if t == task)
        cls = student(task, code)
        if task == "classifier_backward":
            cls.forward = lambda self, X: 1 / 0
    if task in ("classifier_forward", "classifier_backward"):
        cls.sigmoid = lambda self, x: 1 / 0
    getattr(checks, task)(cls)


def test_numbers_worked_out_by_hand_are_the_solutions(shown):
    """With a pocket calculator: the solution is right, and so is all that was made from it."""
    namespace: dict[str, Any] = {}
    exec(HELPERS, namespace)
    pairs = [
        (0.5, 1, 0.69314718, -2.0),
        (0.25, 0, 0.28768207, 4 / 3),
        (0.8, 0, 1.60943791, 5.0),
        (0.1, 1, 2.30258509, -10),
    ]
    for p, y, loss, slope in pairs:
        assert namespace["L"](p, y) == pytest.approx(loss)
        assert namespace["G"](p, y) == pytest.approx(slope)
    np.testing.assert_allclose(namespace["S"](checks.LOGITS), checks.PREDICTIONS, rtol=1e-6)


def test_a_wrong_value_of_the_right_shape_is_no_matter_of_shape(shown):
    with pytest.raises(CheckError):
        checks.sigmoid(student("sigmoid", "return 1 / (1 + np.exp(-np.abs(x)))"))
    assert "shape" not in repr(shown[0]).replace("[N, 1]", "").lower()
