"""The mean loss as a landscape over two weights, and the way that gradient descent takes through it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import ArrayLike, NDArray

from exercise_code.style import HEIGHT, figure, legend, round_ticks
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
        Gives the mean loss for two weights. It is called about 1,300 times.
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
    lowest: tuple[float, float] | None
    """The two weights with the lowest mean loss, if they lie inside."""

    @classmethod
    def around(cls, visited: NDArray, mean_loss: MeanLoss, room: float = 1.7) -> Self:
        """The landscape around the weights ``visited`` [E, 2]; its window is ``room`` times as large as they need."""
        centre = (visited.min(axis=0) + visited.max(axis=0)) / 2
        half = max(room / 2 * np.max(np.ptp(visited, axis=0) / (1.9, 1.0)), 0.1)
        first = centre[0] + 1.9 * half * np.linspace(-1, 1, 40)
        second = centre[1] + half * np.linspace(-1, 1, 30)
        with np.errstate(all="ignore"):
            height = _heights(first, second, mean_loss)
            return cls(first, second, height, _lowest(first, second, height, mean_loss))

    def draw(self, fig: Figure, ax: Axes, names: tuple[str, str]) -> None:
        """Fill the axes with contour lines."""
        low, high = (float(end) if self.height.count() else 0.0 for end in (self.height.min(), self.height.max()))
        if high > low:
            levels = round_levels(low, high)
            colours = HEIGHT(np.linspace(0, 1, len(levels) - 1))  # by the band: the floor has many of them
            filled = ax.contourf(self.first, self.second, self.height, levels=levels, colors=colours)
            ax.contour(self.first, self.second, self.height, levels=levels, colors="white", linewidths=0.7)
            fig.colorbar(filled, ax=ax, label="mean loss $J$", format="%g", ticks=levels[1:-1:2])
            if self.lowest is not None:
                ax.plot(*self.lowest, color=INK, linestyle="none", marker="+", markersize=11, label="lowest", zorder=4)
        for axis in (ax.xaxis, ax.yaxis):
            round_ticks(axis)
        ax.set(xlabel=names[0], ylabel=names[1], aspect="equal")
        ax.set(xlim=(self.first[0], self.first[-1]), ylim=(self.second[0], self.second[-1]))
        ax.grid(False)

    def holds(self, visited: NDArray) -> bool:
        """Whether all of the weights ``visited`` [E, 2] lie in the window."""
        low, high = (self.first[0], self.second[0]), (self.first[-1], self.second[-1])
        return bool(((visited >= low) & (visited <= high)).all())


def _heights(first: NDArray, second: NDArray, mean_loss: MeanLoss) -> np.ma.MaskedArray:
    return np.ma.masked_invalid([[float(mean_loss(float(a), float(b))) for a in first] for b in second])


def _lowest(
    first: NDArray, second: NDArray, height: np.ma.MaskedArray, mean_loss: MeanLoss
) -> tuple[float, float] | None:
    """Where the lowest of ``height`` is, looked at more closely; None if it is at the edge."""
    if not height.count():
        return None
    row, column = np.unravel_index(int(np.argmin(height)), height.shape)
    if row in (0, len(second) - 1) or column in (0, len(first) - 1):
        return None
    near_first = np.linspace(first[column - 1], first[column + 1], 11)
    near_second = np.linspace(second[row - 1], second[row + 1], 11)
    closer = _heights(near_first, near_second, mean_loss)
    row, column = np.unravel_index(int(np.argmin(closer)), closer.shape)
    return float(near_first[column]), float(near_second[row])


def round_levels(low: float, high: float) -> NDArray:
    """Up to 16 levels from ``low`` to ``high``, closer together near ``low``, all but the ends with short numbers."""
    steps = (high - low) * np.linspace(0, 1, 16)[1:-1] ** 3
    digits = 1 - np.floor(np.log10(np.maximum(steps, 1e-12))).astype(int)
    inner = np.unique([round(low + step, max(n - 1, 0)) for step, n in zip(steps, digits, strict=True)])
    return np.array([low, *inner[(inner > low) & (inner < high)], high])


def draw_path(ax: Axes, visited: NDArray, steps: str) -> tuple[Line2D, Line2D]:
    """Draw the weights ``visited`` [E, 2] in their order; gives the path and the star at its end."""
    (path,) = ax.plot(*visited.T, color=ORANGE, marker=".", markersize=5, linewidth=1.2)
    ends: dict[str, Any] = {"color": ORANGE, "linestyle": "none", "markeredgecolor": INK, "zorder": 3}
    ax.plot(*visited[0], **ends, marker="o", markersize=9, label="start")
    (star,) = ax.plot(*visited[-1], **ends, marker="*", markersize=15, label=f"after {steps}")
    return path, star
