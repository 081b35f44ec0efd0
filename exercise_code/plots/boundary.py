"""What a model of two features predicts all over their plane, and the line where it changes its mind."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.contour import ContourSet
from numpy.typing import NDArray

from exercise_code.data import Dataset
from exercise_code.network import Network
from exercise_code.plots.plane import label_axes, require_plane, scatter
from exercise_code.plots.trained import borrowed, require_trained
from exercise_code.style import PROBABILITY, figure, legend
from nbprobe.palette import INK
from nbprobe.ready import NotReadyError


def decision_boundary(model: Network, data: Dataset) -> None:
    """Prediction over the plane of two features, the line where it is 0.5, and the validation samples [N, 2].

    Samples on the wrong side are ringed.
    """
    require_plane(data)
    require_trained(model.W, 2)
    with borrowed(model):
        wrong = data.X_val[((np.asarray(model.forward(data.X_val)) >= 0.5) != (data.y_val == 1))[:, 0]]
    alt = (
        "Predicted probability over the plane of two features, the straight line where it is 0.5, and the validation "
        f"samples: {len(wrong)} of {len(data.y_val)} are on the wrong side and ringed."
    )
    with figure(alt, width=8.0, height=3.8) as (fig, (ax,)), borrowed(model):
        filled = _field(ax, model, data.X_val.min(axis=0) - 0.4, data.X_val.max(axis=0) + 0.4)
        fig.colorbar(filled, ax=ax, label=r"predicted probability $\hat{y}$ of malignant")
        scatter(ax, data.X_val, data.y_val)
        ring: dict[str, Any] = {"s": 110, "facecolors": "none", "edgecolors": INK, "linewidths": 1.5}
        ax.scatter(*wrong.T, **ring, label=f"{len(wrong)} wrong")
        label_axes(ax, data)
        ax.set_title(rf"{len(data.y_val)} validation samples")
        legend(ax)


def boundary_over_time(model: Network, data: Dataset, history: Mapping[str, Sequence[Any]]) -> None:
    """The same as ``decision_boundary`` at up to four moments of the training, the first before any step.

    ``history["W"]`` holds the weights [3, 1] after each epoch. The model is left as it was.
    """
    require_plane(data)
    last = len(history["W"]) - 1
    if last < 1:
        raise NotReadyError("the model is not trained yet. Run the cell that calls solver.train first.")
    require_trained(model.W, 2)
    epochs = sorted({0, round(last ** (1 / 3)), round(last ** (2 / 3)), last})
    alt = (
        "The line where the predicted probability is 0.5, and the validation samples, at several moments of the "
        f"training: after epochs {', '.join(map(str, epochs))}."
    )
    with figure(alt, columns=len(epochs), width=9.5, height=3.3) as (fig, axes), borrowed(model):
        low, high = data.X_val.min(axis=0) - 0.4, data.X_val.max(axis=0) + 0.4
        for ax, epoch in zip(axes, epochs, strict=True):
            model.W = np.array(history["W"][epoch], dtype=float)
            filled = _field(ax, model, low, high)
            scatter(ax, data.X_val, data.y_val, size=12)
            ax.set_title("before training" if epoch == 0 else f"after epoch {epoch}")
            ax.tick_params(labelleft=ax is axes[0])
        fig.supxlabel(f"{data.feature_names[0]} (standard deviations from the mean)", fontsize=10)
        axes[0].set_ylabel(f"{data.feature_names[1]} (same unit)")
        fig.colorbar(filled, ax=list(axes), label=r"predicted probability $\hat{y}$")
        fig.legend(*axes[0].get_legend_handles_labels(), loc="outside upper right", ncols=2, markerscale=1.5)


def _field(ax: Axes, model: Network, low: NDArray, high: NDArray) -> ContourSet:
    """Colour the plane between the corners ``low`` and ``high`` by prediction, and draw the line where it is 0.5."""
    first, second = np.meshgrid(np.linspace(low[0], high[0], 120), np.linspace(low[1], high[1], 120))
    grid = np.column_stack([first.ravel(), second.ravel()])
    y_out = np.asarray(model.forward(grid), dtype=float)
    if y_out.shape != (len(grid), 1) or not ((y_out >= 0) & (y_out <= 1)).all():
        raise NotReadyError("Classifier.forward gives no probabilities yet. The checks of tasks 3 and 4 say why.")
    y_out = y_out.reshape(first.shape)
    filled = ax.contourf(first, second, y_out, levels=np.linspace(0, 1, 11), cmap=PROBABILITY)
    if y_out.min() < 0.5 < y_out.max():
        ax.contour(first, second, y_out, levels=[0.5], colors=INK, linewidths=1.6)
    ax.set(xlim=(low[0], high[0]), ylim=(low[1], high[1]))
    ax.grid(False)
    return filled
