"""One check per task. Each looks at the class of that name in your notebook and shows what it found.

The checks hold no solution: they compare with numbers that were worked out by hand (or with a pocket
calculator), and with the numeric derivative of your own function. Every check replaces the other
tasks by stand-ins, so that it says nothing about them.
"""

from types import SimpleNamespace
from typing import Any

import numpy as np
from numpy.typing import NDArray

import __main__
from exercise_code.gradient_check import numeric_gradient, relative_error
from exercise_code.report import CheckError, Report, reporting

# prediction, label, loss, derivative of the loss with respect to the prediction
LOSSES = np.array(
    [
        (0.50, 1, 0.69314718, -2.0),
        (0.50, 0, 0.69314718, 2.0),
        (0.25, 1, 1.38629436, -4.0),
        (0.25, 0, 0.28768207, 4 / 3),
        (0.80, 1, 0.22314355, -1.25),
        (0.80, 0, 1.60943791, 5.0),
        (0.10, 1, 2.30258509, -10.0),
        (0.10, 0, 0.10536052, 10 / 9),
    ]
)

# logit, its sigmoid, slope of the sigmoid there
LOGITS = np.array(
    [
        (-3.0, 0.04742587, 0.04517666),
        (-1.0, 0.26894142, 0.19661193),
        (0.0, 0.5, 0.25),
        (0.5, 0.62245933, 0.23500371),
        (1.0, 0.73105858, 0.19661193),
        (2.0, 0.88079708, 0.10499359),
    ]
)


def _students(name: str, given: Any) -> Any:
    """The class to check: ``given``, or else the one called ``name`` in the notebook."""
    found = given if given is not None else getattr(__main__, name, None)
    if found is None:
        raise CheckError(f"there is no class {name} yet: run the cell that defines it first (Shift-Enter).")
    return found


def _rows(table: NDArray, n: int) -> list[NDArray]:
    """``n`` rows of a table, from the top and over again, as columns of shape [n, 1]."""
    chosen = table[np.arange(n) % len(table)]
    return [chosen[:, [j]] for j in range(table.shape[1])]


def bce_forward(BCE: type | None = None) -> None:
    """Check ``BCE.forward`` (task 1)."""
    with reporting("Task 1", "BCE.forward") as report:
        loss = _students("BCE", BCE)()
        y_out, y_truth, expected, _ = _rows(LOSSES, 8)
        report.expect("8 predictions, shape [N, 1]", loss.forward, y_out, y_truth, gives=expected)
        flat = (column.ravel() for column in (y_out, y_truth))
        report.expect("the same as vectors, shape [N]", loss.forward, *flat, gives=expected.ravel())
        y_out, y_truth, expected, _ = _rows(LOSSES, 1)
        report.expect("a single sample", loss.forward, y_out, y_truth, gives=expected)
        y_out, y_truth, expected, _ = _rows(LOSSES, 200)
        report.expect("200 samples", loss.forward, y_out, y_truth, gives=expected)
        _advise_finite(report, loss.forward)


def bce_backward(BCE: type | None = None) -> None:
    """Check ``BCE.backward`` (task 2)."""
    with reporting("Task 2", "BCE.backward") as report:
        loss = _students("BCE", BCE)()
        y_out, y_truth, losses, expected = _rows(LOSSES, 8)
        report.expect("8 predictions, shape [N, 1]", loss.backward, y_out, y_truth, gives=expected)
        flat = (column.ravel() for column in (y_out, y_truth))
        report.expect("the same as vectors, shape [N]", loss.backward, *flat, gives=expected.ravel())
        y_out, y_truth, losses, expected = _rows(LOSSES, 200)
        report.expect("200 samples", loss.backward, y_out, y_truth, gives=expected)
        _numeric_row(report, lambda p: np.sum(loss.forward(p, y_truth)), y_out, loss.backward, y_truth, trust=losses)
        _advise_finite(report, loss.backward)


def sigmoid(Classifier: type | None = None) -> None:
    """Check ``Classifier.sigmoid`` (task 3)."""
    with reporting("Task 3", "Classifier.sigmoid") as report:
        model = _students("Classifier", Classifier)(num_features=2)
        z, expected, _ = _rows(LOGITS, 6)
        report.expect("6 logits, shape [N, 1]", model.sigmoid, z, gives=expected)
        report.expect("a vector, shape [N]", model.sigmoid, z.ravel(), gives=expected.ravel())
        report.expect("a table, shape [2, 3]", model.sigmoid, z.reshape(2, 3), gives=expected.reshape(2, 3))
        report.expect("a single number", model.sigmoid, np.array(0.0), gives=np.array(0.5))
        with np.errstate(over="raise", invalid="raise", divide="raise"):
            try:
                extreme = np.asarray(model.sigmoid(np.array([-1000.0, 1000.0])), dtype=float)
                fine = bool(np.allclose(extreme, [0.0, 1.0]))
            except (ArithmeticError, TypeError, ValueError):
                fine = False
        if fine:
            report.ok("logits of −1000 and 1000")
        else:
            report.advise(
                "logits of −1000 and 1000",
                "exp(1000) is too large for a float. The result may still be right, with a warning; "
                "a form that never takes exp of a large positive number avoids both.",
            )


