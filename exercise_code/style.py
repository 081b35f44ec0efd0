"""One style for all pictures.

Colours are told apart by colour-blind eyes (Okabe and Ito, Color Universal Design, 2008), and whatever differs in
colour differs in marker or line style as well. The background is opaque, so that the pictures read the same in a
dark theme.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Circle, FancyArrowPatch, FancyBboxPatch
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from exercise_code.picture import show
from exercise_code.tasks import Task
from nbprobe.palette import BEHIND, BLUE, GREEN, GREY, MARKS, ORANGE, PAPER, STYLE
from nbprobe.verdict import RIGHT, WRONG

PROBABILITY = LinearSegmentedColormap.from_list("probability", ["#97C5DD", PAPER, "#ECBD96"])
HEIGHT = LinearSegmentedColormap.from_list("height", ["#3F7FA8", "#B9D4E6", PAPER])
"""The floor is dark, as deep water is on a map."""

CLASSES = ((BLUE, "o"), (ORANGE, "^"))
"""Colour and marker of the two classes."""

LINES = ((BLUE, ":"), (GREEN, "-"), (ORANGE, "--"), (GREY, "-."))
"""Colour and line style of curves that are compared."""


@contextmanager
def drawing(columns: int = 1, width: float = 9.0, height: float = 3.6) -> Iterator[tuple[Figure, NDArray]]:
    """A figure in our style with ``columns`` axes side by side; sizes in inches. Closed when the block ends."""
    with plt.rc_context(STYLE):
        fig, axes = plt.subplots(1, columns, figsize=(width, height), squeeze=False)
        try:
            yield fig, axes[0]
        finally:
            plt.close(fig)  # or the notebook would show it a second time


@contextmanager
def figure(alt: str, columns: int = 1, width: float = 9.0, height: float = 3.6) -> Iterator[tuple[Figure, NDArray]]:
    """A ``drawing`` that is shown when the block ends.

    ``alt`` says in words what is drawn, for those who can't see it.
    """
    with drawing(columns, width, height) as (fig, axes):
        yield fig, axes
        show(fig, alt)


def round_ticks(axis: Axis, integer: bool = False) -> None:
    """Few ticks at round numbers."""
    axis.set_major_locator(MaxNLocator(7, steps=(1, 2, 5, 10), integer=integer))


def legend(ax: Axes) -> None:
    """The legend, in the line of the title, at its right."""
    columns = len(ax.get_legend_handles_labels()[0])
    ax.legend(
        loc="lower right", bbox_to_anchor=(1, 1), ncols=columns, borderaxespad=0.1, columnspacing=1.2, handletextpad=0.5
    )


def value_box(ax: Axes, x: float, y: float, symbol: str, shape: str, width: float = 0.72) -> None:
    """A quantity of the data flow, centred at ``x``, ``y``: its symbol, and its shape below."""
    height = 0.62
    corner = (x - width / 2, y - height / 2)
    ax.add_patch(FancyBboxPatch(corner, width, height, "round,pad=0,rounding_size=0.14", fc="white", ec=GREY, lw=1.2))
    ax.text(x, y + 0.1, symbol, ha="center", va="center", fontsize=13)
    ax.text(x, y - 0.18, shape, ha="center", va="center", fontsize=8.5, color=GREY)


def task_box(
    ax: Axes, x: float, y: float, width: float, height: float, task: Task, colour: str, state: str = ""
) -> None:
    """A task of the data flow, centred at ``x``, ``y``, with a mark for its ``state`` if it is right or wrong."""
    corner = (x - width / 2, y - height / 2)
    ax.add_patch(
        FancyBboxPatch(corner, width, height, "round,pad=0,rounding_size=0.08", fc=colour + "1C", ec=colour, lw=1.4)
    )
    top = y + height / 2 - 0.21
    ax.add_patch(Circle((x - width / 2 + 0.2, top), 0.125, fc=colour, ec="none"))
    ax.text(
        x - width / 2 + 0.2,
        top - 0.01,
        str(task.number),
        ha="center",
        va="center",
        fontsize=9,
        color="w",
        weight="bold",
    )
    ax.text(x - width / 2 + 0.38, top, task.method, ha="left", va="center", fontsize=9, weight="bold")
    ax.text(x - width / 2 + 0.38, top - 0.21, f"{task.points} points", ha="left", va="center", fontsize=8.5, color=GREY)
    if state in (RIGHT, WRONG):
        look: dict[str, Any] = {"boxstyle": "round,pad=0.2", "fc": BEHIND[state], "ec": "none"}
        place = x + width / 2 - 0.08, y + height / 2 - 0.02
        ax.text(*place, MARKS[state], ha="center", va="center", fontsize=9, color="w", weight="bold", bbox=look)


def arrow(ax: Axes, points: list[tuple[float, float]], colour: str, dotted: bool = False) -> None:
    """An arrow along ``points``, bent at right angles; ``dotted`` is for what is only looked up."""
    line: dict[str, Any] = {"color": colour, "lw": 1.1 if dotted else 1.8, "ls": (0, (1, 2)) if dotted else "-"}
    if len(points) > 2:
        ax.plot(*zip(*points[:-1], strict=True), **line, solid_capstyle="projecting")
    head: dict[str, Any] = {"arrowstyle": "-|>", "mutation_scale": 9 if dotted else 13, "shrinkA": 0, "shrinkB": 0}
    ax.add_patch(FancyArrowPatch(points[-2], points[-1], **head, **line))
