"""The interface of a loss function."""

from numpy.typing import NDArray


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
        return self.forward(y_out, y_truth), self.backward(y_out, y_truth)

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"
