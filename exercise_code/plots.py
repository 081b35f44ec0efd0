"""The pictures of the exercise. Each function shows one picture and returns nothing.

A picture that needs a trained model, or a function that isn't right yet, says so with a ``NotReadyError``; wrap the
call in ``when_ready()`` to see one sentence in place of the picture.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.contour import ContourSet
from matplotlib.ticker import LogLocator, MaxNLocator, NullLocator, PercentFormatter
from numpy.typing import ArrayLike, NDArray

from exercise_code.data import CLASS_NAMES, Dataset
from exercise_code.errors import DataError
from exercise_code.network import Network
from exercise_code.solver import BaseSolver
from exercise_code.style import HEIGHT, PROBABILITY, arrow, figure, task_box, value_box
from nbprobe.gradient_check import numeric_gradient
from nbprobe.palette import BLUE, GREEN, GREY, INK, ORANGE, PAPER
from nbprobe.ready import NotReadyError

LOOK = ((BLUE, "o"), (ORANGE, "^"))
"""Colour and marker of the two classes."""

LINES = ((BLUE, ":"), (GREEN, "-"), (ORANGE, "--"), (GREY, "-."))
"""Colour and line style of curves that are compared."""


def data_flow() -> None:
    """The whole exercise: what flows forward (blue), what flows backward (orange), and which task does it.

    Needs nothing. Boxes with round corners are arrays with their shapes, coloured boxes are the seven tasks.
    """
    alt = (
        "Data flow of the exercise. Forward: from X and W, task 4, Classifier.forward, makes the logits z and, with "
        "task 3, Classifier.sigmoid, the predictions y-hat; task 1, BCE.forward, compares them with the labels y and "
        "gives the losses L; their mean is J. Backward: task 2, BCE.backward, gives the derivative of L with respect "
        "to y-hat, and task 5, Classifier.backward, that of y-hat with respect to W; task 7, Solver._step, joins them "
        "to the derivative of J with respect to W, and task 6, Optimizer.step, changes W."
    )
    with figure(alt, width=9.5, height=3.75) as (fig, (ax,)):
        fig.set_layout_engine("none")
        ax.set_position((0, 0, 1, 1))
        ax.set(xlim=(0, 9.5), ylim=(0, 3.75), aspect="equal")
        ax.axis("off")
        row, upper, lower = 2.5, 1.18, 0.45  # heights of the forward row and of the two backward rows

        ax.text(0.1, 3.6, "Forward: how wrong are the predictions?", color=BLUE, weight="bold", va="center")
        task_box(ax, 3.2, 2.7, 3.1, 1.3, (4, "Classifier.forward", 3), BLUE)
        arrow(ax, [(1.08, 3.08), (1.65, 2.78)], BLUE)
        arrow(ax, [(1.08, 2.3), (1.65, 2.6)], BLUE)
        task_box(ax, 3.76, row, 1.78, 0.64, (3, "Classifier.sigmoid", 2), BLUE)
        arrow(ax, [(2.44, row), (2.87, row)], BLUE)
        arrow(ax, [(4.65, row), (5.02, row)], BLUE)
        arrow(ax, [(5.7, row), (6.13, row)], BLUE)
        task_box(ax, 6.85, row, 1.44, 0.64, (1, "BCE.forward", 3), BLUE)
        arrow(ax, [(7.57, row), (7.8, row)], BLUE)
        arrow(ax, [(8.4, row), (8.8, row)], BLUE)
        ax.text(8.59, row + 0.12, "mean", ha="center", color=BLUE, fontsize=8.5)
        arrow(ax, [(6.85, 1.81), (6.85, 2.18)], BLUE)

        ax.text(8.15, 1.3, "Backward:\nwhich way\nis better?", color=ORANGE, weight="bold", ha="center", va="center")
        arrow(ax, [(9.1, 2.19), (9.1, lower), (7.65, lower)], ORANGE)
        arrow(ax, [(6.85, 1.19), (6.85, 0.77)], ORANGE)
        task_box(ax, 6.85, lower, 1.6, 0.64, (2, "BCE.backward", 3), ORANGE)
        task_box(ax, 5.2, upper, 1.9, 0.64, (5, "Classifier.backward", 4), ORANGE)
        task_box(ax, 2.9, 0.815, 1.35, 1.37, (7, "Solver._step", 3), ORANGE)
        ax.text(2.9, 0.42, "joins the two", ha="center", va="center", fontsize=8.5, color=GREY)
        task_box(ax, 0.83, upper, 1.54, 0.64, (6, "Optimizer.step", 2), ORANGE)
        for start, end, height, symbol, shape in (
            (6.05, 3.575, lower, r"$\partial L/\partial\hat{y}$", "[N, 1]"),
            (4.25, 3.575, upper, r"$\partial\hat{y}/\partial W$", "[N, D+1]"),
            (2.225, 1.6, upper, r"$\partial J/\partial W$", "[D+1, 1]"),
        ):
            arrow(ax, [(start, height), (end, height)], ORANGE)
            ax.text((start + end) / 2, height + 0.15, symbol, ha="center", va="center", fontsize=11)
            ax.text((start + end) / 2, height - 0.17, shape, ha="center", va="center", fontsize=8.5, color=GREY)
        arrow(ax, [(0.6, 1.5), (0.6, 1.98)], ORANGE)
        ax.text(0.68, 1.72, "new weights", color=ORANGE, fontsize=8.5, va="center")

        arrow(ax, [(4.5, 2.05), (4.5, 1.5)], GREY, dotted=True)
        ax.text(4.44, 1.76, "cache", ha="right", va="center", fontsize=8.5, color=GREY)
        arrow(ax, [(5.25, 2.19), (5.25, 1.5)], GREY, dotted=True)
        arrow(ax, [(5.55, 2.19), (5.55, 1.77), (6.3, 1.77), (6.3, 0.77)], GREY, dotted=True)

        value_box(ax, 0.6, 3.08, r"$\tilde{X}$", "[N, D+1]", width=0.96)
        value_box(ax, 0.6, 2.3, "$W$", "[D+1, 1]", width=0.96)
        value_box(ax, 2.1, row, "$z$", "[N, 1]", width=0.68)
        value_box(ax, 5.36, row, r"$\hat{y}$", "[N, 1]", width=0.68)
        value_box(ax, 6.85, 1.5, "$y$", "[N, 1]", width=0.68)
        value_box(ax, 8.1, row, "$L$", "[N, 1]", width=0.6)
        value_box(ax, 9.1, row, "$J$", "number", width=0.6)


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


def _require_plane(data: Dataset) -> None:
    if len(data.feature_names) != 2:
        raise DataError(f"this picture needs data with two features, and these have {len(data.feature_names)}.")


def _require_trained(W: ArrayLike | None, num_features: int) -> None:
    """Raise unless ``W`` (with or without its bias) differs from the weights that every model starts with."""
    fresh = Network(num_features)
    fresh.initialize_weights()
    flat, start = (np.zeros(0) if weights is None else np.ravel(weights) for weights in (W, fresh.W))
    if not flat.any() or np.array_equal(flat, start[: flat.size]):
        raise NotReadyError(
            "the model has the weights that it started with: it is not trained yet, or no step made it better. The "
            "cell that trains it says why."
        )


def _scatter(ax: Axes, X: NDArray, y: NDArray, size: float = 26) -> None:
    for label, (colour, marker) in enumerate(LOOK):
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


def _label(ax: Axes, data: Dataset) -> None:
    ax.set_xlabel(f"{data.feature_names[0]} (standard deviations from the mean)")
    ax.set_ylabel(f"{data.feature_names[1]} (same unit)")


def _legend(ax: Axes) -> None:
    """The legend, in the line of the title, at its right."""
    columns = len(ax.get_legend_handles_labels()[0])
    ax.legend(
        loc="lower right", bbox_to_anchor=(1, 1), ncols=columns, borderaxespad=0.1, columnspacing=1.2, handletextpad=0.5
    )


def samples(data: Dataset) -> None:
    """The training samples, X [N, 2], in the plane of their two features; colour and marker are the class."""
    _require_plane(data)
    alt = f"Training samples in the plane of {' and '.join(data.feature_names)}; malignant ones lie up and right."
    with figure(alt, width=7.2, height=3.8) as (_, (ax,)):
        _scatter(ax, data.X_train, data.y_train)
        _label(ax, data)
        ax.set_title(f"{len(data.y_train)} training samples")
        _legend(ax)


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
        _legend(ax)


def loss_branches(loss_forward: Callable[[NDArray, NDArray], NDArray]) -> None:
    """Your loss L over the prediction ŷ between 0 and 1, once for label y = 1 and once for y = 0.

    ``loss_forward`` takes predictions and labels, both [N, 1], and gives [N, 1]. The numbers at ŷ = 0.8 are your own.
    """
    y_out = np.linspace(0.005, 0.995, 199).reshape(-1, 1)  # entry 159 is 0.8
    alt = "Loss over the prediction, between 0 and 1, one curve for each label; the losses at 0.8 are marked on both."
    with figure(alt, width=7.2, height=3.4) as (_, (ax,)):
        ax.axvline(0.8, color=GREY, linewidth=1, linestyle=":")
        for label, style, offset in ((1, "-", (8, 4)), (0, "--", (-8, 4))):
            colour, marker = LOOK[label]
            loss = _values(loss_forward, "BCE.forward", 1, y_out, np.full_like(y_out, label))[:, 0]
            ax.plot(y_out[:, 0], loss, color=colour, linestyle=style, label=f"$y = {label}$ ({CLASS_NAMES[label]})")
            ax.plot(y_out[159], loss[159], color=colour, marker=marker, markeredgecolor="white", markersize=9)
            side = "left" if offset[0] > 0 else "right"
            ax.annotate(f"{loss[159]:.2f}", (0.8, loss[159]), offset, textcoords="offset points", ha=side)
        ax.set(xlabel=r"predicted probability $\hat{y}$ of malignant", ylabel="loss $L$", xlim=(0, 1))
        ax.set_ylim(bottom=min(0.0, ax.get_ylim()[0]))
        ax.set_title("What a prediction costs, by what was true")
        _legend(ax)


def loss_surface(
    path: ArrayLike, mean_loss: Callable[[float, float], float], names: tuple[str, str] = ("$w_1$", "$w_2$")
) -> None:
    """Contour lines of the mean loss J over two weights, and the path of gradient descent on it.

    Parameters
    ----------
    path
        The weights visited, [E, 2] or [E, 2, 1] (then ``history["W"]`` of a model with one feature).
    mean_loss
        Gives the mean loss for two weights. It is called 40 × 30 times.
    names
        What the axes are called.
    """
    visited = np.array(path, dtype=float)
    if len(visited) < 2:
        raise NotReadyError("gradient descent has not made a step yet. Run the cell that calls solver.train first.")
    visited = visited.reshape(len(visited), 2)
    centre = (visited.min(axis=0) + visited.max(axis=0)) / 2
    half = max(0.85 * np.max(np.ptp(visited, axis=0) / (1.9, 1.0)), 0.1)
    first = centre[0] + 1.9 * half * np.linspace(-1, 1, 40)
    second = centre[1] + half * np.linspace(-1, 1, 30)
    with np.errstate(all="ignore"):
        surface = np.array([[float(mean_loss(float(a), float(b))) for a in first] for b in second])
    surface = np.ma.masked_invalid(surface)
    steps = "1 step" if len(visited) == 2 else f"{len(visited) - 1} steps"
    alt = f"Contour lines of the mean loss over two weights, and on them the path of {steps} from start to end."
    with figure(alt, width=8.2, height=3.8) as (fig, (ax,)):
        if surface.count() and np.ptp(surface) > 0:
            low, high = float(surface.min()), float(surface.max())
            levels = low + (high - low) * np.linspace(0, 1, 16) ** 1.7  # closer together where it is flat
            filled = ax.contourf(first, second, surface, levels=levels, cmap=HEIGHT)
            ax.contour(first, second, surface, levels=levels, colors="white", linewidths=0.7)
            fig.colorbar(filled, ax=ax, label="mean loss $J$", format="%.2f")
        ax.plot(*visited.T, color=ORANGE, marker=".", markersize=5, linewidth=1.2)
        ends = {"color": ORANGE, "linestyle": "none", "markeredgecolor": INK, "zorder": 3}
        ax.plot(*visited[0], **ends, marker="o", markersize=9, label="start")
        ax.plot(*visited[-1], **ends, marker="*", markersize=15, label=f"after {steps}")
        ax.set(xlabel=names[0], ylabel=names[1], aspect="equal", title="One dot per step")
        ax.set(xlim=(first[0], first[-1]), ylim=(second[0], second[-1]))
        ax.grid(False)
        _legend(ax)


def _progress(solver: BaseSolver) -> dict[str, list]:
    """The history of ``solver``, if there is something to draw in it."""
    if solver.stopped and not solver.best_epoch:
        raise NotReadyError("the training stopped before a step made the model better. The cell that trains says why.")
    if len(solver.history["train_loss"]) < 2:
        raise NotReadyError("the model is not trained yet. Run the cell that calls solver.train first.")
    return solver.history


def training_curves(solver: BaseSolver) -> None:
    """Mean loss J and accuracy over the epochs, on training and validation samples.

    The dotted line is the epoch with the lowest validation loss, whose weights the model keeps.
    """
    history = _progress(solver)
    alt = (
        "Mean loss and accuracy over the epochs, one curve for the training and one for the validation samples. The "
        f"lowest validation loss is that of epoch {solver.best_epoch}."
    )
    with figure(alt, columns=2) as (fig, (left, right)):
        for ax, name, title in ((left, "loss", "Mean loss $J$"), (right, "acc", "Accuracy")):
            ax.axvline(solver.best_epoch, color=GREY, linewidth=1.2, linestyle=":", label="lowest validation loss")
            ax.plot(history[f"train_{name}"], color=BLUE, label="training")
            ax.plot(history[f"val_{name}"], color=ORANGE, linestyle="--", label="validation")
            ax.set(xlabel="epoch", title=title)
            ax.xaxis.set_major_locator(MaxNLocator(6, integer=True))
        left.set_ylim(bottom=0)
        right.yaxis.set_major_formatter(PercentFormatter(1.0))
        handles, names = left.get_legend_handles_labels()
        fig.legend(handles[1:] + handles[:1], names[1:] + names[:1], loc="outside lower center", ncols=3)


def early_stopping(solver: BaseSolver) -> None:
    """Mean loss J over the epochs; on the right the validation loss near its lowest value, magnified.

    The star is the epoch whose weights the model keeps.
    """
    history, best = _progress(solver), solver.best_epoch
    lowest, last = history["val_loss"][best], len(history["val_loss"]) - 1
    alt = (
        f"Mean loss over {last} epochs, for training and validation samples. The validation loss is lowest at epoch "
        f"{best}, {lowest:.4f}, and {history['val_loss'][last]:.4f} at the end; on the right it is magnified."
    )
    with figure(alt, columns=2) as (fig, (left, right)):
        left.plot(history["train_loss"], color=BLUE, label="training")
        for ax in (left, right):
            ax.axvline(best, color=GREY, linewidth=1.2, linestyle=":")
            ax.plot(history["val_loss"], color=ORANGE, linestyle="--", label="validation")
            star: dict[str, Any] = {"color": ORANGE, "markeredgecolor": INK, "markersize": 14, "linestyle": "none"}
            ax.plot(best, lowest, **star, marker="*", label="lowest validation loss", zorder=3, clip_on=False)
            ax.set(xlabel="epoch", xlim=(0, last))
            ax.xaxis.set_major_locator(MaxNLocator(6, integer=True))
        left.set(ylabel="mean loss $J$", title="Training and validation")
        left.set_ylim(bottom=0)
        rise = max(history["val_loss"][last] - lowest, 0.005 * lowest)
        right.set(ylim=(lowest - rise, lowest + 5 * rise), title="Validation, magnified")
        right.annotate(
            f"epoch {best}", (best, lowest), (0, -18), textcoords="offset points", ha="center", va="center"
        ).set_bbox({"facecolor": PAPER, "edgecolor": "none", "pad": 1})
        fig.legend(*left.get_legend_handles_labels(), loc="outside lower center", ncols=3)


@contextmanager
def _borrowed(model: Network) -> Iterator[None]:
    """Lets the block use the model with other weights; afterwards ``W`` and ``cache`` are what they were."""
    W, cache = model.W, model.cache
    model.W = None if W is None else np.array(W)
    try:
        yield
    finally:
        model.W, model.cache = W, cache


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


def decision_boundary(model: Network, data: Dataset) -> None:
    """Prediction over the plane of two features, the line where it is 0.5, and the validation samples [N, 2].

    Samples on the wrong side are ringed.
    """
    _require_plane(data)
    _require_trained(model.W, 2)
    with _borrowed(model):
        wrong = data.X_val[((np.asarray(model.forward(data.X_val)) >= 0.5) != (data.y_val == 1))[:, 0]]
    alt = (
        "Predicted probability over the plane of two features, the straight line where it is 0.5, and the validation "
        f"samples: {len(wrong)} of {len(data.y_val)} are on the wrong side and ringed."
    )
    with figure(alt, width=8.0, height=3.8) as (fig, (ax,)), _borrowed(model):
        filled = _field(ax, model, data.X_val.min(axis=0) - 0.4, data.X_val.max(axis=0) + 0.4)
        fig.colorbar(filled, ax=ax, label=r"predicted probability $\hat{y}$ of malignant")
        _scatter(ax, data.X_val, data.y_val)
        ring: dict[str, Any] = {"s": 110, "facecolors": "none", "edgecolors": INK, "linewidths": 1.5}
        ax.scatter(*wrong.T, **ring, label=f"{len(wrong)} wrong")
        _label(ax, data)
        ax.set_title(rf"{len(data.y_val)} validation samples")
        _legend(ax)


def boundary_over_time(model: Network, data: Dataset, history: Mapping[str, Sequence[Any]]) -> None:
    """The same as ``decision_boundary`` at up to four moments of the training, the first before any step.

    ``history["W"]`` holds the weights [3, 1] after each epoch. The model is left as it was.
    """
    _require_plane(data)
    last = len(history["W"]) - 1
    if last < 1:
        raise NotReadyError("the model is not trained yet. Run the cell that calls solver.train first.")
    _require_trained(model.W, 2)
    epochs = sorted({0, round(last ** (1 / 3)), round(last ** (2 / 3)), last})
    alt = (
        "The line where the predicted probability is 0.5, and the validation samples, at several moments of the "
        f"training: after epochs {', '.join(map(str, epochs))}."
    )
    with figure(alt, columns=len(epochs), width=9.5, height=3.3) as (fig, axes), _borrowed(model):
        low, high = data.X_val.min(axis=0) - 0.4, data.X_val.max(axis=0) + 0.4
        for ax, epoch in zip(axes, epochs, strict=True):
            model.W = np.array(history["W"][epoch], dtype=float)
            filled = _field(ax, model, low, high)
            _scatter(ax, data.X_val, data.y_val, size=12)
            ax.set_title("before training" if epoch == 0 else f"after epoch {epoch}")
            ax.tick_params(labelleft=ax is axes[0])
        fig.supxlabel(f"{data.feature_names[0]} (standard deviations from the mean)", fontsize=10)
        axes[0].set_ylabel(f"{data.feature_names[1]} (same unit)")
        fig.colorbar(filled, ax=list(axes), label=r"predicted probability $\hat{y}$")
        fig.legend(*axes[0].get_legend_handles_labels(), loc="outside upper right", ncols=2, markerscale=1.5)


def calibration_and_confusion(y_out: ArrayLike, y_truth: ArrayLike) -> None:
    """Left: how many samples of each class were called what, at 0.5. Right: how sure the model was, by true class.

    ``y_out`` are predicted probabilities, ``y_truth`` labels 0 or 1; both [N, 1] or [N]. On the right, malignant
    samples count upwards and benign ones downwards; hatched bars with bold numbers are on the wrong side of 0.5.
    """
    if y_out is None or np.size(y_out) == 0 or np.size(y_out) != np.size(y_truth):
        raise NotReadyError("there is not one prediction per label yet. Train the model first.")
    p, y = np.ravel(y_out).astype(float), np.ravel(y_truth).astype(int)
    if not ((p >= 0) & (p <= 1)).all():
        raise NotReadyError("the predictions are no probabilities yet. The checks of tasks 3 and 4 say why.")
    called = (p >= 0.5).astype(int)
    counts = np.array([[np.sum((y == truth) & (called == call)) for call in (0, 1)] for truth in (0, 1)])
    alt = (
        f"Of {len(y)} samples {counts[0, 0]} benign and {counts[1, 1]} malignant ones were recognised, {counts[0, 1]} "
        f"benign ones called malignant, {counts[1, 0]} malignant ones called benign. Beside it, how many samples of "
        "each class got which probability."
    )
    with figure(alt, columns=2, width=9.4, height=3.6) as (_, (left, right)):
        share = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
        meaning = (("correct", "false alarms"), ("missed", "correct"))
        picture = np.empty((2, 2, 3))
        for i, j in np.ndindex(2, 2):
            strength = 0.08 + 0.72 * share[i, j]
            full = np.array(to_rgb(BLUE if i == j else ORANGE))
            picture[i, j] = strength * full + (1 - strength) * np.array(to_rgb(PAPER))
            ink = "white" if strength > 0.5 else INK
            left.text(j, i - 0.08, str(counts[i, j]), ha="center", va="center", fontsize=20, color=ink)
            left.text(j, i + 0.22, meaning[i][j], ha="center", va="center", color=ink)
        left.imshow(picture, aspect="auto")
        left.set(xticks=(0, 1), xticklabels=CLASS_NAMES, yticks=(0, 1), yticklabels=CLASS_NAMES)
        left.set(xlabel=r"called (malignant if $\hat{y} \geq 0.5$)", ylabel="true class")
        left.set_title(f"{counts.trace()} of {len(y)} are right")
        left.grid(False)
        left.spines[:].set_visible(False)
        left.tick_params(length=0)

        edges = np.linspace(0, 1, 11)
        centres = (edges[:-1] + edges[1:]) / 2
        for label, sign in ((1, 1), (0, -1)):
            height = np.histogram(p[y == label], edges)[0]
            wrong = (centres >= 0.5) != (label == 1)
            colour = LOOK[label][0]
            for part, hatch in ((~wrong, None), (wrong, "////")):
                look = {"color": colour if hatch is None else PAPER, "edgecolor": colour, "hatch": hatch}
                right.bar(centres[part], sign * height[part], width=0.088, **look)
            text: dict[str, Any] = {"ha": "center", "va": "bottom" if sign > 0 else "top", "fontsize": 8.5}
            for x, n, bad in zip(centres, height, wrong, strict=True):
                if n:
                    text["weight"] = "bold" if bad else "normal"
                    right.annotate(str(n), (x, sign * n), (0, 3 * sign), textcoords="offset points", **text)
            place: dict[str, Any] = {"transform": right.transAxes, "ha": "center", "color": colour, "weight": "bold"}
            right.text(0.5 - 0.22 * sign, 0.93 if sign > 0 else 0.03, CLASS_NAMES[label], **place)
        right.axhline(0, color=GREY, linewidth=1)
        right.axvline(0.5, color=GREY, linewidth=1.2, linestyle=":")
        limit = 1.25 * max(abs(bound) for bound in right.get_ylim())
        right.set(xlim=(0, 1), ylim=(-limit, limit), xlabel=r"predicted probability $\hat{y}$ of malignant")
        right.yaxis.set_major_locator(MaxNLocator(5, integer=True))
        right.yaxis.set_major_formatter(lambda value, _: f"{abs(value):.0f}")
        right.set(ylabel="number of samples", title="How sure was it? (hatched, bold: wrong)")


def learning_rates(histories: Mapping[str, Sequence[float]]) -> None:
    """Mean loss over the epochs for several learning rates.

    ``histories`` maps a name, for example "too small: 0.001", to the list of training losses of that run, the
    untrained model first. Where the losses differ by more than a factor of 20 the axis is logarithmic. A run that
    stopped in its first epoch is a single cross.
    """
    lengths = [len(losses) for losses in histories.values()]
    if max(lengths, default=0) < 2 or min(lengths) < 1:
        raise NotReadyError("not every learning rate has been trained with yet. Run the cell that trains them first.")
    alt = f"Mean training loss over the epochs, one curve for each of: {'; '.join(histories)}."
    with figure(alt, width=8.6, height=3.6) as (fig, (ax,)):
        seen = np.concatenate([np.asarray(losses, dtype=float) for losses in histories.values()])
        seen = seen[np.isfinite(seen) & (seen > 0)]
        for i, (name, losses) in enumerate(histories.items()):
            colour, style = LINES[i % len(LINES)]
            marker, label = ("x", f"{name} (stopped)") if len(losses) == 1 else (None, name)
            ax.plot(np.asarray(losses, float), color=colour, linestyle=style, linewidth=2, marker=marker, label=label)
        if seen.size and seen.max() > 20 * seen.min():
            ax.set_yscale("log")
            ax.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
            ax.yaxis.set_major_formatter("{x:g}")
            ax.yaxis.set_minor_locator(NullLocator())
        else:
            ax.set_ylim(bottom=0)
        ax.xaxis.set_major_locator(MaxNLocator(integer=True))
        ax.set(xlabel="epoch", ylabel="mean training loss $J$", title="The same model, other learning rates")
        fig.legend(loc="outside right upper", title="learning rate", alignment="left")


def coefficients(yours: ArrayLike | None, rival: ArrayLike, names: Sequence[str]) -> None:
    """The weights of two models side by side: the 10 features with the largest weight in either.

    ``yours`` and ``rival`` have one weight for each of the D ``names``, in any shape; a bias at the end is left out.
    """
    _require_trained(yours, len(names))
    mine, theirs = (np.asarray(weights, dtype=float).ravel() for weights in (yours, rival))
    for weights in (mine, theirs):
        if weights.size not in (len(names), len(names) + 1):
            raise DataError(f"there are {len(names)} feature names, but {weights.size} weights.")
    mine, theirs = mine[: len(names)], theirs[: len(names)]
    size = np.maximum(np.abs(mine), np.abs(theirs))
    chosen = np.argsort(-size, kind="stable")[:10][::-1]  # the largest is drawn last, on top
    alt = (
        f"Weights of your model and of scikit-learn's for the {len(chosen)} features with the largest ones, "
        f"from {names[chosen[-1]]} down to {names[chosen[0]]}."
    )
    with figure(alt, width=8.0, height=0.9 + 0.29 * len(chosen)) as (_, (ax,)):
        rows = np.arange(len(chosen))
        ax.axvline(0, color=GREY, linewidth=1)
        ax.hlines(rows, mine[chosen], theirs[chosen], color="#C8CACD", linewidth=3, zorder=1)
        for weights, (colour, marker), name in ((mine, LOOK[0], "your model"), (theirs, LOOK[1], "scikit-learn")):
            look = {"s": 60, "c": colour, "marker": marker, "edgecolors": "white", "linewidths": 0.8}
            ax.scatter(weights[chosen], rows, label=name, **look)
        ax.set_yticks(rows, [names[i] for i in chosen])
        ax.set_ylim(-0.6, len(chosen) - 0.4)
        ax.set(xlabel="weight (above 0: speaks for malignant)", title=f"The {len(chosen)} largest weights")
        _legend(ax)
