"""What stands in for the other tasks while one is tried. Visible and hidden probes use the same.

What a stand-in answers depends on what it is given, and none of it is the formula of a task. Where it is given
something odd it makes a note; ``NOTES`` says what each note means.
"""

import contextlib
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from exercise_code.loss import Loss
from exercise_code.network import Network
from exercise_code.optimizer import BaseOptimizer
from nbprobe.probe import note

NOTES = {
    "table": "self.sigmoid was given a whole table and not a column of logits: where do the weights come in?",
    "forward": "`forward` was called in `backward`. It would overwrite the cache; use what it has left there.",
    "X_val": "The model was given X_val. Training looks at X_train only.",
    "ones": "The model was given X with a column of ones. It appends that itself.",
    "X": "The model was given something else than X_train.",
    "dloss": "model.backward was given the derivative of the loss. It takes the prediction; multiply the two "
    "derivatives yourself.",
    "labels": "model.backward was given the labels. It takes the prediction that the model gave.",
    "y": "model.backward takes the prediction that model.forward gave.",
    "pair": "A pair was passed on: the model gives (prediction, derivative) when called. Take it apart first.",
    "swapped": "y_out and y_truth are swapped: the loss takes the prediction first, then the labels.",
    "y_val": "The loss was given y_val. Training looks at y_train only.",
    "y_out": "The first argument of the loss is what the model predicted.",
    "y_train": "The second argument of the loss is y_train.",
    "no step": "opt.step was never called, so nothing is learnt.",
    "steps": "opt.step was called more than once. One update calls it once, with the gradient over all samples.",
}


def sigmoid(x: Any) -> Any:
    """Stands in for task 3."""
    if np.ndim(x) == 2 and min(np.shape(x)) > 1:
        note("table")
    return expit(x)


def classifier(Classifier: type, W: Any) -> Any:
    """A classifier with weights ``W`` [D+1, 1] whose sigmoid is right."""
    model = Classifier(num_features=len(W) - 1)
    model.W, model.sigmoid = np.array(W, dtype=float), sigmoid
    return model


def left_by_forward(attribute: str, Classifier: type, W: Any) -> Callable[[NDArray], Any]:
    """What ``forward`` leaves in the model, under the name ``attribute``."""

    def left(X: NDArray) -> Any:
        model = classifier(Classifier, W)
        model.forward(X)
        return getattr(model, attribute)

    return left


def classifier_after_forward(Classifier: type, W: Any, X: NDArray) -> Any:
    """A classifier whose cache is what the contract asks for after ``forward(X)``."""
    model = classifier(Classifier, W)
    model.cache = np.hstack([X, np.ones((len(X), 1))])
    forward = model.forward

    def noted(*args: Any) -> Any:
        note("forward")
        return forward(*args)

    model.forward = noted
    return model


def after_own_forward(Classifier: type, W: Any, X: NDArray) -> Callable[[NDArray], Any]:
    """``backward`` after the student's own ``forward``, which may leave what it likes in the cache."""

    def backward(y: NDArray) -> Any:
        model = classifier(Classifier, W)
        with contextlib.suppress(Exception):  # another task
            model.forward(X)
        return model.backward(y)

    return backward


class OnlyWeights(Network):
    """Stands in for the classifier where nothing is predicted."""

    def forward(self, X: Any) -> Any:
        raise RuntimeError("a step needs no prediction: it takes the gradient that it is given, and the weights")

    def backward(self, y: Any) -> Any:
        self.forward(y)


def weights_after(Optimizer: type, W: NDArray, learning_rate: float, *gradients: NDArray) -> Any:
    """The model's weights after one step for each gradient."""
    model = OnlyWeights(num_features=len(W) - 1)
    model.W = W
    opt = Optimizer(model, learning_rate=learning_rate)
    for dw in gradients:
        opt.step(dw)
    return model.W