def classifier_forward(Classifier: type | None = None) -> None:
    """Check ``Classifier.forward`` (task 4). ``sigmoid`` is replaced by a table."""
    with reporting("Task 4", "Classifier.forward") as report:
        Student = _students("Classifier", Classifier)
        logits, probabilities, _ = _rows(LOGITS, 6)

        def model_of(W: list[float]) -> Any:
            model = Student(num_features=len(W) - 1)
            model.W = np.array(W).reshape(-1, 1)
            model.sigmoid = lambda z: np.interp(z, LOGITS[:, 0], LOGITS[:, 1])
            return model

        model = model_of([2.0, -1.0, 0.0])
        X = np.hstack([logits, logits])  # 2 z - z = z
        report.expect("6 samples with 2 features", model.forward, X, gives=probabilities)
        model = model_of([0.0, 0.0, 0.5])
        report.expect("the bias, last row of W", model.forward, X, gives=np.full((6, 1), 0.62245933))
        model = model_of([1.0, 0.0])
        report.expect(
            "a single sample with 1 feature", model.forward, np.array([[2.0]]), gives=np.array([[0.88079708]])
        )
        expected = np.array([[2.0, 1.0]])
        report.compare("self.cache holds X with a column of ones", model.cache, expected)


def classifier_backward(Classifier: type | None = None) -> None:
    """Check ``Classifier.backward`` (task 5). ``forward`` is replaced by its result."""
    with reporting("Task 5", "Classifier.backward") as report:
        Student = _students("Classifier", Classifier)

        def model_of(X: NDArray, W: list[float]) -> Any:
            model = Student(num_features=X.shape[1])
            model.W = np.array(W).reshape(-1, 1)
            model.cache = np.hstack([X, np.ones((len(X), 1))])
            return model

        for what, n in (("6 samples with 2 features", 6), ("a single sample", 1)):
            logits, y, slopes = _rows(LOGITS, n)
            X = np.hstack([logits, np.arange(n).reshape(-1, 1) - 1.5])
            model = model_of(X, [1.0, 0.0, 0.0])
            cache = model.cache.copy()
            report.expect(what, model.backward, y, gives=slopes * cache)
            if not np.array_equal(model.cache, cache):
                hint = "self.cache was changed in place, so a second call gives something else. Compute a new array."
                report.advise("leaves the cache alone", hint)

        logits, y, _ = _rows(LOGITS, 6)
        X = np.hstack([logits, logits])
        model = model_of(X, [2.0, -1.0, 0.0])

        def output(W: NDArray) -> NDArray:
            model.W = W
            return model.forward(X)[:, 0]

        _numeric_row(report, output, model.W, lambda W: _restore_and(model, W, X, y), trust=y[:, 0])


def _restore_and(model: Any, W: NDArray, X: NDArray, y: NDArray) -> NDArray:
    model.W, model.cache = W, np.hstack([X, np.ones((len(X), 1))])
    return np.asarray(model.backward(y))[:, :, None]


def optimizer_step(Optimizer: type | None = None) -> None:
    """Check ``Optimizer.step`` (task 6)."""
    with reporting("Task 6", "Optimizer.step") as report:
        Student = _students("Optimizer", Optimizer)
        W, dw = np.array([[1.0], [2.0], [-3.0]]), np.array([[2.0], [0.0], [-4.0]])

        held = W.copy()
        model = SimpleNamespace(W=held)
        opt = Student(model, learning_rate=0.5)
        ran, _ = report.call("one step, learning rate 0.5", opt.step, dw)
        if ran and np.array_equal(np.asarray(model.W), W):
            report.wrong("one step, learning rate 0.5", "self.model.W is still what it was before the step.")
        elif ran:
            report.compare("one step, learning rate 0.5", model.W, np.array([[0.0], [2.0], [-1.0]]))
        ran, _ = report.call("a second step goes on from there", opt.step, dw)
        if ran:
            report.compare("a second step goes on from there", model.W, np.array([[-1.0], [2.0], [1.0]]))
        model = SimpleNamespace(W=W.copy())
        ran, _ = report.call("learning rate 0.1", Student(model, learning_rate=0.1).step, dw)
        if ran:
            report.compare("learning rate 0.1", model.W, np.array([[0.8], [2.0], [-2.6]]))
        if not np.array_equal(held, W):
            report.advise(
                "makes a new array",
                "The old weights were changed in place (as -= does), so anyone who kept them, for example as the "
                "best so far, has lost them. Assign a new array to self.model.W.",
            )


