"""What the checks put in the place of the other tasks. Fixed numbers, no formula.

The model and the loss of ``Solver._step`` also write down in ``heard`` if they are given the wrong arrays.
"""

from types import SimpleNamespace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from exercise_code import tables
from nbprobe.reasons import as_array

PAIR = "A pair was passed on: the model gives (prediction, derivative) when called. Take it apart first."


def same(a: Any, b: NDArray) -> bool:
    """Whether ``a`` has the entries of ``b``, in whatever shape."""
    array = as_array(a)
    return array is not None and array.size == b.size and bool(np.allclose(array.ravel(), b.ravel()))


def sigmoid(z: NDArray) -> NDArray:
    """Right at multiples of 0.5 between −4 and 4, a polygon in between."""
    return np.interp(z, tables.HALVES, tables.AT_HALVES)


class ScriptedModel:
    """Stands in for the classifier."""

    def __init__(self, W: NDArray, X: NDArray, y_out: NDArray, dy_dW: NDArray, heard: list[str]) -> None:
        self.W, self.cache, self.num_features, self.heard = W, None, X.shape[1], heard
        self._X, self._y_out, self._dy_dW = X, y_out, dy_dW

    def forward(self, X: Any) -> NDArray:
        array = as_array(X)
        if array is not None and same(array, tables.X_VAL):
            self.heard.append("The model was given X_val. Training looks at X_train only.")
        elif array is not None and array.ndim == 2 and array.shape[1] == self._X.shape[1] + 1:
            self.heard.append("The model was given X with a column of ones. It appends that itself.")
        elif not same(X, self._X):
            self.heard.append("The model was given something else than X_train.")
        return self._y_out.copy()

    def backward(self, y: Any) -> NDArray:
        if not same(y, self._y_out):
            self.heard.append("model.backward takes the prediction that model.forward gave.")
        return self._dy_dW.copy()

    def __call__(self, X: Any) -> tuple[NDArray, NDArray]:
        return self.forward(X), self.backward(self._y_out)


class ScriptedLoss:
    """Stands in for the loss."""

    def __init__(self, y_out: NDArray, y_truth: NDArray, loss: NDArray, dloss: NDArray, heard: list[str]) -> None:
        self.heard = heard
        self._y_out, self._y_truth, self._loss, self._dloss = y_out, y_truth, loss, dloss

    def forward(self, y_out: Any, y_truth: Any) -> NDArray:
        return self._loss.reshape(self._shape(y_out, y_truth))

    def backward(self, y_out: Any, y_truth: Any) -> NDArray:
        return self._dloss.reshape(self._shape(y_out, y_truth))

    def __call__(self, y_out: Any, y_truth: Any) -> tuple[NDArray, NDArray]:
        return self.forward(y_out, y_truth), self.backward(y_out, y_truth)

    def _shape(self, y_out: Any, y_truth: Any) -> tuple[int, ...]:
        """Listen to the arguments; give the shape of the answer, that of ``y_out`` if it is right."""
        if isinstance(y_out, tuple) or isinstance(y_truth, tuple):
            self.heard.append(PAIR)
        elif same(y_out, self._y_truth) and same(y_truth, self._y_out):
            self.heard.append("y_out and y_truth are swapped: the loss takes the prediction first, then the labels.")
        elif same(y_truth, tables.Y_VAL):
            self.heard.append("The loss was given y_val. Training looks at y_train only.")
        elif not same(y_out, self._y_out):
            self.heard.append("The first argument of the loss is what the model predicted.")
        elif not same(y_truth, self._y_truth):
            self.heard.append("The second argument of the loss is y_train.")
        elif np.shape(y_out) != np.shape(y_truth):
            self.heard.append(f"y_out has shape {np.shape(y_out)} and y_truth {np.shape(y_truth)}: make them the same.")
        else:
            return np.shape(y_out)
        return self._dloss.shape


class RecordingOptimizer:
    """Stands in for the optimizer: writes down what it is given, and leaves the weights alone."""

    def __init__(self, model: ScriptedModel, lr: float) -> None:
        self.model, self.lr = model, lr
        self.given: list[Any] = []

    def step(self, dw: Any) -> None:
        self.given.append(dw.copy() if isinstance(dw, np.ndarray) else dw)


def parts(dloss: NDArray, dy_dW: NDArray, heard: list[str]) -> tuple[Any, Any, Any, Any]:
    """What a solver is made of: model, data, loss and optimizer, all of them stand-ins."""
    n = len(dloss)
    data = SimpleNamespace(X_train=tables.X_TRAIN[:n].copy(), y_train=tables.Y_TRAIN[:n].copy())
    data.X_val, data.y_val = tables.X_VAL.copy(), tables.Y_VAL.copy()
    y_out = tables.Y_OUT[:n].copy()
    model = ScriptedModel(tables.W.copy(), data.X_train.copy(), y_out, dy_dW, heard)
    loss_func = ScriptedLoss(y_out, data.y_train.copy(), tables.LOSS[:n], dloss, heard)
    return model, data, loss_func, RecordingOptimizer(model, lr=0.1)
