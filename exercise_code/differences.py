"""Says in words how a result differs from the one that was expected."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

RTOL, ATOL = 1e-5, 1e-8
"""Two numbers count as equal if they differ by less than ATOL + RTOL times the expected one."""


def as_array(value: Any) -> NDArray | None:
    """``value`` as an array of real numbers, or None if it isn't one."""
    if value is None or isinstance(value, (str, bytes, dict, set)):
        return None
    try:
        array = np.asarray(value)
    except ValueError:  # lists of unequal length
        return None
    return array.astype(float) if array.dtype.kind in "buif" else None


def close(got: NDArray, expected: NDArray) -> bool:
    """Whether two arrays have the same shape and, within the tolerance, the same finite values."""
    return got.shape == expected.shape and bool(np.allclose(got, expected, rtol=RTOL, atol=ATOL))


def short(value: Any) -> str:
    """``value`` in few characters: a number, or the first numbers of an array, or its type."""
    array = as_array(value)
    if array is None:
        return "None" if value is None else f"an object of type {type(value).__name__}"
    if array.size == 1:
        return f"{array.item():.4g}"
    numbers = ", ".join(f"{x:.4g}" for x in array.ravel()[:3])
    return f"[{numbers}{', …' if array.size > 3 else ''}]"


def explain(got: Any, expected: NDArray) -> str | None:
    """The most likely reason why ``got`` isn't ``expected``, or None if they agree.

    Knows nothing of the task at hand: it looks for a missing result, a wrong shape, NaN, a flipped sign, a
    constant factor and a constant offset.
    """
    array = as_array(got)
    if got is None:
        return "The result is None: is there a `return`, and does it return what you computed?"
    if array is None:
        return f"The result must be an array of numbers; it is {short(got)}."
    if array.shape != expected.shape:
        return _explain_shape(array, expected)
    if close(array, expected):
        return None
    if np.isnan(array).any() and not np.isnan(expected).any():
        return "The result contains NaN (not a number): look for 0/0, log of a negative number, or inf − inf."
    if np.isinf(array).any():
        return "The result contains infinity: look for a division by 0, log(0), or exp of a large number."
    if close(-array, expected):
        return "The sign is flipped."
    factor = _constant(array, expected, np.divide)
    if factor is not None:
        return f"Every value is {factor:.4g} times what it should be."
    offset = _constant(array, expected, np.subtract)
    if offset is not None:
        return f"Every value is {abs(offset):.4g} too {'large' if offset > 0 else 'small'}."
    right = int(np.isclose(array, expected, rtol=RTOL, atol=ATOL).sum())
    if right:
        return f"{right} of {array.size} values are right."
    return "The values are wrong."


def _explain_shape(array: NDArray, expected: NDArray) -> str:
    said = f"The shape must be {expected.shape}, but it is {array.shape}"
    n = expected.shape[0] if expected.ndim else 0
    if array.ndim == 0:
        return f"{said}: a single number. Return one value per sample."
    if array.shape == expected.shape[::-1] and array.ndim == 2:
        return f"{said}: rows and columns are swapped."
    if array.shape == (n, n) and expected.shape in ((n, 1), (n,)):
        return f"{said}: a column [N, 1] and a row met, and numpy made a table of all pairs."
    return f"{said}."


def _constant(array: NDArray, expected: NDArray, operation: np.ufunc) -> float | None:
    """The one value of ``operation(array, expected)``, if it is the same everywhere (at least 2 different entries)."""
    if np.unique(expected).size < 2 or (operation is np.divide and (expected == 0).all()):
        return None
    used = expected != 0 if operation is np.divide else np.full(expected.shape, True)
    values = operation(array[used], expected[used])
    rest_is_zero = np.allclose(array[~used], 0.0, atol=ATOL)
    if rest_is_zero and np.allclose(values, values.flat[0], rtol=RTOL, atol=ATOL) and values.flat[0] != 0:
        return float(values.flat[0])
    return None
