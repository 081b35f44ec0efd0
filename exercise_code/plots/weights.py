"""What two models learnt, weight by weight."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from exercise_code.errors import DataError
from exercise_code.plots.trained import require_trained
from exercise_code.style import CLASSES, figure, legend
from nbprobe.palette import GREY


def coefficients(yours: ArrayLike | None, rival: ArrayLike, names: Sequence[str]) -> None:
    """The weights of two models side by side: the 10 features with the largest weight in either.

    ``yours`` and ``rival`` have one weight for each of the D ``names``, in any shape; a bias at the end is left out.
    """
    require_trained(yours, len(names))
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
        for weights, (colour, marker), name in ((mine, CLASSES[0], "your model"), (theirs, CLASSES[1], "scikit-learn")):
            look = {"s": 60, "c": colour, "marker": marker, "edgecolors": "white", "linewidths": 0.8}
            ax.scatter(weights[chosen], rows, label=name, **look)
        ax.set_yticks(rows, [names[i] for i in chosen])
        ax.set_ylim(-0.6, len(chosen) - 0.4)
        ax.set(xlabel="weight (above 0: speaks for malignant)", title=f"The {len(chosen)} largest weights")
        legend(ax)
