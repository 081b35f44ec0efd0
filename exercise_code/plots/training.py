"""Curves over the epochs of a training."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.ticker import LogLocator, NullLocator, PercentFormatter

from exercise_code.plots.trained import progress
from exercise_code.solver import BaseSolver
from exercise_code.style import LINES, figure, round_ticks
from nbprobe.palette import BLUE, GREY, INK, ORANGE, PAPER
from nbprobe.ready import NotReadyError


def training_curves(solver: BaseSolver) -> None:
    """Mean loss J and accuracy over the epochs, on training and validation samples.

    The dotted line is the epoch with the lowest validation loss, whose weights the model keeps.
    """
    history = progress(solver)
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
            round_ticks(ax.xaxis, integer=True)
        left.set_ylim(bottom=0)
        right.yaxis.set_major_formatter(PercentFormatter(1.0))
        handles, names = left.get_legend_handles_labels()
        fig.legend(handles[1:] + handles[:1], names[1:] + names[:1], loc="outside lower center", ncols=3)


def early_stopping(solver: BaseSolver) -> None:
    """Mean loss J over the epochs; on the right the validation loss near its lowest value, magnified.

    The star is the epoch whose weights the model keeps.
    """
    history, best = progress(solver), solver.best_epoch
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
            round_ticks(ax.xaxis, integer=True)
        left.set(ylabel="mean loss $J$", title="Training and validation")
        left.set_ylim(bottom=0)
        rise = max(history["val_loss"][last] - lowest, 0.005 * lowest)
        right.set(ylim=(lowest - rise, lowest + 5 * rise), title="Validation, magnified")
        right.annotate(
            f"epoch {best}", (best, lowest), (0, -18), textcoords="offset points", ha="center", va="center"
        ).set_bbox({"facecolor": PAPER, "edgecolor": "none", "pad": 1})
        fig.legend(*left.get_legend_handles_labels(), loc="outside lower center", ncols=3)


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
        round_ticks(ax.xaxis, integer=True)
        ax.set(xlabel="epoch", ylabel="mean training loss $J$", title="The same model, other learning rates")
        fig.legend(loc="outside right upper", title="learning rate", alignment="left")
