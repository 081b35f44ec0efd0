"""Numbers that say how an exercise went: how hard a task was, and whether it tells the able from the others.

All functions take points as arrays ``[N, T]``, a row per student and a column per task, with NaN for a score that
isn't there. A number that can't be had is None; nothing is guessed.
"""

from collections import Counter
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

FEWEST = 10
"""With fewer students, a correlation says more about chance than about a task."""
SAME = 1e-9
"""Points that differ by less are the same; sums of fractions aren't exact."""


@dataclass(frozen=True)
class TaskNumbers:
    """What one task did.

    Attributes
    ----------
    n : students with a score for it
    mean : of their points
    difficulty : mean share of the points, 1 if everyone has all of them
    full, none : number of students with all of its points, and with none of them
    discrimination : correlation with the sum of the other tasks, or None
    why_not : why there is no discrimination
    counts : number of students by points
    """

    maximum: float
    n: int
    mean: float | None
    difficulty: float | None
    full: int
    none: int
    discrimination: float | None
    why_not: str = ""
    counts: dict[float, int] = field(default_factory=dict)


@dataclass(frozen=True)
class ProbeNumbers:
    """What one probe of a task did.

    Attributes
    ----------
    n : students for whom it was judged
    passed : of these
    alone : students for whom it is the only probe of its task that failed
    """

    name: str
    maximum: float
    n: int
    passed: int
    alone: int

    @property
    def never_separates(self) -> bool:
        """Whether everybody passes it, or everybody fails it, as far as a class of this size can tell."""
        return self.n >= FEWEST // 2 and self.passed in (0, self.n)

    @property
    def never_alone(self) -> bool:
        """Whether others fail wherever it does, and that is often enough to say so."""
        return self.n - self.passed >= FEWEST // 2 and not self.alone


@dataclass(frozen=True)
class Spread:
    """How totals are spread."""

    n: int
    mean: float
    deviation: float | None
    quartiles: tuple[float, float, float]
    lowest: float
    highest: float


def spread(totals: NDArray) -> Spread | None:
    """Of the totals ``[N]``; the deviation is that of a sample (divided by N - 1)."""
    if not len(totals):
        return None
    low, middle, high = (float(value) for value in np.quantile(totals, [0.25, 0.5, 0.75]))
    deviation = float(np.std(totals, ddof=1)) if len(totals) > 1 else None
    return Spread(
        len(totals),
        float(np.mean(totals)),
        deviation,
        (low, middle, high),
        float(np.min(totals)),
        float(np.max(totals)),
    )


def task_numbers(points: NDArray, maximum: list[float]) -> list[TaskNumbers]:
    """The numbers of each task."""
    return [_numbers_of(points, task, most) for task, most in enumerate(maximum)]


def _numbers_of(points: NDArray, task: int, maximum: float) -> TaskNumbers:
    own = points[:, task][~np.isnan(points[:, task])]
    mean = float(np.mean(own)) if len(own) else None
    correlation, why_not = item_rest(points, task)
    return TaskNumbers(
        maximum,
        len(own),
        mean,
        mean / maximum if mean is not None and maximum > 0 else None,
        int(np.sum(own >= maximum - SAME)),
        int(np.sum(own <= SAME)),
        correlation,
        why_not,
        dict(sorted(Counter(float(value) for value in np.round(own, 6)).items())),
    )


def item_rest(points: NDArray, task: int) -> tuple[float | None, str]:
    """Pearson's correlation between a task's points and the sum of the other tasks.

    Only students with a score in every task count. Returns the correlation and "", or None and the reason.
    """
    whole = points[~np.isnan(points).any(axis=1)]
    item, rest = whole[:, task], np.delete(whole, task, axis=1).sum(axis=1)
    if points.shape[1] < 2:
        return None, "there is no other task"
    if len(whole) < FEWEST:
        return None, f"fewer than {FEWEST} students"
    if np.ptp(item) < SAME:
        return None, "everyone has the same points"
    if np.ptp(rest) < SAME:
        return None, "everyone has the same points elsewhere"
    return float(np.clip(np.corrcoef(item, rest)[0, 1], -1, 1)), ""


def by_chance(n: int) -> float:
    """How far from 0 a correlation of ``n`` students often is when there is none: two standard errors."""
    return 2 / float(np.sqrt(max(n - 1, 1)))


def trouble(numbers: TaskNumbers) -> str:
    """Whether a task looks broken: "nobody" has a point, "never full", discrimination is "negative", or ""."""
    if numbers.n >= FEWEST // 2 and numbers.maximum > 0:
        if numbers.none == numbers.n:
            return "nobody"
        if numbers.discrimination is not None and numbers.discrimination < 0:
            return "negative"
        if numbers.n >= FEWEST and not numbers.full:
            return "never full"
    return ""
