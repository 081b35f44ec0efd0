"""The threshold, to play with: misses against false alarms, and what they cost together."""

import numpy as np
from matplotlib.ticker import MaxNLocator
from numpy.typing import ArrayLike

from exercise_code.plots.slider import Film
from exercise_code.plots.verdicts import confusion, draw_confusion, probabilities
from exercise_code.style import drawing
from nbprobe.palette import GREY, INK, ORANGE

THRESHOLDS = np.arange(1, 20) / 20
FIRST = 9
"""0.5, the threshold that accuracy is counted with"""


def threshold_slider(y_out: ArrayLike, y_truth: ArrayLike, miss: float = 10) -> None:
    """Left: who is called what, for thresholds from 0.05 to 0.95. Right: what the mistakes cost with each of them.

    ``y_out`` are predicted probabilities, ``y_truth`` labels 0 or 1; both [N, 1] or [N]. A false alarm costs 1, a miss
    costs ``miss``.
    """
    p, y = probabilities(y_out, y_truth)
    counts = [confusion(p, y, threshold) for threshold in THRESHOLDS]
    costs = [float(miss * missed[1, 0] + missed[0, 1]) for missed in counts]
    with drawing(columns=2, width=9.4, height=3.6) as (fig, (left, right)):
        draw_confusion(left, counts[FIRST], float(THRESHOLDS[FIRST]))
        right.plot(THRESHOLDS, costs, color=GREY, marker=".", markersize=6, linewidth=1.2)
        line = right.axvline(THRESHOLDS[FIRST], color=GREY, linewidth=1.2, linestyle=":")
        (here,) = right.plot([], [], color=ORANGE, marker="o", markersize=11, markeredgecolor=INK, zorder=3)
        right.set(xlim=(0, 1), xlabel="threshold", ylabel="cost (a false alarm is 1)")
        right.set_ylim(0, 1.08 * max(*costs, 1))
        right.yaxis.set_major_locator(MaxNLocator(6, integer=True))
        right.set_title(f"Cost of all mistakes, if a miss costs {miss:g}")
        film = Film(fig)
        for threshold, count, cost in zip(THRESHOLDS, counts, costs, strict=True):
            for old in (*left.texts, *left.images):
                old.remove()
            draw_confusion(left, count, threshold)
            line.set_xdata([threshold, threshold])
            here.set_data([threshold], [cost])
            label = f"{threshold:g}: {_misses(count[1, 0])} and {_alarms(count[0, 1])} cost {cost:g}"
            alt = (
                f"Threshold {label}, if a miss costs {miss:g}. Of {len(y)} samples {count.trace()} are right. Beside "
                "it, the cost of all mistakes over the threshold."
            )
            film.take(label, alt)
        film.show("threshold", FIRST)


def _misses(number: int) -> str:
    return "1 miss" if number == 1 else f"{number} misses"


def _alarms(number: int) -> str:
    return "1 false alarm" if number == 1 else f"{number} false alarms"
