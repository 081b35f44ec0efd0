"""The plane of two features, and the samples in it."""

from typing import Any

from matplotlib.axes import Axes
from numpy.typing import NDArray

from exercise_code.data import CLASS_NAMES, Dataset
from exercise_code.errors import DataError
from exercise_code.style import CLASSES, figure, legend


def samples(data: Dataset) -> None:
    """The training samples, X [N, 2], in the plane of their two features; colour and marker are the class."""
    require_plane(data)
    alt = f"Training samples in the plane of {' and '.join(data.feature_names)}; malignant ones lie up and right."
    with figure(alt, width=7.2, height=3.8) as (_, (ax,)):
        scatter(ax, data.X_train, data.y_train)
        label_axes(ax, data)
        ax.set_title(f"{len(data.y_train)} training samples")
        legend(ax)


def require_plane(data: Dataset) -> None:
    if len(data.feature_names) != 2:
        raise DataError(f"this picture needs data with two features, and these have {len(data.feature_names)}.")


def scatter(ax: Axes, X: NDArray, y: NDArray, size: float = 26) -> None:
    for label, (colour, marker) in enumerate(CLASSES):
        chosen = X[y[:, 0] == label]
        look: dict[str, Any] = {
            "s": size,
            "c": colour,
            "marker": marker,
            "alpha": 0.8,
            "edgecolors": "white",
            "linewidths": 0.5,
        }
        ax.scatter(chosen[:, 0], chosen[:, 1], label=CLASS_NAMES[label], **look)


def label_axes(ax: Axes, data: Dataset) -> None:
    ax.set_xlabel(f"{data.feature_names[0]} (standard deviations from the mean)")
    ax.set_ylabel(f"{data.feature_names[1]} (same unit)")