class ScriptedModel(Network):
    """Stands in for the classifier: predictions and derivatives are polynomials of the samples."""

    def __init__(self, data: Any, W: NDArray) -> None:
        super().__init__(num_features=data.X_train.shape[1])
        self.W, self._data = W, data

    def forward(self, X: Any) -> Any:
        data = self._data
        if same(X, data.X_val):
            note("X_val")
        elif np.shape(X) == (len(data.X_train), self.num_features + 1):
            note("ones")
        elif not same(X, data.X_train):
            note("X")
        self.cache = X
        data.y_out = X[:, :1] ** 2 + 0.5
        return data.y_out.copy()

    def backward(self, y: Any) -> Any:
        data = self._data
        if same(y, data.dloss):
            note("dloss")
        elif same(y, data.y_train):
            note("labels")
        elif not same(y, data.y_out):
            note("y")
        X: Any = self.cache
        return np.hstack([y + X**3, y - X[:, :1]])


class ScriptedLoss(Loss):
    """Stands in for the binary cross entropy: another loss."""

    def __init__(self, data: Any) -> None:
        self._data = data

    def forward(self, y_out: Any, y_truth: Any) -> Any:
        self._listen(y_out, y_truth)
        return (y_out - 3 * y_truth) ** 2

    def backward(self, y_out: Any, y_truth: Any) -> Any:
        self._listen(y_out, y_truth)
        dloss = 2 * (y_out - 3 * y_truth)
        self._data.dloss = dloss.copy()
        return dloss

    def _listen(self, y_out: Any, y_truth: Any) -> None:
        data = self._data
        if isinstance(y_out, tuple) or isinstance(y_truth, tuple):
            note("pair")
        elif same(y_out, data.y_train) and same(y_truth, data.y_out):
            note("swapped")
        elif same(y_truth, data.y_val):
            note("y_val")
        elif not same(y_out, data.y_out):
            note("y_out")
        elif not same(y_truth, data.y_train):
            note("y_train")


class RecordingOptimizer(BaseOptimizer):
    """Stands in for the optimizer: writes down what it is given, and leaves the weights alone."""

    def __init__(self, model: Network, learning_rate: float) -> None:
        super().__init__(model, learning_rate)
        self._given: list[Any] = []

    def step(self, dw: Any) -> None:
        self._given.append(dw.copy() if isinstance(dw, np.ndarray) else dw)


def _goes_by(name: str, stand_in: type) -> None:
    """Let Python's messages name what the student knows."""
    stand_in.__name__ = stand_in.__qualname__ = name
    for method in vars(stand_in).values():
        if callable(method):
            method.__qualname__ = f"{name}.{method.__name__}"


_goes_by("Classifier", ScriptedModel)
_goes_by("Classifier", OnlyWeights)
_goes_by("BCE", ScriptedLoss)
_goes_by("Optimizer", RecordingOptimizer)


def same(a: Any, b: Any) -> bool:
    """Whether two arrays have the same entries, in whatever shape."""
    if not (isinstance(a, np.ndarray) and isinstance(b, np.ndarray)) or a.size != b.size:
        return False
    return bool(np.allclose(a.ravel(), b.ravel()))


def solver(Solver: type, W: NDArray, X_train: NDArray, y_train: NDArray, X_val: NDArray, y_val: NDArray) -> Any:
    """A solver of which all other parts stand in."""
    data = SimpleNamespace(X_train=X_train, y_train=y_train, X_val=X_val, y_val=y_val, y_out=None, dloss=None)
    model = ScriptedModel(data, W.copy())
    return Solver(model, data, ScriptedLoss(data), RecordingOptimizer(model, learning_rate=0.7))


def handed_over(Solver: type, *parts: NDArray, steps: int = 1) -> Any:
    """What the optimizer is given in the last of so many updates; ``parts`` as in ``solver``."""
    updated = solver(Solver, *parts)
    for _ in range(steps):
        updated.opt._given.clear()
        updated._step()
    given = updated.opt._given
    if not given:
        note("no step")
    elif len(given) > 1:
        note("steps")
    return given[0] if len(given) == 1 else list(given)


def handed_over_second(Solver: type, *parts: NDArray) -> Any:
    """What the optimizer is given in a second update."""
    return handed_over(Solver, *parts, steps=2)


def weights_afterwards(Solver: type, *parts: NDArray) -> Any:
    """The model's weights after one update with an optimizer that leaves them alone."""
    updated = solver(Solver, *parts)
    updated._step()
    return updated.model.W
