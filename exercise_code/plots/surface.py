"""The mean loss as a landscape over two weights, and the way that gradient descent takes through it."""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from exercise_code.style import HEIGHT, figure, legend
from nbprobe.palette import INK, ORANGE
from nbprobe.ready import NotReadyError


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
        legend(ax)
