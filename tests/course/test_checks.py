"""The checks accept what is right, name what is wrong, and survive whatever a student writes."""

import textwrap
import time
import traceback
from typing import Any

import numpy as np
import pytest

from exercise_code import BaseOptimizer, BaseSolver, Loss, Network, checks, tables
from exercise_code import mistakes as recognised
from exercise_code.checks import CheckError
from exercise_code.errors import ExerciseError
from nbprobe import check as report
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


@pytest.fixture
def shown(monkeypatch):
    """The reports that were displayed, in order."""
    reports: list[report.Report] = []
    monkeypatch.setattr(report, "display", reports.append)
    return reports


def named(entries):
    return [pytest.param(*entry, id=f"{entry[0]}: {entry[1]}") for entry in entries]


@pytest.mark.parametrize(("task", "name", "code"), named(CORRECT))
def test_correct_variants_pass(task, name, code, shown):
    getattr(checks, task)(student(task, code))
    assert shown[0].passed
    assert {finding.kind for finding in shown[0].findings} <= {"right", "remark"}


@pytest.mark.parametrize(("task", "name", "code", "sentence"), named(MISTAKES))
def test_a_mistake_gets_its_sentence_and_no_other(task, name, code, sentence, shown):
    with pytest.raises(CheckError, match="is not right yet"):
        getattr(checks, task)(student(task, code))
    text = repr(shown[0])
    assert sentence in text
    others = {other for t, _, _, other in MISTAKES if t == task and other != sentence}
    assert not [other for other in others if other in text], text


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
    assert "could not go on" not in repr(shown[0])
    markup = shown[0]._repr_html_()
    assert "<script" not in markup
    assert "<b>7" not in markup


def test_an_exception_is_one_row_with_type_and_message(shown):
    with pytest.raises(CheckError):
        checks.sigmoid(student("sigmoid", "raise KeyError('lr')"))
    assert shown[0].findings[0].got == "KeyError: 'lr'"
    assert "&lt;" in _html_of("raise ValueError('a < b')", shown)


def _html_of(code, shown):
    with pytest.raises(CheckError):
        checks.sigmoid(student("sigmoid", code))
    return shown[-1]._repr_html_()


@pytest.mark.parametrize("task", TASKS)
def test_what_is_not_implemented_is_one_line_without_a_table(task, shown):
    with pytest.raises(CheckError, match="is not implemented yet") as caught:
        getattr(checks, task)(student(task, "raise NotImplementedError('TODO')"))
    assert shown == []
    assert isinstance(caught.value, ExerciseError)
    assert len(caught.value._render_traceback_()) == 1
    assert "\n" not in str(caught.value)
    assert caught.value.__suppress_context__
    assert "TODO" not in "".join(traceback.format_exception_only(caught.value))


@pytest.mark.parametrize("task", TASKS)
def test_a_class_that_is_missing_or_broken_is_one_line(task, shown):
    with pytest.raises(CheckError, match="there is no class"):
        getattr(checks, task)()
    with pytest.raises(CheckError, match="is no class any more"):
        getattr(checks, task)(lambda: None)
    if task != "solver_step":  # made without __init__
        with pytest.raises(CheckError, match="can't be made"):
            getattr(checks, task)(type("Odd", (), {"__init__": lambda self: 1 / 0}))
    assert shown == []


@pytest.mark.parametrize(
    ("task", "name", "advice"),
    [
        ("bce_forward", "one line", "ŷ = 0, y = 1"),
        ("bce_forward", "in place", "changed in place"),
        ("bce_backward", "two fractions", "keep ŷ a tiny bit away"),
        ("sigmoid", "textbook", "too large for a float"),
        ("sigmoid", "rows", "With integers in x"),
        ("classifier_backward", "in place", "self.cache was changed in place"),
        ("optimizer_step", "in place", "old weights were changed in place"),
    ],
)
def test_boundary_cases_are_advice(task, name, advice, shown):
    code = next(code for t, n, code in CORRECT if (t, n) == (task, name))
    getattr(checks, task)(student(task, code))
    assert advice in " ".join(finding.hint for finding in shown[0].findings if finding.kind == "remark")


