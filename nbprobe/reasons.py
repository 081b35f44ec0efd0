"""Says in words how a result differs from the one that was expected."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nbprobe.reason import Reason

RTOL, ATOL = 1e-5, 1e-8
"""Two numbers count as equal if they differ by less than ATOL + RTOL times the expected one."""


def as_array(value: Any) -> NDArray | None:
    """``value`` as an array of real numbers, or None if it isn't one."""
    if value is None or isinstance(value, (dict, set)) or holds_text(value):
        return None
    try:
        array = np.asarray(value)
        is_large = array.dtype.kind == "O" and all(type(number) is int for number in array.flat)  # beyond 64 bits
        return array.astype(float) if is_large or array.dtype.kind in "buif" else None
    except Exception:  # lists of unequal length, or an object that resists
        return None


def holds_text(value: Any) -> bool:
    """Whether there is a text in a value. numpy would give each part of an array as much room as the longest."""
    return isinstance(value, (str, bytes)) or (isinstance(value, (list, tuple)) and any(map(holds_text, value)))


KINDS: dict[type, str] = {list: "a list of something else", tuple: "a tuple", dict: "a dict", set: "a set"}


def close(got: NDArray, expected: NDArray, rtol: float = RTOL, equal_nan: bool = False) -> bool:
    """Whether two arrays have the same shape and, within the tolerance, the same values.

    As ``np.allclose`` (same arguments, same answer), but several times quicker on the small arrays of probes.
    """
    if got.shape != expected.shape:
        return False
    with np.errstate(all="ignore"):
        near = (np.abs(got - expected) <= ATOL + rtol * np.abs(expected)) & np.isfinite(expected) | (got == expected)
        if equal_nan:
            near |= (got != got) & (expected != expected)
    return bool(near.all())


def short(value: Any, digits: int = 4) -> str:
    """``value`` in few characters: a number, or the first numbers of an array, or its type."""
    if value is None or isinstance(value, (bool, np.bool)):
        return str(value)
    if isinstance(value, str):
        return repr(value if len(value) <= 40 else f"{value[:39]}…")
    if type(value) is int and digits == 4:
        return str(value) if abs(value) < 10**30 else f"{str(value)[:29]}…"
    array = as_array(value)
    if array is None:
        return KINDS.get(type(value), f"an object of type {type(value).__name__}")
    if array.size == 1:
        return f"{array.item():.{digits}g}"
    numbers = ", ".join(f"{x:.{digits}g}" for x in array.ravel()[:3])
    return f"[{numbers}{', …' if array.size > 3 else ''}]"


def explain(got: Any, expected: NDArray) -> Reason | None:
    """The most likely reason why ``got`` isn't ``expected``, or None if they agree.

    Knows nothing of the task at hand: it looks for a missing result, a wrong shape, NaN, a flipped sign, a
    constant factor, a constant offset, and rounding.
    """
    array = as_array(got)
    if got is None:
        return Reason(
            "The result is None: is there a `return`, and has the name that it returns got what you computed?"
        )
    if isinstance(got, tuple) and (array is None or array.shape != expected.shape):
        return Reason.with_numbers("The result is a tuple of {}. Return one array.", len(got))
    if array is None or isinstance(got, (bool, np.bool)):
        general = "The result must be an array of numbers" if expected.ndim else "The result must be a number"
        return Reason(f"{general}; it is {short(got)}.", f"{general}.")
    if array.shape != expected.shape:
        return _explain_shape(array, expected)
    if close(array, expected):
        return None
    if np.isnan(array).any() and not np.isnan(expected).any():
        sentence = "The result contains NaN (not a number): look for {}/{}, log of a negative number, or inf − inf."
        return Reason.with_numbers(sentence, 0, 0)
    if np.isinf(array).any():
        sentence = "The result contains infinity: look for a division by {}, log({}), or exp of a large number."
        return Reason.with_numbers(sentence, 0, 0)
    if close(-array, expected):
        return Reason("The sign is flipped.")
    factor = _constant(array, expected, np.divide)
    if factor is not None:
        return _explain_factor(factor, expected)
    offset = _constant(array, expected, np.subtract)
    if offset is not None:
        much = "large" if offset > 0 else "small"
        return Reason.with_numbers(f"Every value is {{}} too {much}.", f"{abs(offset):.4g}")
    if reason := _explain_rows(array, expected):
        return reason
    truncated = np.trunc(expected)
    if truncated.any() and np.array_equal(array, truncated) and not np.array_equal(expected, truncated):
        return Reason("The digits after the point are cut off. Was the result stored in an array of integers?")
    digits = next((digits for digits in range(7) if close(array, np.round(expected, digits))), None)
    if digits is not None and array.any():
        return Reason.with_numbers("The result is rounded to {} digits after the point. Keep all of them.", digits)
    if np.allclose(array, expected, rtol=0.02, atol=0.005):
        return Reason("Nearly right. Was something small added, rounded, or clipped?")
    if np.unique(expected).size > 1 and np.allclose(array, np.mean(expected)):
        return Reason("Every value is the mean of what it should be. Each has one of its own.")
    right = int(np.isclose(array, expected, rtol=RTOL, atol=ATOL).sum())
    if right:
        general = "Some of the values are right, and others wrong."
        return Reason(f"{right} of {array.size} values are right.", general)
    return Reason("The values are wrong.")


