"""Says in words how a result differs from the one that was expected."""

import builtins
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from nbprobe.errors import FormError

RTOL, ATOL = 1e-5, 1e-8
"""Two numbers count as equal if they differ by less than ATOL + RTOL times the expected one."""

CAUSES: list[tuple[type[Exception], str, str]] = [
    (
        TypeError,
        "0-dimensional|length-1|size-1",
        "A function for single numbers got an array. numpy has it for arrays.",
    ),
    (ValueError, "truth value of an array", "An `if` (or and, or, max) needs one True or False; an array holds many."),
    (ValueError, "matmul|not aligned", "In a matrix product the inner sizes must agree. Which array, in which order?"),
    (ValueError, "broadcast", "These shapes don't fit together entry by entry. Print them just before this line."),
    (ValueError, "unpack", "Left of the `=` are more or fewer names than there are things on its right."),
    (IndexError, "tuple index out of range", "An array of shape [N] has no second axis: there is only shape[0]."),
    (IndexError, "out of bounds", "An index is too large: is a number of samples or features written into the code?"),
    (NameError, "", "This name was never set. Is it spelled right, and does it need `self.` in front?"),
    (AttributeError, "'NoneType'", "Something is None here: a variable that is not filled yet, or a missing `return`."),
    (AttributeError, "", "There is nothing of that name. Look at the spelling, capital letters count."),
    (TypeError, "NoneType", "Something is None here: a variable that is not filled yet, or a missing `return`."),
    (TypeError, "positional argument", "A function was called with too few or too many arguments."),
    (SyntaxError, "", "Python can't read this method. The message below its cell names the line."),
    (RecursionError, "", "The method calls itself again and again."),
]
"""Type of an exception, pattern in its message, and what is most likely behind it."""


@dataclass(frozen=True)
class Reason:
    """Why something isn't as it should be, in one sentence.

    Attributes
    ----------
    text : the sentence for the student
    general : the same without what is one student's own: numbers, messages, names of what they wrote; by default
        ``text``. Many students get the same one, so that they can be counted, and it names nobody.
    """

    text: str
    general: str = ""

    def __post_init__(self) -> None:
        if not self.general:
            object.__setattr__(self, "general", self.text)

    @classmethod
    def with_numbers(cls, sentence: str, *numbers: float | str) -> Self:
        """A reason with ``numbers`` in the places ``{}`` of ``sentence``; in general they are left out."""
        return cls(sentence.format(*numbers), sentence.format(*["…"] * len(numbers)))

    def as_data(self) -> dict[str, str]:
        """The reason as it is stored."""
        return {"text": self.text, "general": self.general}

    @classmethod
    def from_data(cls, data: Any) -> Self:
        """The reason that was stored.

        Raises
        ------
        FormError
            If this is none.
        """
        if isinstance(data, dict) and isinstance(data.get("text"), str) and isinstance(data.get("general"), str):
            return cls(data["text"], data["general"])
        raise FormError("a reason must have a text, and the same in general")


def error_class(name: str) -> type[BaseException] | None:
    """The class of an error of Python's or numpy's, by its name."""
    known = np.linalg.LinAlgError if name == "LinAlgError" else getattr(builtins, name, None)
    return known if isinstance(known, type) and issubclass(known, BaseException) else None


def public_error(name: str) -> str:
    """The name of an error if it is one of Python's or numpy's; a name that a student chose could be anything."""
    return name if error_class(name) else "another error"


def likely_cause(name: str, message: str) -> str:
    """What is most likely behind an error of this name with this message, or ""."""
    kind = error_class(name)
    if kind is None:
        return ""
    missing = re.match(r"name '(\w+)' is not defined", message)
    if kind is NameError and missing and callable(getattr(np, missing[1], None)):
        return f"It belongs to numpy: write `np.{missing[1]}`."
    return next((cause for known, text, cause in CAUSES if issubclass(kind, known) and re.search(text, message)), "")


def as_array(value: Any) -> NDArray | None:
    """``value`` as an array of real numbers, or None if it isn't one."""
    if value is None or isinstance(value, (str, bytes, dict, set)):
        return None
    try:
        array = np.asarray(value)
        return array.astype(float) if array.dtype.kind in "buif" else None
    except Exception:  # lists of unequal length, or an object that resists
        return None


KINDS: dict[type, str] = {list: "a list of something else", tuple: "a tuple", dict: "a dict", set: "a set"}


def close(got: NDArray, expected: NDArray) -> bool:
    """Whether two arrays have the same shape and, within the tolerance, the same values."""
    return got.shape == expected.shape and bool(np.allclose(got, expected, rtol=RTOL, atol=ATOL))