@pytest.mark.parametrize(("task", "name", "code"), named(CORRECT[::3]))
def test_a_check_leaves_numpy_as_it_was(task, name, code, shown):
    with np.errstate(over="raise", divide="warn", invalid="call"):
        before, state = np.geterr(), np.random.get_state()  # noqa: NPY002
        getattr(checks, task)(student(task, f"np.seterr(all='ignore')\n{code}"))
        assert np.geterr() == before
        after = np.random.get_state()  # noqa: NPY002
    assert all(np.array_equal(a, b) for a, b in zip(state, after, strict=True))


@pytest.mark.parametrize("task", TASKS)
def test_the_tables_stay_as_they_are(task, shown):
    names = [name for name in vars(tables) if name.isupper()]
    before = {name: np.array(getattr(tables, name)) for name in names}
    for entry in (*CORRECT, *MISTAKES):
        if entry[0] == task:
            try:
                getattr(checks, task)(student(task, entry[2]))
            except CheckError:
                continue
    assert all(np.array_equal(before[name], getattr(tables, name)) for name in names)


@pytest.mark.parametrize("task", ["bce_backward", "classifier_backward"])
def test_the_numeric_derivative_decides(task, shown):
    """A gradient that is right at the numbers of the table, and only there."""
    code = {
        "bce_backward": "return G(y_out, y_truth) * np.where(np.isin(y_out, [0.5, 0.25, 0.8, 0.1]), 1, 1.01)",
        "classifier_backward": "return y * (1 - y) * X * (1 if self.W[0, 0] == 1 else 1.01)",
    }[task]
    with pytest.raises(CheckError):
        getattr(checks, task)(student(task, code))
    wrong = [finding.what for finding in shown[0].findings if finding.kind == "wrong"]
    assert wrong == ["agrees with the numeric derivative"]


def test_a_reason_is_given_once(shown):
    with pytest.raises(CheckError):
        checks.bce_forward(student("bce_forward", "return -L(y_out, y_truth)"))
    assert repr(shown[0]).count("a loss is never negative") == 1
    assert repr(shown[0]).count(report.AS_ABOVE) == 3


def test_a_row_shows_the_input_the_value_expected_and_the_value_got(shown):
    with pytest.raises(CheckError):
        checks.bce_forward(student("bce_forward", "return -y_truth * np.log(y_out)"))
    first = shown[0].findings[0]
    assert (first.expected, first.got) == ("0.6931 for ŷ = 0.5, y = 0", "0")  # the first row that is wrong


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


def test_the_stand_in_tables_hold_what_they_say():
    """The literals, against the functions that students are asked for."""
    z = tables.LOGITS[:, 0]
    right = 1 / (1 + np.exp(-z))
    np.testing.assert_allclose(tables.LOGITS[:, 1], right, rtol=1e-6)
    np.testing.assert_allclose(tables.LOGITS[:, 2], right * (1 - right), rtol=1e-6)
    np.testing.assert_allclose(tables.AT_HALVES, 1 / (1 + np.exp(-tables.HALVES)), rtol=1e-6)
    np.testing.assert_allclose(tables.NO_BIAS, 1 / (1 + np.exp(0.5 - z)), rtol=1e-6)
    y = tables.PREDICTIONS
    np.testing.assert_allclose(tables.DERIVATIVE, y * (1 - y) * tables.CACHE, rtol=1e-6)
    np.testing.assert_allclose(tables.GRADIENT, tables.DY_DW.T @ tables.DLOSS / 4)


def test_a_mistake_matches_its_own_result_only():
    mistake = recognised.gives("hint", [[1.0], [2.0]])
    assert mistake.matches(np.array([[1.0], [2.0]]))
    assert not mistake.matches(np.array([1.0, 2.0]))
    assert not mistake.matches(np.array([[1.0], [2.1]]))
    assert recognised.gives("hint", 3.0).matches(np.array([[3.0]]))


if __name__ == "__main__":  # how long does each check take?
    for task, _, code in CORRECT:
        start = time.perf_counter()
        getattr(checks, task)(student(task, code))
        print(f"{task}: {time.perf_counter() - start:.3f} s")


def test_a_wrong_value_of_the_right_shape_is_no_matter_of_shape(capsys) -> None:
    class Classifier(Network):
        def sigmoid(self, x):
            return 1 / (1 + np.exp(-np.abs(x)))

    with pytest.raises(CheckError):
        checks.sigmoid(Classifier)
    assert "shape changed" not in capsys.readouterr().out
