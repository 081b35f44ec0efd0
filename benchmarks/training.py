"""Prints how fast training is: with the course's solver, in bare numpy, in scikit-learn, and in PyTorch if it is there.

One epoch is one step of gradient descent on all training samples, and then loss and accuracy on training and
validation samples (scikit-learn does less: only the training loss). All ways take turns in one run. Seconds differ from
machine to machine; the ratios are what to read. Measured is processor time, with one thread for each way: others on the
machine disturb it little. Called by `make bench`.
"""

import contextlib
import importlib.util
import io
import random
import statistics
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier
from threadpoolctl import threadpool_limits

from exercise_code import BaseOptimizer, BaseSolver, Loss, Network
from nbjudge.judging.rehearsal import Rehearsal

SOURCE = Path("source/ex04/1_simple_classifier.ipynb")
FEATURES = 30
RATE = 0.1
SIZES = {500: (300, 31), 5_000: (50, 31), 50_000: (4, 31)}
"""Training samples: epochs of a turn, and turns. There are a third as many validation samples, as in the exercise."""

Way = Callable[[int], None]
"""Trains for so many epochs."""


def samples(n: int) -> SimpleNamespace:
    """Data of the shape of the exercise's: standardised features, labels that a straight cut gets mostly right."""
    rng = np.random.default_rng(0)
    X = rng.standard_normal((n + n // 3, FEATURES))
    y = (X @ rng.standard_normal((FEATURES, 1)) + 2 * rng.standard_normal((len(X), 1)) > 0).astype(float)
    return SimpleNamespace(X_train=X[:n], y_train=y[:n], X_val=X[n:], y_val=y[n:])


def reference_classes() -> dict[str, Any]:
    """What the solution cells of the source notebook define."""
    names: dict[str, Any] = {base.__name__: base for base in (BaseOptimizer, BaseSolver, Loss, Network)}
    names["np"] = np
    with contextlib.redirect_stdout(io.StringIO()):  # its first cells print and draw
        solutions = Rehearsal(SOURCE).solutions
    for text in solutions.values():
        exec(text, names)
    return names


def with_solver(names: dict[str, Any], data: SimpleNamespace) -> tuple[Way, Way]:
    """``BaseSolver.train`` with the reference solution; and the same steps and mean losses in a bare loop."""
    model = names["Classifier"](num_features=FEATURES)
    model.initialize_weights()
    loss = names["BCE"]()
    solver = names["Solver"](model, data, loss, names["Optimizer"](model, learning_rate=RATE))

    def train(epochs: int) -> None:
        with contextlib.redirect_stdout(io.StringIO()):  # the progress bar is drawn, but nowhere
            solver.train(epochs, progress=True)

    def calls(epochs: int) -> None:
        for _ in range(epochs):
            solver._step()
            loss.forward(model.forward(data.X_train), data.y_train).mean()
            loss.forward(model.forward(data.X_val), data.y_val).mean()

    return train, calls


def in_numpy(data: SimpleNamespace) -> Way:
    """The formulas of the reference solution one below the other, without classes, checks and history."""
    W = np.zeros((FEATURES + 1, 1))

    def forward(X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        X = np.hstack([X, np.ones((len(X), 1))])
        z = X @ W
        e = np.exp(-np.abs(z))
        return X, np.where(z >= 0, 1 / (1 + e), e / (1 + e))

    def evaluate(X: np.ndarray, y: np.ndarray) -> tuple[float, float]:
        p = np.clip(forward(X)[1], 1e-12, 1 - 1e-12)
        return float(np.mean(-y * np.log(p) - (1 - y) * np.log(1 - p))), float(np.mean((p >= 0.5) == (y >= 0.5)))

    def step(y: np.ndarray) -> None:
        nonlocal W
        X, p = forward(data.X_train)
        dp_dW = p * (1 - p) * X
        q = np.clip(p, 1e-12, 1 - 1e-12)
        np.mean(-y * np.log(q) - (1 - y) * np.log(1 - q))
        W = W - RATE * (dp_dW.T @ (-y / q + (1 - y) / (1 - q)) / len(X))

    def train(epochs: int) -> None:
        for _ in range(epochs):
            step(data.y_train)
            evaluate(data.X_train, data.y_train)
            evaluate(data.X_val, data.y_val)

    return train


def in_numpy_joined(data: SimpleNamespace) -> Way:
    """As one writes it who has joined the derivatives by hand: no table [N, D+1] of them, one forward per epoch."""
    W, b, X, y = np.zeros((FEATURES, 1)), 0.0, data.X_train, data.y_train

    def probability(X: np.ndarray) -> np.ndarray:
        return 1 / (1 + np.exp(-(X @ W + b)))

    def evaluate(p: np.ndarray, y: np.ndarray) -> tuple[float, float]:
        return float(-np.mean(np.log(np.where(y > 0.5, p, 1 - p)))), float(np.mean((p >= 0.5) == (y >= 0.5)))

    def train(epochs: int) -> None:
        nonlocal W, b
        p = probability(X)
        for _ in range(epochs):
            W, b = W - RATE * (X.T @ (p - y) / len(X)), b - RATE * float(np.mean(p - y))
            p = probability(X)
            evaluate(p, y)
            evaluate(probability(data.X_val), data.y_val)

    return train


def in_sklearn(data: SimpleNamespace) -> Way:
    """The same descent: a network without hidden layers, one batch, no momentum. No validation, no accuracy."""
    X, y = data.X_train, data.y_train.ravel()

    def train(epochs: int) -> None:
        MLPClassifier(
            hidden_layer_sizes=(),
            solver="sgd",
            batch_size=len(X),
            learning_rate_init=RATE,
            momentum=0,
            alpha=0,
            max_iter=epochs,
            n_iter_no_change=epochs + 1,
            random_state=0,
        ).fit(X, y)

    return train


def in_torch(data: SimpleNamespace) -> Way | None:
    """A linear layer with a loss on logits, in double precision; loss and accuracy on both parts after each step."""
    if importlib.util.find_spec("torch") is None:
        return None
    torch = importlib.import_module("torch")
    X, y, X_val, y_val = (torch.from_numpy(array) for array in (data.X_train, data.y_train, data.X_val, data.y_val))
    model, loss = torch.nn.Linear(FEATURES, 1, dtype=torch.float64), torch.nn.BCEWithLogitsLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=RATE)

    def train(epochs: int) -> None:
        for _ in range(epochs):
            optimizer.zero_grad()
            loss(model(X), y).backward()
            optimizer.step()
            with torch.no_grad():
                for inputs, labels in ((X, y), (X_val, y_val)):
                    z = model(inputs)
                    loss(z, labels).item(), ((z >= 0) == (labels >= 0.5)).double().mean().item()

    return train


SHARE = "share of BaseSolver itself"
CAPTION = f"{SHARE}: accuracy, history, best weights, checks, progress bar"

CALLS, SOLVER, SAME = "its steps and losses, bare loop", "BaseSolver.train", "bare numpy, same steps"


def ways(names: dict[str, Any], data: SimpleNamespace) -> dict[str, Way | None]:
    train, calls = with_solver(names, data)
    return {
        SAME: in_numpy(data),
        SOLVER: train,
        CALLS: calls,
        "bare numpy, derivatives joined": in_numpy_joined(data),
        "scikit-learn, gradient descent": in_sklearn(data),
        "PyTorch": in_torch(data),
    }


def measure(names: dict[str, Any], n: int) -> dict[str, list[float]]:
    """Seconds of processor time per epoch of every way, one number for each turn; none where a library is missing."""
    epochs, turns = SIZES[n]
    all_ways = ways(names, samples(n))
    for way in filter(None, all_ways.values()):
        way(1)
    seconds: dict[str, list[float]] = {name: [] for name in all_ways}
    order = random.Random(0)
    for _ in range(turns):
        for name, way in order.sample(list(all_ways.items()), len(all_ways)):  # memory remembers who was there before
            if way is not None:
                start = time.process_time()
                way(epochs)
                seconds[name].append((time.process_time() - start) / epochs)
    return seconds


def spread(values: list[float], form: str) -> str:
    """The median, and between what the middle half of the values lies."""
    low, middle, high = (format(value, form) for value in statistics.quantiles(values, n=4))
    return f"{middle} ({low} to {high})"


def main() -> None:
    warnings.simplefilter("ignore", ConvergenceWarning)
    names = reference_classes()
    with threadpool_limits(1):
        measured = {n: measure(names, n) for n in SIZES}
    columns = [f"N = {n:,}" for n in SIZES]
    result = Table(
        "times bare numpy", *columns, title=f"one epoch, {FEATURES} features: median (middle half)", caption=CAPTION
    )
    result.add_row("bare numpy, in ms", *(f"{statistics.median(times[SAME]) * 1e3:.3g}" for times in measured.values()))
    for name in measured[500]:
        cells = []
        for times in measured.values():
            ratios = [own / bare for own, bare in zip(times[name], times[SAME], strict=False)]
            cells.append(spread(ratios, ".2f") if ratios else "not installed")
        if name != SAME:
            result.add_row(name, *cells)
    result.add_section()
    pairs = (zip(times[CALLS], times[SOLVER], strict=True) for times in measured.values())
    result.add_row(SHARE, *(spread([1 - calls / whole for calls, whole in pair], ".0%") for pair in pairs))
    Console(width=max(Console().width, 150)).print(result)


if __name__ == "__main__":
    main()
