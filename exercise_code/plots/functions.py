"""Two functions that the student wrote, as curves: the sigmoid and the loss."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from exercise_code.data import CLASS_NAMES
from exercise_code.style import CLASSES, figure, legend
from nbprobe.gradient_check import numeric_gradient
from nbprobe.palette import BLUE, GREY, ORANGE
from nbprobe.ready import NotReadyError


def sigmoid_and_slope(sigmoid: Callable[[NDArray], NDArray]) -> None:
    """Your sigmoid over the logits −6 to 6, and its slope, measured with small steps (``gradient_check``).

    ``sigmoid`` takes an array of logits and gives one of the same shape.
    """
    z = np.linspace(-6, 6, 241)

    def moved(step: NDArray) -> NDArray:
        return _values(sigmoid, "Classifier.sigmoid", 3, z + step)

    alt = "The sigmoid of the logit z from -6 to 6, and below it its slope as measured; z = 0 is marked on both."
    with figure(alt, width=7.2, height=3.4) as (_, (ax,)):
        curves = (
            (moved(np.zeros(())), BLUE, "-", r"$\hat{y}$, the sigmoid of $z$", "o", -14),
            (numeric_gradient(moved, 0.0), ORANGE, "--", r"its slope $d\hat{y}/dz$, measured", "s", 5),
        )
        ax.axvline(0, color=GREY, linewidth=1, linestyle=":")
        for values, colour, style, name, marker, below in curves:
            ax.plot(z, values, color=colour, linestyle=style, label=name)
            ax.plot(0, values[120], color=colour, marker=marker, markeredgecolor="white", markersize=8)
            ax.annotate(f"{values[120]:.2f}", (0, values[120]), (9, below), textcoords="offset points")
        ax.set(xlabel="logit $z$", xlim=(-6, 6), title="From a logit to a probability")
        ax.set_ylim(min(-0.02, ax.get_ylim()[0]), max(1.02, ax.get_ylim()[1]))
        legend(ax)


def loss_branches(loss_forward: Callable[[NDArray, NDArray], NDArray]) -> None:
    """Your loss L over the prediction ŷ between 0 and 1, once for label y = 1 and once for y = 0.

    ``loss_forward`` takes predictions and labels, both [N, 1], and gives [N, 1]. The numbers at ŷ = 0.8 are your own.
    """
    y_out = np.linspace(0.005, 0.995, 199).reshape(-1, 1)  # entry 159 is 0.8
    alt = "Loss over the prediction, between 0 and 1, one curve for each label; the losses at 0.8 are marked on both."
    with figure(alt, width=7.2, height=3.4) as (_, (ax,)):
        ax.axvline(0.8, color=GREY, linewidth=1, linestyle=":")
        for label, style, offset in ((1, "-", (8, 4)), (0, "--", (-8, 4))):
            colour, marker = CLASSES[label]
            loss = _values(loss_forward, "BCE.forward", 1, y_out, np.full_like(y_out, label))[:, 0]
            ax.plot(y_out[:, 0], loss, color=colour, linestyle=style, label=f"$y = {label}$ ({CLASS_NAMES[label]})")
            ax.plot(y_out[159], loss[159], color=colour, marker=marker, markeredgecolor="white", markersize=9)
            side = "left" if offset[0] > 0 else "right"
            ax.annotate(f"{loss[159]:.2f}", (0.8, loss[159]), offset, textcoords="offset points", ha=side)
        ax.set(xlabel=r"predicted probability $\hat{y}$ of malignant", ylabel="loss $L$", xlim=(0, 1))
        ax.set_ylim(bottom=min(0.0, ax.get_ylim()[0]))
        ax.set_title("What a prediction costs, by what was true")
        legend(ax)


def _values(f: Callable[..., Any], name: str, task: int, *args: NDArray) -> NDArray:
    """What the student's function ``f`` gives for ``args``, if it has the shape of the first of them."""
    with np.errstate(all="ignore"):
        result = f(*(np.array(arg) for arg in args))
    if result is None or np.shape(result) != args[0].shape:
        got = "nothing" if result is None else f"shape {np.shape(result)}"
        raise NotReadyError(
            f"{name} gave {got} for an input of shape {args[0].shape}. The check of task {task} says why."
        )
    return np.asarray(result, dtype=float)
