"""Pictures of the report, as SVG: sharp at any size and in print, and within an <img> they can do nothing."""

import base64
import io
from collections.abc import Iterator
from contextlib import contextmanager

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from nbprobe.palette import BLUE, FAINT_ON_PAGE, GREY, INK, ORANGE, PAGE, STYLE

COMPACT = {"font.size": 8.5, "axes.grid": False, "svg.hashsalt": "report"}
ON_PAGE = {"figure.facecolor": PAGE, "axes.facecolor": PAGE, "grid.color": FAINT_ON_PAGE}


@contextmanager
def _drawing(width: float, height: float) -> Iterator[tuple[Axes, list[str]]]:
    """Axes to draw on; when the block ends, the picture's address is in the list."""
    with mpl.rc_context({**STYLE, **COMPACT, **ON_PAGE}):
        fig = Figure(figsize=(width, height))
        address: list[str] = []
        yield fig.add_subplot(), address
        file = io.BytesIO()
        fig.savefig(file, format="svg", metadata={"Date": None, "Creator": None})
        address.append("data:image/svg+xml;base64," + base64.b64encode(file.getvalue()).decode())


def bins(highest: float, maximum: float) -> NDArray:
    """Edges of the bars: one for each point, or about twenty-five where there are many points."""
    top = max(maximum, highest)
    width = max(1, int(np.ceil(top / 25)))
    return np.arange(-0.5, top + width + 0.5, width) if top else np.array([-0.5, 0.5])


def totals(values: NDArray, maximum: float) -> tuple[str, str]:
    """The spread of totals ``[N]``: address of the picture, and what it shows in words."""
    edges = bins(float(values.max()), maximum)
    counts, _ = np.histogram(values, edges)
    mean, median = float(np.mean(values)), float(np.median(values))
    with _drawing(9.6, 2.9) as (ax, address):
        ax.bar((edges[:-1] + edges[1:]) / 2, counts, width=np.diff(edges) * 0.86, color=BLUE)
        ax.axvline(mean, color=ORANGE, lw=1.6, ls="--", label=f"mean {mean:.1f}")
        ax.axvline(median, color=INK, lw=1.6, ls=":", label=f"median {median:.1f}")
        ax.set(xlabel="points in total", ylabel="students", xlim=(edges[0] - 0.3, edges[-1] + 0.3))
        ax.yaxis.set_major_locator(MaxNLocator(5, integer=True))
        ax.xaxis.set_major_locator(MaxNLocator(12, integer=True))
        ax.grid(True, axis="y")
        ax.legend(loc="upper left", bbox_to_anchor=(0, 1.16), ncols=2, borderaxespad=0)
    most = int(np.argmax(counts))
    alt = (
        f"Histogram of the totals of {len(values)} students, from {values.min():g} to {values.max():g} of {maximum:g} "
        f"points. Mean {mean:.1f}, median {median:.1f}. The highest bar, at {(edges[most] + edges[most + 1]) / 2:g} "
        f"points, has {counts[most]} students."
    )
    return address[0], alt


def task(counts: dict[float, int], maximum: float) -> tuple[str, str]:
    """The spread of one task's points, from the number of students by points: address of the picture, and words."""
    top = max([maximum, *counts]) or 1
    with _drawing(2.5, 0.95) as (ax, address):
        bars = ax.bar(list(counts), list(counts.values()), width=min(0.045 * top, 0.2 * top), color=BLUE)
        ax.bar_label(bars, fontsize=7, padding=1, color=INK) if len(counts) <= 6 else None
        ax.set(xlim=(-0.08 * top, 1.08 * top), ylim=(0, max(counts.values(), default=1) * 1.25), yticks=[])
        ax.set_xticks(np.linspace(0, top, 5 if top % 4 == 0 else 4 if top % 3 == 0 else 3))
        ax.tick_params(axis="x", labelsize=7.5, length=2, color=GREY, pad=2)
        ax.spines["left"].set_visible(False)
    shares = ", ".join(f"{points:g}: {number}" for points, number in list(counts.items())[:12])
    more = f", and {len(counts) - 12} more values" if len(counts) > 12 else ""
    return address[0], f"Number of students by points of {maximum:g}: {shares}{more}."