def _explain_factor(factor: float, expected: NDArray) -> Reason:
    """What a factor by which all values are wrong may come from."""
    rows = expected.shape[0] if expected.ndim else 1
    flipped = "The sign is flipped, and every value" if factor < 0 else "Every value"
    if rows > 1 and np.isclose(abs(factor) * rows, 1):
        return Reason(f"{flipped} is divided by the number of rows.")
    if rows > 1 and np.isclose(abs(factor), rows):
        return Reason(f"{flipped} is multiplied by the number of rows.")
    return Reason.with_numbers(f"{flipped} is {{}} times what it should be.", f"{abs(factor):.4g}")


def _explain_rows(array: NDArray, expected: NDArray) -> Reason | None:
    """What a loop over the rows may have done: all right but one at an end, or one right and nothing else."""
    rows = len(expected) if expected.ndim else 0
    if rows < 3:
        return None
    right = np.isclose(array, expected, rtol=RTOL, atol=ATOL).reshape(rows, -1).all(axis=1)
    empty = (array == 0).reshape(rows, -1).all(axis=1) & ~right
    if right[:-1].all() and empty[-1]:
        return Reason("Only the last row is missing: a loop ends one too early.")
    if right[1:].all() and empty[0]:
        return Reason("Only the first row is missing: a loop begins one too late.")
    if right[0] and (empty | right)[1:].all() and empty[1:].any() and not right[1:].any():
        return Reason("Only the first row is filled. Does `return` stand inside of a loop?")
    if right[-1] and (empty | right)[:-1].all() and empty[:-1].any() and not right[:-1].any():
        return Reason("Only the last row is filled. Does each turn of a loop begin anew?")
    return None


def _explain_shape(array: NDArray, expected: NDArray) -> Reason:
    if expected.ndim == 0:
        return Reason("An array came back in place of a single number. Is a mean or a sum missing?")
    n = expected.shape[0]
    if n > 1 and (reason := _explain_joined(array, expected)):
        return reason
    if array.ndim == 0:
        return Reason("A single number came back in place of an array. Was something added up or averaged?")
    if array.shape == expected.shape[::-1]:
        return Reason("Rows and columns are swapped.")
    if expected.shape in ((n, 1), (n,)) and array.shape == (n, n):
        return Reason.with_numbers("A column [N, {}] and a row met, and numpy made a table of all pairs.", 1)
    if array.shape == (n,):
        return Reason("The second axis is gone: keep the result a column.")
    if array.ndim == expected.ndim and array.shape[0] == n and array.shape[1:] != expected.shape[1:]:
        return Reason("The number of columns is wrong. Was another array returned, or is a sum missing?")
    if array.ndim == expected.ndim and array.shape[0] not in (1, n) and array.shape[1:] == expected.shape[1:]:
        return Reason("The number of rows is wrong. Was another array returned, or is a number written into the code?")
    return Reason("The shape is wrong.")


def _explain_joined(array: NDArray, expected: NDArray) -> Reason | None:
    """Whether the rows of the right result were added up, averaged, or all but one dropped."""
    rows = expected.reshape(len(expected), -1)
    if array.size not in (1, rows.shape[1]):
        return None
    ways: dict[str, Callable[..., Any]] = {
        "The rows of the result were added up (a sum over all, along axis {}, or by a matrix product)": np.sum,
        "The rows of the result were averaged": np.mean,
    }
    for said, join in ways.items():
        joined = join(rows, axis=0) if array.size == rows.shape[1] else join(rows)
        if np.allclose(np.abs(array.ravel()), np.abs(joined)):
            sign = "" if np.allclose(array.ravel(), joined) else ", and the sign is flipped"
            return Reason.with_numbers(f"{said}{sign}. Keep each row by itself.", 0)
    for row, said in ((0, "first"), (-1, "last")):
        if array.size == rows.shape[1] and np.allclose(array.ravel(), rows[row]):
            return Reason(f"Only the {said} row came back. Does `return` stand inside of a loop?")
    return None


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
