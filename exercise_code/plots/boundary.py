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
from exercise_code.plots.slider import Film
from exercise_code.plots.trained import borrowed, require_trained
from exercise_code.style import PROBABILITY, drawing, figure, legend
from nbprobe.palette import INK
from nbprobe.ready import NotReadyError

RING: dict[str, Any] = {"s": 110, "facecolors": "none", "edgecolors": INK, "linewidths": 1.5}
"""Around a sample on the wrong side."""


def decision_boundary(model: Network, data: Dataset) -> None:
    """Prediction over the plane of two features, the line where it is 0.5, and the validation samples [N, 2].

    Samples on the wrong side are ringed.
    """
    require_plane(data)
    require_trained(model.W, 2)
    with borrowed(model):
        wrong = _wrong(model, data)
    alt = (
        "Predicted probability over the plane of two features, the straight line where it is 0.5, and the validation "
        f"samples: {len(wrong)} of {len(data.y_val)} are on the wrong side and ringed."
    )
    with figure(alt, width=8.0, height=3.8) as (fig, (ax,)), borrowed(model):
        filled, _ = _field(ax, model, data.X_val.min(axis=0) - 0.4, data.X_val.max(axis=0) + 0.4)
        fig.colorbar(filled, ax=ax, label=r"predicted probability $\hat{y}$ of malignant")
        scatter(ax, data.X_val, data.y_val)
        ax.scatter(*wrong.T, **RING, label=f"{len(wrong)} wrong")
        label_axes(ax, data)
        ax.set_title(rf"{len(data.y_val)} validation samples")
        legend(ax)


def boundary_over_time(model: Network, data: Dataset, history: Mapping[str, Sequence[Any]]) -> None:
    """The same as ``decision_boundary`` at up to four moments of the training, the first before any step.

    ``history["W"]`` holds the weights [3, 1] after each epoch. The model is left as it was.
    """
    last = _last_epoch(model, data, history)
    epochs = sorted({0, round(last ** (1 / 3)), round(last ** (2 / 3)), last})
    alt = (
        "The line where the predicted probability is 0.5, and the validation samples, at several moments of the "
        f"training: after epochs {', '.join(map(str, epochs))}."
    )
    with figure(alt, columns=len(epochs), width=9.5, height=3.3) as (fig, axes), borrowed(model):
        low, high = data.X_val.min(axis=0) - 0.4, data.X_val.max(axis=0) + 0.4
        for ax, epoch in zip(axes, epochs, strict=True):
            model.W = np.array(history["W"][epoch], dtype=float)
            filled, _ = _field(ax, model, low, high)
            scatter(ax, data.X_val, data.y_val, size=12)
            ax.set_title("before training" if epoch == 0 else f"after epoch {epoch}")
            ax.tick_params(labelleft=ax is axes[0])
        fig.supxlabel(f"{data.feature_names[0]} (standard deviations from the mean)", fontsize=10)
        axes[0].set_ylabel(f"{data.feature_names[1]} (same unit)")
        fig.colorbar(filled, ax=list(axes), label=r"predicted probability $\hat{y}$")
        fig.legend(*axes[0].get_legend_handles_labels(), loc="outside upper right", ncols=2, markerscale=1.5)


def boundary_slider(model: Network, data: Dataset, history: Mapping[str, Sequence[Any]]) -> None:
    """The same as ``boundary_over_time``, one moment at a time: 14 of them, close together where much changes.

    ``history`` is that of a training, as there. The model is left as it was.
    """
    last = _last_epoch(model, data, history)
    epochs = sorted({0, *(round(epoch) for epoch in np.geomspace(1, last, 13).tolist())})
    first = min(3, len(epochs) - 1)
    low, high = data.X_val.min(axis=0) - 0.4, data.X_val.max(axis=0) + 0.4
    with drawing(width=8.0, height=3.8) as (fig, (ax,)), borrowed(model):
        field, line = _field(ax, model, low, high)
        fig.colorbar(field, ax=ax, label=r"predicted probability $\hat{y}$ of malignant")
        scatter(ax, data.X_val, data.y_val)
        rings = ax.scatter([], [], **RING, label="wrong")
        label_axes(ax, data)
        ax.set_title(f"{len(data.y_val)} validation samples")
        legend(ax)
        film = Film(fig)
        for epoch in epochs:
            field.remove()
            if line is not None:
                line.remove()
            model.W = np.array(history["W"][epoch], dtype=float)
            field, line = _field(ax, model, low, high)
            for below in (field, line):
                if below is not None:
                    below.set_zorder(0)  # it was drawn after the samples
            wrong = _wrong(model, data)
            rings.set_offsets(wrong)
            when = "before training" if epoch == 0 else f"after epoch {epoch}"
            ax.set_title(f"{len(data.y_val)} validation samples, {when}")
            found = f"mean validation loss {history['val_loss'][epoch]:.3f}, {len(wrong)} of {len(data.y_val)} wrong"
            film.take(
                f"{epoch}: {found}",
                "Predicted probability over the plane of two features, the line where it is 0.5, and the validation "
                f"samples, {when}: {found}, and ringed.",
            )
        film.show("epoch", first)


def _wrong(model: Network, data: Dataset) -> NDArray:
    """The validation samples [n, 2] on the wrong side of the line."""
    return data.X_val[((np.asarray(model.forward(data.X_val)) >= 0.5) != (data.y_val == 1))[:, 0]]


def _last_epoch(model: Network, data: Dataset, history: Mapping[str, Sequence[Any]]) -> int:
    """Number of epochs in ``history``, if the training of the model can be drawn."""
    require_plane(data)
    last = len(history["W"]) - 1
    if last < 1:
        raise NotReadyError("the model is not trained yet. Run the cell that calls solver.train first.")
    require_trained(model.W, 2)
    return last


def _field(ax: Axes, model: Network, low: NDArray, high: NDArray) -> tuple[ContourSet, ContourSet | None]:
    """Colour the plane between the corners ``low`` and ``high`` by prediction, and draw the line where it is 0.5.

    Gives both; there is no line where all predictions are on the same side.
    """
    first, second = np.meshgrid(np.linspace(low[0], high[0], 120), np.linspace(low[1], high[1], 120))
    grid = np.column_stack([first.ravel(), second.ravel()])
    y_out = np.asarray(model.forward(grid), dtype=float)
    if y_out.shape != (len(grid), 1) or not ((y_out >= 0) & (y_out <= 1)).all():
        raise NotReadyError("Classifier.forward gives no probabilities yet. The checks of tasks 3 and 4 say why.")
    y_out = y_out.reshape(first.shape)
    filled = ax.contourf(first, second, y_out, levels=np.linspace(0, 1, 11), cmap=PROBABILITY)
    mixed = y_out.min() < 0.5 < y_out.max()
    line = ax.contour(first, second, y_out, levels=[0.5], colors=INK, linewidths=1.6) if mixed else None
    ax.set(xlim=(low[0], high[0]), ylim=(low[1], high[1]))
    ax.grid(False)
    return filled, line
