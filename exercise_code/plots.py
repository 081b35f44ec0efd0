"""The pictures of the exercise, in one style.

Colours are told apart by colour-blind eyes (Okabe and Ito, Color Universal Design, 2008), and every class has a
marker of its own as well. The background is opaque, so that the pictures read the same in a dark theme.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import matplotlib.pyplot as plt
import numpy as np
from IPython.display import display
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from numpy.typing import NDArray

from exercise_code.data import CLASS_NAMES, Dataset
from exercise_code.network import Network
from exercise_code.ready import NotReadyError
from exercise_code.solver import BaseSolver

BLUE, ORANGE, GREEN, GREY = "#0072B2", "#D55E00", "#009E73", "#5F6368"

PROBABILITY = LinearSegmentedColormap.from_list("probability", [BLUE, "#FCFCFA", ORANGE])

STYLE = {
    "figure.facecolor": "#FCFCFA",
    "axes.facecolor": "#FCFCFA",
    "figure.dpi": 100,
    "figure.constrained_layout.use": True,
    "font.size": 10,
    "axes.titlesize": 11,
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": "#E4E4E0",
    "axes.axisbelow": True,
    "legend.frameon": False,
}


@contextmanager
def figure(alt: str, columns: int = 1, width: float = 9.0, height: float = 3.6) -> Iterator[tuple[Figure, NDArray]]:
    """A figure in our style with ``columns`` axes side by side; sizes in inches. Shown when the block ends.

    ``alt`` says in words what is drawn, for those who can't see it.
    """
    with plt.rc_context(STYLE):
        fig, axes = plt.subplots(1, columns, figsize=(width, height), squeeze=False)
        try:
            yield fig, axes[0]
            display(fig, metadata={"image/png": {"alt": alt}})
        finally:
            plt.close(fig)  # or the notebook would show it a second time


def _scatter(ax: Axes, X: NDArray, y: NDArray) -> None:
    for label, colour, marker in ((0, BLUE, "o"), (1, ORANGE, "^")):
        chosen = X[y[:, 0] == label]
        ax.scatter(
            chosen[:, 0],
            chosen[:, 1],
            s=22,
            c=colour,
            marker=marker,
            label=CLASS_NAMES[label],
            alpha=0.75,
            edgecolors="white",
            linewidths=0.4,
        )


def _label(ax: Axes, data: Dataset) -> None:
    ax.set_xlabel(f"{data.feature_names[0]} (standard deviations from the mean)")
    ax.set_ylabel(f"{data.feature_names[1]} (same unit)")


def samples(data: Dataset) -> None:
    """The training samples of a data set with two features."""
    alt = f"Training samples in the plane of {' and '.join(data.feature_names)}; malignant ones lie up and right."
    with figure(alt, width=6.4, height=4.2) as (_, (ax,)):
        _scatter(ax, data.X_train, data.y_train)
        _label(ax, data)
        ax.set_title(f"{len(data.y_train)} training samples")
        ax.legend(loc="upper right")


def training_curves(solver: BaseSolver) -> None:
    """Loss and accuracy over the epochs, on training and validation samples."""
    history = solver.history
    if not history["train_loss"]:
        raise NotReadyError("the model is not trained yet. Run the cell that calls solver.train first.")
    alt = "Mean loss and accuracy over the epochs, one curve for the training and one for the validation samples."
    with figure(alt, columns=2) as (_, (left, right)):
        for ax, name, title in ((left, "loss", "Mean loss"), (right, "acc", "Accuracy")):
            ax.plot(history[f"train_{name}"], color=BLUE, label="training")
            ax.plot(history[f"val_{name}"], color=ORANGE, linestyle="--", label="validation")
            ax.axvline(solver.best_epoch, color=GREY, linewidth=1, linestyle=":", label="best validation loss")
            ax.set_xlabel("epoch")
            ax.set_title(title)
        left.set_ylim(bottom=0)
        right.set_ylim(top=1.0)
        right.legend(loc="lower right")


def decision_boundary(model: Network, data: Dataset) -> None:
    """Predicted probability over the plane of two features, the line where it is 0.5, and the validation samples."""
    alt = "Predicted probability over the plane of two features, the line where it is 0.5, and the validation samples."
    with figure(alt, width=6.8, height=4.4) as (fig, (ax,)):
        low, high = data.X_val.min(axis=0) - 0.4, data.X_val.max(axis=0) + 0.4
        first, second = np.meshgrid(np.linspace(low[0], high[0], 160), np.linspace(low[1], high[1], 160))
        grid = np.column_stack([first.ravel(), second.ravel()])
        probability = np.asarray(model.forward(grid)).reshape(first.shape)
        levels = np.linspace(0.0, 1.0, 11)
        filled = ax.contourf(first, second, probability, levels=levels, cmap=PROBABILITY, alpha=0.35)
        fig.colorbar(filled, ax=ax, label="predicted probability of malignant")
        if probability.min() < 0.5 < probability.max():
            ax.contour(first, second, probability, levels=[0.5], colors="black", linewidths=1.5)
        _scatter(ax, data.X_val, data.y_val)
        _label(ax, data)
        ax.set_title(f"{len(data.y_val)} validation samples and the boundary at probability 0.5")
        ax.legend(loc="upper right")
