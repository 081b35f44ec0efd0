"""What must have been learnt before there is something to draw, and how a picture borrows a model."""

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
from numpy.typing import ArrayLike

from exercise_code.network import Network
from exercise_code.solver import BaseSolver
from nbprobe.ready import NotReadyError


def progress(solver: BaseSolver) -> dict[str, list]:
    """The history of ``solver``, if there is something to draw in it."""
    if solver.stopped and not solver.best_epoch:
        raise NotReadyError("the training stopped before a step made the model better. The cell that trains says why.")
    if len(solver.history["train_loss"]) < 2:
        raise NotReadyError("the model is not trained yet. Run the cell that calls solver.train first.")
    return solver.history


def require_trained(W: ArrayLike | None, num_features: int) -> None:
    """Raise unless ``W`` (with or without its bias) differs from the weights that every model starts with."""
    fresh = Network(num_features)
    fresh.initialize_weights()
    flat, start = (np.zeros(0) if weights is None else np.ravel(weights) for weights in (W, fresh.W))
    if not flat.any() or np.array_equal(flat, start[: flat.size]):
        raise NotReadyError(
            "the model has the weights that it started with: it is not trained yet, or no step made it better. The "
            "cell that trains it says why."
        )


@contextmanager
def borrowed(model: Network) -> Iterator[None]:
    """Lets the block use the model with other weights; afterwards ``W`` and ``cache`` are what they were."""
    W, cache = model.W, model.cache
    model.W = None if W is None else np.array(W)
    try:
        yield
    finally:
        model.W, model.cache = W, cache
