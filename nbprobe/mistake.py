"""A wrong result that is seen often, and what to tell who gets it."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nbprobe.reasons import close


@dataclass(frozen=True)
class Mistake:
    """``matches(result)`` tells whether ``result`` has this mistake; ``hint`` is the sentence that helps."""

    hint: str
    matches: Callable[[NDArray], bool]
    about_shape: bool = False  # then it is out of the question where the shape is right


def gives(hint: str, *results: ArrayLike) -> Mistake:
    """The mistake that gives one of ``results``. A single number is meant in any shape: (), (1,), (1, 1)."""
    wrong = [np.asarray(result, dtype=float) for result in results]

    def matches(got: NDArray) -> bool:
        return any(close(got.reshape(()), w.reshape(())) if got.size == w.size == 1 else close(got, w) for w in wrong)

    return Mistake(hint, matches)


def has_shape(hint: str, *shapes: tuple[int, ...]) -> Mistake:
    """The mistake that gives one of ``shapes``."""
    return Mistake(hint, lambda got: got.shape in shapes, about_shape=True)
