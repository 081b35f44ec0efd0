"""Right and wrong verdicts of a model, counted."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.ticker import MaxNLocator
from numpy.typing import ArrayLike, NDArray

from exercise_code.data import CLASS_NAMES
from exercise_code.style import CLASSES, figure
from nbprobe.palette import BLUE, DARK_BLUE, DARK_ORANGE, GREY, INK, ORANGE, PAPER
from nbprobe.ready import NotReadyError


def calibration_and_confusion(y_out: ArrayLike, y_truth: ArrayLike) -> None:
    """Left: how many samples of each class were called what, at 0.5. Right: how sure the model was, by true class.

    ``y_out`` are predicted probabilities, ``y_truth`` labels 0 or 1; both [N, 1] or [N]. On the right, malignant
    samples count upwards and benign ones downwards; hatched bars with bold numbers are on the wrong side of 0.5.
    """
    p, y = probabilities(y_out, y_truth)
    counts = confusion(p, y)
    alt = (
        f"Of {len(y)} samples {counts[0, 0]} benign and {counts[1, 1]} malignant ones were recognised, {counts[0, 1]} "
        f"benign ones called malignant, {counts[1, 0]} malignant ones called benign. Beside it, how many samples of "
        "each class got which probability."
    )
    with figure(alt, columns=2, width=9.4, height=3.6) as (_, (left, right)):
        draw_confusion(left, counts)

        edges = np.linspace(0, 1, 11)
        centres = (edges[:-1] + edges[1:]) / 2
        for label, sign in ((1, 1), (0, -1)):
            height = np.histogram(p[y == label], edges)[0]
            wrong = (centres >= 0.5) != (label == 1)
            colour = CLASSES[label][0]
            for part, hatch in ((~wrong, None), (wrong, "////")):
                look = {"color": colour if hatch is None else PAPER, "edgecolor": colour, "hatch": hatch}
                right.bar(centres[part], sign * height[part], width=0.088, **look)
            text: dict[str, Any] = {"ha": "center", "va": "bottom" if sign > 0 else "top", "fontsize": 8.5}
            for x, n, bad in zip(centres, height, wrong, strict=True):
                if n:
                    text["weight"] = "bold" if bad else "normal"
                    right.annotate(str(n), (x, sign * n), (0, 3 * sign), textcoords="offset points", **text)
            place: dict[str, Any] = {
                "transform": right.transAxes,
                "ha": "center",
                "color": (DARK_BLUE, DARK_ORANGE)[label],
                "weight": "bold",
            }
            right.text(0.5 - 0.22 * sign, 0.93 if sign > 0 else 0.03, CLASS_NAMES[label], **place)
        right.axhline(0, color=GREY, linewidth=1)
        right.axvline(0.5, color=GREY, linewidth=1.2, linestyle=":")
        limit = 1.25 * max(abs(bound) for bound in right.get_ylim())
        right.set(xlim=(0, 1), ylim=(-limit, limit), xlabel=r"predicted probability $\hat{y}$ of malignant")
        right.yaxis.set_major_locator(MaxNLocator(5, integer=True))
        right.yaxis.set_major_formatter(lambda value, _: f"{abs(value):.0f}")
        right.set(ylabel="number of samples", title="How sure was it? (hatched, bold: wrong)")


def probabilities(y_out: ArrayLike, y_truth: ArrayLike) -> tuple[NDArray, NDArray]:
    """Predicted probabilities and labels, both [N]."""
    if y_out is None or np.size(y_out) == 0 or np.size(y_out) != np.size(y_truth):
        raise NotReadyError("there is not one prediction per label yet. Train the model first.")
    p, y = np.ravel(y_out).astype(float), np.ravel(y_truth).astype(int)
    if not ((p >= 0) & (p <= 1)).all():
        raise NotReadyError("the predictions are no probabilities yet. The checks of tasks 3 and 4 say why.")
    return p, y


def confusion(p: NDArray, y: NDArray, threshold: float = 0.5) -> NDArray:
    """How many samples of each class (row) were called what (column), [2, 2]."""
    called = (p >= threshold).astype(int)
    return np.array([[np.sum((y == truth) & (called == call)) for call in (0, 1)] for truth in (0, 1)])


def draw_confusion(ax: Axes, counts: NDArray, threshold: float = 0.5) -> None:
    """Draw ``counts`` [2, 2] as four fields; the more of its class a field holds, the stronger its colour."""
    share = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    meaning = (("correct", "false alarms"), ("missed", "correct"))
    picture = np.empty((2, 2, 3))
    for i, j in np.ndindex(2, 2):
        strength = 0.08 + 0.72 * share[i, j]
        full = np.array(to_rgb(BLUE if i == j else ORANGE))
        picture[i, j] = strength * full + (1 - strength) * np.array(to_rgb(PAPER))
        ink = "white" if strength > 0.5 else INK
        ax.text(j, i - 0.08, str(counts[i, j]), ha="center", va="center", fontsize=20, color=ink)
        ax.text(j, i + 0.22, meaning[i][j], ha="center", va="center", color=ink)
    ax.imshow(picture, aspect="auto")
    ax.set(xticks=(0, 1), xticklabels=CLASS_NAMES, yticks=(0, 1), yticklabels=CLASS_NAMES)
    ax.set(xlabel=rf"called (malignant if $\hat{{y}} \geq {threshold:g}$)", ylabel="true class")
    ax.set_title(f"{counts.trace()} of {counts.sum()} are right")
    ax.grid(False)
    ax.spines[:].set_visible(False)
    ax.tick_params(length=0)
