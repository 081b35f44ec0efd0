"""The interface of an optimizer."""

import math
import numbers

from numpy.typing import NDArray

from exercise_code.errors import TrainingError
from exercise_code.network import Network


class BaseOptimizer:
    """Changes the weights of ``model``, given a gradient.

    Attributes
    ----------
    model : Network
        The model whose ``W`` is updated.
    lr : float
        The learning rate: how far one step goes, in units of weight per unit of gradient.
    """

    def __init__(self, model: Network, learning_rate: float = 0.1) -> None:
        """
        Raises
        ------
        TrainingError
            If the learning rate is not a positive finite number.
        """
        number = isinstance(learning_rate, numbers.Real) and not isinstance(learning_rate, bool)
        if not (number and 0 < learning_rate < math.inf):
            raise TrainingError(f"the learning rate must be a positive number, not {learning_rate!r}.")
        self.model = model
        self.lr = learning_rate

    def step(self, dw: NDArray) -> None:
        """Update ``self.model.W`` once. ``dw`` is the gradient of the loss, of the shape of ``W``."""
        raise NotImplementedError

    def __repr__(self) -> str:
        return f"{type(self).__name__}(learning_rate={self.lr:g})"