def short(value: Any, digits: int = 4) -> str:
    """``value`` in few characters: a number, or the first numbers of an array, or its type."""
    if value is None or isinstance(value, (bool, np.bool)):
        return str(value)
    if isinstance(value, str):
        return repr(value if len(value) <= 40 else f"{value[:39]}…")
    array = as_array(value)
    if array is None:
        return KINDS.get(type(value), f"an object of type {type(value).__name__}")
    if array.size == 1:
        return f"{array.item():.{digits}g}"
    numbers = ", ".join(f"{x:.{digits}g}" for x in array.ravel()[:3])
    return f"[{numbers}{', …' if array.size > 3 else ''}]"


def contrast(got: Any, expected: Any, given: Sequence[str] = (), rtol: float = RTOL) -> tuple[str, str, str]:
    """Input in words, ``expected`` and ``got``: their shapes if these differ, else the first row that differs.

    ``given`` names the input of each row.
    """
    array, wanted = as_array(got), as_array(expected)
    if array is None or wanted is None or isinstance(expected, (bool, str)):
        return "", short(expected), short(got)
    if array.shape != wanted.shape:
        value = f": {short(array)}" if array.size == 1 else ""
        return "", f"shape {wanted.shape}", f"shape {array.shape}{value}"
    if wanted.ndim == 0 or wanted.size == 0:
        return given[0] if given else "", *told_apart(wanted, array)
    with np.errstate(all="ignore"):
        differs = ~np.isclose(array, wanted, rtol=rtol, atol=ATOL, equal_nan=True)
    row = int(np.argmax(differs.reshape(len(differs), -1).any(axis=1)))
    where = given[row] if row < len(given) else f"row {row}" if len(wanted) > 1 else ""
    return where, *told_apart(wanted[row], array[row])


def told_apart(expected: NDArray, got: NDArray) -> tuple[str, str]:
    """Both in few characters, but in enough digits that two that differ don't look the same."""
    for digits in (4, 6, 8, 12, 17):
        texts = short(expected, digits), short(got, digits)
        if texts[0] != texts[1]:
            break
    return texts


def explain(got: Any, expected: NDArray) -> Reason | None:
    """The most likely reason why ``got`` isn't ``expected``, or None if they agree.

    Knows nothing of the task at hand: it looks for a missing result, a wrong shape, NaN, a flipped sign, a
    constant factor, a constant offset, and rounding.
    """
    array = as_array(got)
    if got is None:
        return Reason("The result is None: is there a `return`, and does it return what you computed?")
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
        sign = "-" if factor < 0 else ""
        return Reason.with_numbers(f"Every value is {sign}{{}} times what it should be.", f"{abs(factor):.4g}")
    offset = _constant(array, expected, np.subtract)
    if offset is not None:
        much = "large" if offset > 0 else "small"
        return Reason.with_numbers(f"Every value is {{}} too {much}.", f"{abs(offset):.4g}")
    if np.array_equal(array, np.trunc(expected)) and not np.array_equal(expected, np.trunc(expected)):
        return Reason("The digits after the point are cut off. Was the result stored in an array of integers?")
    if np.allclose(array, expected, rtol=0.02, atol=0.02):
        return Reason("Nearly right. Was something rounded, or clipped too early?")
    right = int(np.isclose(array, expected, rtol=RTOL, atol=ATOL).sum())
    if right:
        general = "Some of the values are right, and others wrong."
        return Reason(f"{right} of {array.size} values are right.", general)
    return Reason("The values are wrong.")


def _explain_shape(array: NDArray, expected: NDArray) -> Reason:
    if expected.ndim == 0:
        return Reason("An array came back in place of a single number. Is a mean or a sum missing?")
    n = expected.shape[0]
    if array.ndim == 0:
        return Reason("A single number came back. Return one value per sample.")
    if array.shape == expected.shape[::-1]:
        return Reason("Rows and columns are swapped.")
    if expected.shape in ((n, 1), (n,)) and array.shape == (n, n):
        return Reason.with_numbers("A column [N, {}] and a row met, and numpy made a table of all pairs.", 1)
    if array.shape == (n,):
        return Reason("The second axis is gone: keep the result a column.")
    if array.ndim == expected.ndim and array.shape[0] not in (1, n) and array.shape[1:] == expected.shape[1:]:
        return Reason("The number of rows differs. Is a number of samples written into the code?")
    return Reason("The shape is wrong.")


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