class _ScriptedModel:
    """Stands in for the classifier: gives fixed numbers and knows no formula."""

    def __init__(self, y_out: NDArray, dy_dW: NDArray) -> None:
        self.W, self.cache = np.zeros((dy_dW.shape[1], 1)), None
        self._y_out, self._dy_dW = y_out, dy_dW

    def forward(self, X: NDArray) -> NDArray:
        return self._y_out.copy()

    def backward(self, y: NDArray) -> NDArray:
        return self._dy_dW.copy()

    def __call__(self, X: NDArray) -> tuple[NDArray, NDArray]:
        return self.forward(X), self.backward(self._y_out)


class _ScriptedLoss:
    """Stands in for the loss in the same way."""

    def __init__(self, dloss: NDArray) -> None:
        self._dloss = dloss

    def forward(self, y_out: NDArray, y_truth: NDArray) -> NDArray:
        return np.ones_like(self._dloss)

    def backward(self, y_out: NDArray, y_truth: NDArray) -> NDArray:
        return self._dloss.copy()

    def __call__(self, y_out: NDArray, y_truth: NDArray) -> tuple[NDArray, NDArray]:
        return self.forward(y_out, y_truth), self.backward(y_out, y_truth)


class _RecordingOptimizer:
    """Stands in for the optimizer: writes down what it is given."""

    def __init__(self, model: _ScriptedModel) -> None:
        self.model, self.lr = model, 1.0
        self.given: list[Any] = []

    def step(self, dw: Any) -> None:
        self.given.append(dw)


def solver_step(Solver: type | None = None) -> None:
    """Check ``Solver._step`` (task 7). Model, loss and optimizer are stand-ins that give fixed numbers."""
    with reporting("Task 7", "Solver._step") as report:
        Student = _students("Solver", Solver)
        cases: list[tuple[str, Any, Any, Any]] = [
            ("2 samples, 3 weights", [[2.0], [-4.0]], [[1.0, 2.0, 3.0], [0.0, 1.0, -1.0]], [[1.0], [0.0], [5.0]]),
            ("a single sample, 2 weights", [[3.0]], [[0.5, 1.0]], [[1.5], [3.0]]),
            ("4 samples, 2 weights", [[1.0], [1.0], [2.0], [0.0]], [[4, 1], [0, 1], [-2, 1], [9, 1]], [[0.0], [1.0]]),
        ]
        for what, dloss, dy_dW, expected in cases:
            model = _ScriptedModel(np.full((len(dloss), 1), 0.5), np.array(dy_dW, dtype=float))
            solver = Student.__new__(Student)  # without the training loop's own set-up
            solver.model, solver.loss_func = model, _ScriptedLoss(np.array(dloss))
            solver.opt = _RecordingOptimizer(model)
            solver.X_train, solver.y_train = np.ones((len(dloss), len(dy_dW[0]) - 1)), np.ones((len(dloss), 1))
            ran, _ = report.call(what, solver._step)
            if not ran:
                continue
            calls = len(solver.opt.given)
            if calls != 1:
                report.wrong(what, f"One update calls self.opt.step once; here it was called {calls} times.")
            else:
                report.compare(what, solver.opt.given[0], np.array(expected))


def _numeric_row(report: Report, f: Any, x: NDArray, derivative: Any, *args: NDArray, trust: NDArray) -> None:
    """Compare ``derivative`` with the numeric one of ``f`` at ``x``, if the student's function is itself right.

    ``trust`` is what the function gives where it is right (or the parts of it that ``f`` sums up).
    """
    what = "agrees with the numeric derivative"
    try:
        value = np.asarray(f(x), dtype=float)
        if not np.allclose(value, np.sum(trust) if value.ndim == 0 else trust, rtol=1e-5):
            return  # another task's business
        numeric = numeric_gradient(f, x)
        error = relative_error(numeric, derivative(x, *args))
    except Exception:
        return  # the rows above say what is wrong
    if error < 1e-5:
        report.ok(what)
    else:
        report.wrong(what, f"The slope of your own forward, measured with small steps, differs by {error:.1%}.")


def _advise_finite(report: Report, f: Any) -> None:
    """Predictions of exactly 0 and 1 cost nothing, but a finite answer is kinder."""
    what = "predictions of exactly 0 and 1"
    try:
        with np.errstate(all="ignore"):
            result = np.asarray(f(np.array([[0.0], [1.0]]), np.array([[1.0], [0.0]])), dtype=float)
    except Exception:
        return
    if np.isfinite(result).all():
        report.ok(what)
    else:
        report.advise(what, "The result is infinite or NaN there; keep the prediction a tiny bit away from 0 and 1.")
