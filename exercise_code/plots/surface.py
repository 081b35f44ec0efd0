"""The mean loss as a landscape over two weights, and the way that gradient descent takes through it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import ArrayLike, NDArray

from exercise_code.style import HEIGHT, figure, legend
from nbprobe.palette import INK, ORANGE
from nbprobe.ready import NotReadyError

MeanLoss = Callable[[float, float], float]
"""Gives the mean loss for two weights."""


def loss_surface(path: ArrayLike, mean_loss: MeanLoss, names: tuple[str, str] = ("$w_1$", "$w_2$")) -> None:
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
    landscape = Landscape.around(visited, mean_loss)
    steps = "1 step" if len(visited) == 2 else f"{len(visited) - 1} steps"
    alt = f"Contour lines of the mean loss over two weights, and on them the path of {steps} from start to end."
    with figure(alt, width=8.2, height=3.8) as (fig, (ax,)):
        landscape.draw(fig, ax, names)
        draw_path(ax, visited, steps)
        ax.set_title("One dot per step")
        legend(ax)


@dataclass(frozen=True)
class Landscape:
    """The mean loss over two weights: ``height`` [30, 40] over ``first`` [40] and ``second`` [30]."""

    first: NDArray
    second: NDArray
    height: np.ma.MaskedArray

    @classmethod
    def around(cls, visited: NDArray, mean_loss: MeanLoss, room: float = 1.7) -> Self:
        """The landscape around the weights ``visited`` [E, 2]; its window is ``room`` times as large as they need."""
        centre = (visited.min(axis=0) + visited.max(axis=0)) / 2
        half = max(room / 2 * np.max(np.ptp(visited, axis=0) / (1.9, 1.0)), 0.1)
        first = centre[0] + 1.9 * half * np.linspace(-1, 1, 40)
        second = centre[1] + half * np.linspace(-1, 1, 30)
        with np.errstate(all="ignore"):
            height = np.array([[float(mean_loss(float(a), float(b))) for a in first] for b in second])
        return cls(first, second, np.ma.masked_invalid(height))

    def draw(self, fig: Figure, ax: Axes, names: tuple[str, str]) -> None:
        """Fill the axes with contour lines."""
        if self.height.count() and np.ptp(self.height) > 0:
            low, high = float(self.height.min()), float(self.height.max())
            levels = low + (high - low) * np.linspace(0, 1, 16) ** 1.7  # closer together where it is flat
            filled = ax.contourf(self.first, self.second, self.height, levels=levels, cmap=HEIGHT)
            ax.contour(self.first, self.second, self.height, levels=levels, colors="white", linewidths=0.7)
            fig.colorbar(filled, ax=ax, label="mean loss $J$", format="%.2f")
        ax.set(xlabel=names[0], ylabel=names[1], aspect="equal")
        ax.set(xlim=(self.first[0], self.first[-1]), ylim=(self.second[0], self.second[-1]))
        ax.grid(False)

    def holds(self, visited: NDArray) -> bool:
        """Whether all of the weights ``visited`` [E, 2] lie in the window."""
        low, high = (self.first[0], self.second[0]), (self.first[-1], self.second[-1])
        return bool(((visited >= low) & (visited <= high)).all())


def draw_path(ax: Axes, visited: NDArray, steps: str) -> tuple[Line2D, Line2D]:
    """Draw the weights ``visited`` [E, 2] in their order; gives the path and the star at its end."""
    (path,) = ax.plot(*visited.T, color=ORANGE, marker=".", markersize=5, linewidth=1.2)
    ends: dict[str, Any] = {"color": ORANGE, "linestyle": "none", "markeredgecolor": INK, "zorder": 3}
    ax.plot(*visited[0], **ends, marker="o", markersize=9, label="start")
    (star,) = ax.plot(*visited[-1], **ends, marker="*", markersize=15, label=f"after {steps}")
    return path, star
