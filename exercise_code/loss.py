"""The interface of a loss function."""

from copy import copy

from numpy.typing import NDArray

from exercise_code.network import as_array


class Loss:
    """A loss that is computed sample by sample.

    A subclass writes ``forward`` and ``backward``; calling the object gives both at once::

        loss, dloss = loss_func(y_out, y_truth)

    Neither of them averages. The mean over the samples is taken in one place only, the solver's step.
    """

    def forward(self, y_out: NDArray, y_truth: NDArray) -> NDArray:
        """Loss of each sample, in the shape of ``y_out``."""
        raise NotImplementedError

    def backward(self, y_out: NDArray, y_truth: NDArray) -> NDArray:
        """Derivative of each sample's loss with respect to its own ``y_out``, in the shape of ``y_out``."""
        raise NotImplementedError

    def __call__(self, y_out: NDArray, y_truth: NDArray) -> tuple[NDArray, NDArray]:
        # copies, because a loss may be computed in place
        loss = self.forward(copy(y_out), copy(y_truth))
        return as_array(loss), as_array(self.backward(copy(y_out), copy(y_truth)))

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"
