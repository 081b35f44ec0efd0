"""Solvers made of the parts of a solution, as the notebook makes them."""

from types import SimpleNamespace

from exercise_code import BaseSolver
from exercise_code.data import Dataset


def new_solver(
    parts: SimpleNamespace, data: Dataset, rate: float = 1.0, start: list[list[float]] | None = None
) -> BaseSolver:
    """Of the solution's ``Classifier``, ``BCE``, ``Optimizer`` and ``Solver``; ``start`` are weights [D+1, 1]."""
    model = parts.Classifier(num_features=data.X_train.shape[1])
    model.initialize_weights(start)
    return parts.Solver(model, data, parts.BCE(), parts.Optimizer(model, learning_rate=rate))


def trained(parts: SimpleNamespace, data: Dataset, epochs: int = 1, rate: float = 1.0) -> BaseSolver:
    """The same after so many epochs."""
    solver = new_solver(parts, data, rate)
    if epochs:
        solver.train(epochs=epochs, progress=False)
    return solver
