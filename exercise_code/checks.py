"""One check per task: visible probes with inputs that can be read.

What is right is not written here. It lies beside the notebook as data, made from the instructor's solution.
Each check puts stand-ins in the place of the other tasks, so that it says nothing about them.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from exercise_code import standins
from exercise_code.overview import overview
from exercise_code.standins import NOTES
from exercise_code.tasks import TASKS
from nbprobe.check import CheckError, check
from nbprobe.probe import probe

__all__ = [
    "CheckError",
    "bce_backward",
    "bce_forward",
    "classifier_backward",
    "classifier_forward",
    "optimizer_step",
    "overview",
    "sigmoid",
    "solver_step",
]


def column(*numbers: float) -> NDArray:
    """The numbers as an array [N, 1]."""
    return np.array(numbers, dtype=float).reshape(-1, 1)


# predictions and labels: each pair can be worked out with a pocket calculator
Y_OUT = column(0.5, 0.5, 0.25, 0.25, 0.8, 0.8, 0.1, 0.1)
Y_TRUTH = column(1, 0, 1, 0, 1, 0, 1, 0)
NEAR_Y_OUT = column(0.001, 0.001, 0.003, 0.01, 0.99, 0.998, 0.999, 0.999)
NEAR_Y_TRUTH = column(1, 0, 1, 0, 1, 0, 1, 0)
FAR, FAR_OUT = "logits of −1000 and 1000", np.array([-1000.0, 1000.0])
# logits, and the predictions that belong to them
LOGITS = column(-1, 0, 0.5, 2, 1, -3)
PREDICTIONS = column(0.26894142, 0.5, 0.62245933, 0.88079708, 0.73105858, 0.04742587)


# remarks that visible and hidden probes share
FINITE_LOSS = "A prediction of exactly 0 or 1 makes the loss infinite or NaN. Keep it a tiny bit away from both."
FINITE_DERIVATIVE = FINITE_LOSS.replace("loss", "derivative")
NO_OVERFLOW = (
    "Logits far from 0 make exp overflow, or give NaN. A form that takes exp of negative numbers only doesn't."
)


@check(*TASKS[1].check)
def bce_forward(BCE: Any) -> None:
    """Check ``BCE.forward`` (task 1)."""
    loss = BCE()
    _loss_probes(loss.forward, label=1)
    probe("predictions of exactly 0 and 1", finite(loss.forward), column(0, 1), column(1, 1), advice=FINITE_LOSS)


@check(*TASKS[2].check)
def bce_backward(BCE: Any) -> None:
    """Check ``BCE.backward`` (task 2)."""
    loss = BCE()
    _loss_probes(loss.backward, label=0)
    probe("predictions of exactly 0 and 1", finite(loss.backward), column(0, 1), column(1, 1), advice=FINITE_DERIVATIVE)


def _loss_probes(f: Any, label: int) -> None:
    p, y, near, near_y = Y_OUT, Y_TRUTH, NEAR_Y_OUT, NEAR_Y_TRUTH
    probe("predictions in a column [N, 1]", f, p, y, points=1, rtol=1e-4, given=_pairs(p, y))
    probe("predictions and labels as vectors [N]", f, p[:, 0], y[:, 0], points=1, given=_pairs(p, y))
    probe("a single sample", f, column(0.3), column(1), points=1, given=["ŷ = 0.3, y = 1"])
    probe("predictions close to 0 and 1", f, near, near_y, points=1, rtol=2e-3, given=_pairs(near, near_y))
    same = column(*[label] * 4)
    probe(f"label {label} only", f, p[::2], same, points=1, given=_pairs(p[::2], same))


def _pairs(y_out: NDArray, y_truth: NDArray) -> list[str]:
    return [f"ŷ = {p:g}, y = {y:g}" for p, y in zip(y_out.ravel(), y_truth.ravel(), strict=True)]


def finite(f: Any) -> Any:
    """``f``, but whether all of its results are finite."""

    def is_finite(*args: NDArray) -> bool:
        return bool(np.isfinite(np.asarray(f(*args), dtype=float)).all())

    return is_finite


@check(*TASKS[3].check)
def sigmoid(Classifier: Any) -> None:
    """Check ``Classifier.sigmoid`` (task 3)."""
    f = Classifier(num_features=2).sigmoid
    x = column(-3, -1, -0.25, 0, 0.5, 1, 2, 4)
    probe("logits in a column [N, 1]", f, x, points=1, given=_named("x", x))
    table = np.array([[-2.0, 0.5, 1.0], [0.0, 3.0, -1.5]])
    probe("a table of logits", f, table, points=1)
    x = np.array([-30.0, -12.0, -5.0, -0.5, 0.75, 5.0, 12.0, 30.0])
    probe("a vector of logits up to 30 in size", f, x, points=1, given=_named("x", x))
    advice = "x without any axis, as np.array(0.0), doesn't work. numpy can do that too."
    probe("a single number", f, np.array(0.0), advice=advice)
    advice = "With integers in x the result is cut off; an array made like x holds integers."
    probe("whole numbers", f, np.array([[-1, 0], [1, 2]]), advice=advice)
    probe(FAR, calm(f), FAR_OUT, advice=NO_OVERFLOW)


def calm(f: Any) -> Any:
    """``f``, but whether its results are finite, without an overflow on the way."""

    def is_calm(x: NDArray) -> bool:
        try:
            with np.errstate(over="raise", invalid="raise"):
                return bool(np.isfinite(np.asarray(f(x), dtype=float)).all())
        except ArithmeticError:
            return False

    return is_calm


def _named(name: str, values: NDArray) -> list[str]:
    return [f"{name} = {value:g}" for value in values.ravel()]


@check(*TASKS[4].check)
def classifier_forward(Classifier: Any) -> None:
    """Check ``Classifier.forward`` (task 4)."""
    W, X = column(2, -1, 0.5), np.array([[1.0, 2.0], [0.0, 1.5], [-1.0, -3.0], [0.5, 0.0], [2.0, 2.0]])
    model = standins.classifier(Classifier, W)
    given = _rows("x", X)
    probe("samples with several features", model.forward, X, points=1, watch=[model.W], notes=NOTES, given=given)
    model = standins.classifier(Classifier, column(1, 0.5))
    probe("a single sample with 1 feature", model.forward, column(2), points=1, notes=NOTES, given=["x = 2"])
    model, many = standins.classifier(Classifier, column(*np.linspace(-1, 1, 13))), np.eye(12)[:10] - 0.5
    probe("many features", model.forward, many, points=1, notes=NOTES)
    what_is_left(Classifier, W, X)


def what_is_left(Classifier: Any, W: NDArray, X: NDArray) -> None:
    """Remarks on what a prediction leaves behind."""
    advice = "self.cache holds something else than X with its column of ones. It costs nothing if your backward knows."
    probe("what forward leaves in the cache", standins.left_by_forward("cache", Classifier, W), X, advice=advice)
    advice = "forward changed self.W. It only reads the weights; training relies on their shape and their values."
    probe("what forward leaves in the weights", standins.left_by_forward("W", Classifier, W), X, advice=advice)


@check(*TASKS[5].check)
def classifier_backward(Classifier: Any) -> None:
    """Check ``Classifier.backward`` (task 5)."""
    X, y = np.array([[-2.25, 3.0], [0.75, -1.0], [-0.25, 2.0], [2.0, 0.5]]), PREDICTIONS[:4]
    _backward("samples with several features", Classifier, column(1, 0.5, -0.25), X, y)
    _backward("a single sample with 1 feature", Classifier, column(1, 0.5), column(-1.5), PREDICTIONS[:1])
    X = np.eye(6, 12, 3) - 0.5
    X[:, 0] = LOGITS[:, 0]
    _backward("many features", Classifier, np.eye(13, 1), X, PREDICTIONS)


OWN_CACHE = (
    "This works with what your own forward leaves in self.cache, and not with X and its column of ones alone, as the "
    "text of the task has it."
)


def _backward(name: str, Classifier: Any, W: NDArray, X: NDArray, y: NDArray) -> None:
    model = standins.classifier_after_forward(Classifier, W, X)  # task 4
    own = standins.after_own_forward(Classifier, W, X)
    watch = [model.cache, model.W]
    given = [f"ŷ = {p:.3g}, {row}" for p, row in zip(y[:, 0], _rows("x̃", model.cache), strict=True)]
    given = given if len(given) < 6 else []
    probe(name, model.backward, y, points=1, otherwise=own, advice=OWN_CACHE, watch=watch, notes=NOTES, given=given)


def _rows(name: str, X: NDArray) -> list[str]:
    return [f"{name} = ({', '.join(f'{x:g}' for x in row)})" for row in X]


@check(*TASKS[6].check)
def optimizer_step(Optimizer: Any) -> None:
    """Check ``Optimizer.step`` (task 6)."""
    W, dw, other = column(1, 2, -3), column(2, 1, -4), column(0.5, -2, 1)

    def after(learning_rate: float, start: NDArray) -> Any:
        return lambda *gradients: standins.weights_after(Optimizer, start, learning_rate, *gradients)

    given = [f"W = {w:g}, slope {g:g}" for w, g in zip(W[:, 0], dw[:, 0], strict=True)]
    first = W.copy()
    probe("one step", after(0.25, first), dw, points=1, watch=[first], given=given)
    probe("three steps", after(0.25, W.copy()), dw, other, dw, points=1)
    probe("another learning rate", after(1.5, W.copy()), dw, points=1, given=given)


@check(*TASKS[7].check)
def solver_step(Solver: Any) -> None:
    """Check ``Solver._step`` (task 7)."""

    def parts(n: int, num_features: int) -> list[NDArray]:
        """Weights, training samples with labels, validation samples with labels."""
        W = column(*[0.5 * i for i in range(num_features + 1)])
        X = np.array([(7 * i) % 5 - 1.5 for i in range(1, n * num_features + 1)]).reshape(n, num_features)
        return [W, X, column(*[i % 2 for i in range(n)]), X[:3] + 3.0, column(*[1] * min(n, 3))]

    handed_over, second = standins.handed_over, standins.handed_over_second
    probe("hands the gradient to the optimizer", handed_over, Solver, *parts(5, 2), points=1, notes=NOTES)
    probe("a single sample", handed_over, Solver, *parts(1, 1), points=1, notes=NOTES)
    leaves = "leaves the weights to the optimizer"
    probe(leaves, standins.weights_afterwards, Solver, *parts(4, 3), points=1, notes=NOTES)
    probe("a second step starts anew", second, Solver, *parts(6, 2), points=1, notes=NOTES)
