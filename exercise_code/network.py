"""The interface of a model with one weight matrix."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from exercise_code.errors import DataError


def as_array(result: Any) -> Any:
    """``result``, but rows in a list become an array: what comes next reckons with arrays."""
    return np.asarray(result) if isinstance(result, list) else result


class Network:
    """A model that maps samples ``X`` of shape [N, D] to predictions of shape [N, 1].

    A subclass writes ``forward`` and ``backward``; calling the object gives both at once::

        y_out, dy_dW = model(X)

    Attributes
    ----------
    num_features : int
        D, the number of features of a sample.
    W : array [D+1, 1] or None
        The weights. The last row is the bias: it belongs to a column of ones appended to ``X``.
    cache : array [N, D+1] or None
        What ``forward`` leaves for ``backward``.
    """

    def __init__(self, num_features: int = 2) -> None:
        self.num_features = num_features
        self.W: NDArray | None = None
        self.cache: NDArray | None = None

    def initialize_weights(self, weights: ArrayLike | None = None, seed: int = 0) -> None:
        """Set ``W`` to a copy of ``weights``, or else to small random numbers (standard deviation 0.001).

        Raises
        ------
        DataError
            If ``weights`` are not numbers of shape [D+1, 1].
        """
        shape = (self.num_features + 1, 1)
        if weights is None:
            self.W = 0.001 * np.random.default_rng(seed).standard_normal(shape)
            return
        try:
            copied = np.array(weights, dtype=float)
        except (TypeError, ValueError):
            raise DataError(f"the weights must be an array of numbers of shape {shape}.") from None
        if copied.shape != shape:
            raise DataError(f"the weights must have shape {shape} (the bias included), not {copied.shape}.")
        self.W = copied

    def forward(self, X: NDArray) -> NDArray:
        """Prediction for each sample, shape [N, 1]."""
        raise NotImplementedError

    def backward(self, y: NDArray) -> NDArray:
        """Gradient of each sample's prediction ``y`` with respect to ``W``, one row per sample: [N, D+1]."""
        raise NotImplementedError

    def __call__(self, X: NDArray) -> tuple[NDArray, NDArray]:
        y = as_array(self.forward(X))
        return y, as_array(self.backward(y))

    def train(self) -> None:
        """Does nothing. In other libraries some layers, such as dropout, behave differently while training."""

    def eval(self) -> None:
        """Does nothing. In other libraries it ends what ``train`` begins."""

    def __repr__(self) -> str:
        state = "no weights yet" if self.W is None else f"W of shape {np.shape(self.W)}"
        return f"{type(self).__name__}(num_features={self.num_features}, {state})"
