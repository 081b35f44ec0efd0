"""Compares a derivative with its numeric estimate."""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray


def numeric_gradient(f: Callable[[NDArray], ArrayLike], x: ArrayLike, h: float = 1e-5) -> NDArray:
    """Derivative of every entry of ``f(x)`` with respect to every entry of ``x``, by central differences.

    ``(f(x + h) - f(x - h)) / (2 h)`` is wrong by a term in h² only, where the one-sided quotient is wrong by
    a term in h (Press et al., Numerical Recipes, section 5.7).

    Parameters
    ----------
    f
        Function of an array of the shape of ``x``.
    x
        Where to take the derivative. It is not changed.
    h
        Half the width of the difference, in units of ``x``.

    Returns
    -------
    array of shape ``f(x).shape + x.shape``; if ``f`` gives a single number, the shape of ``x``.
    """
    x = np.array(x, dtype=float)
    if x.size == 0:
        return np.zeros(np.shape(f(x)) + x.shape)
    columns = []
    for index in np.ndindex(x.shape):
        plus, minus = x.copy(), x.copy()
        plus[index] += h
        minus[index] -= h
        columns.append((np.asarray(f(plus), dtype=float) - np.asarray(f(minus), dtype=float)) / (2 * h))
    out_shape = columns[0].shape
    return np.stack(columns, axis=-1).reshape(out_shape + x.shape)


def relative_error(a: ArrayLike, b: ArrayLike) -> float:
    """Largest difference between ``a`` and ``b``, in units of the largest entry of either.

    0 if both are 0, and infinite if there is a NaN or an infinity in either.

    Raises
    ------
    ValueError
        If their shapes differ.
    """
    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    if a.shape != b.shape:
        raise ValueError(f"the shapes differ: {a.shape} and {b.shape}")
    if not (np.isfinite(a).all() and np.isfinite(b).all()):
        return float("inf")
    scale = max(np.abs(a).max(initial=0.0), np.abs(b).max(initial=0.0))
    return float(np.abs(a - b).max(initial=0.0) / scale) if scale > 0 else 0.0
