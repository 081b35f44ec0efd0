"""Compares a result with the right one, and says why it differs. No sentence quotes the right one."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nbprobe.budget import number_of_empty
from nbprobe.kinds import NAMES, OUTCOMES, Printed
from nbprobe.reason import Reason
from nbprobe.reasons import RTOL, as_array, close, explain, holds_text, short
from nbprobe.text_reasons import outcome_reason, text_reason

OFF_BY_ONE = Reason("The whole number is off by one: does a loop or a range begin or end one step wrong?")
NOT_EXACT = Reason("Nearly right, but a whole number is exact. Was there a number with a decimal point on the way?")
ORDER = Reason("The entries are right, but they stand in another order.")


def compare(value: Any, expected: Any, rtol: float = RTOL) -> Reason | None:
    """The reason why ``value`` isn't ``expected`` within the tolerance, or None if it is.

    Whole numbers are compared exactly, unless there is a tolerance of its own. The sentence holds no number of
    ``expected``.
    """
    with np.errstate(all="ignore"):  # the numbers may be anything
        return _compare(value, expected, rtol)


def agree(value: Any, expected: Any) -> bool:
    """Whether ``compare`` finds no difference. Much quicker where there is one: nothing has to be explained."""
    if isinstance(value, Printed) and isinstance(expected, Printed):
        return value.lines == expected.lines and (bool(value.lines) or value.returned == expected.returned)
    array, wanted = as_array(value), as_array(expected)
    if array is None or wanted is None or isinstance(expected, (bool, str, list, tuple)):
        return compare(value, expected) is None
    with np.errstate(all="ignore"):
        return _equal(value, expected, array, wanted, RTOL)


def number_of_parts(value: Any) -> int:
    """How many numbers, texts, empty lists and the like a value has. Values that agree have as many."""
    if isinstance(value, np.ndarray):
        return value.size or number_of_empty(value.shape)
    if isinstance(value, dict):
        return len(value) + sum(map(number_of_parts, value.values())) or 1
    if isinstance(value, (list, tuple)) and not isinstance(value, OUTCOMES):
        return sum(map(number_of_parts, value)) or 1
    return len(value) or 1 if isinstance(value, set) else 1


def is_bool(value: Any) -> bool:
    """Whether a value is True or False, or an array of these."""
    if isinstance(value, OUTCOMES):
        return False
    try:
        return not holds_text(value) and np.asarray(value).dtype.kind == "b"
    except ValueError:  # lists of unequal length
        return False


def holds_bool(value: Any) -> bool:
    """Whether there is a True or a False in it. numpy makes numbers of those that stand beside numbers."""
    if type(value) in (list, tuple):
        return any(map(holds_bool, value))
    return type(value) is bool or (isinstance(value, np.ndarray) and value.dtype.kind == "b")


def _compare(value: Any, expected: Any, rtol: float) -> Reason | None:
    if isinstance(value, OUTCOMES) or isinstance(expected, OUTCOMES):
        return outcome_reason(value, expected)
    if value is None and expected is not None:
        return explain(None, np.zeros(1))
    if expected is None and value is not None:
        return Reason(f"Nothing is to be returned; the result is {_kind(value)}.")
    wanted = as_array(expected)
    if wanted is None or isinstance(expected, (bool, str)):
        return _compare_data(value, expected, rtol)
    array = as_array(value)
    if array is not None and _equal(value, expected, array, wanted, rtol):
        return None
    if isinstance(expected, (list, tuple)):
        if isinstance(value, np.ndarray) and holds_bool(expected):
            value = value.tolist()
        if isinstance(value, (list, tuple)):
            return _compare_data(value, expected, rtol) or NOT_EXACT
    if wanted.ndim == 0 and (isinstance(value, str) or type(value) is bool):
        return Reason(
            f"The result must be a number; it is {_kind(value)}: {short(value)}.",
            f"The result must be a number; it is {_kind(value)}.",
        )
    if array is not None and holds_bool(value) and not holds_bool(expected):
        return Reason(f"The result must be an array of numbers; it is {_kind(value)}.")
    if array is not None and is_bool(expected) and not holds_bool(value):
        return Reason(f"The result must be an array of True and False; it is {_kind(value)}.")
    if array is not None and array.shape == wanted.shape and _is_exact(expected, rtol):
        if wanted.ndim == 0 and type(value) is int and abs(value - _integer(expected)) == 1:
            return OFF_BY_ONE
        if close(array, wanted, rtol):
            return NOT_EXACT
    return explain(value, wanted) or Reason("The values are wrong.")


def _equal(value: Any, expected: Any, array: NDArray, wanted: NDArray, rtol: float) -> bool:
    """Whether numbers are the same: whole ones exactly, others within the tolerance. True and False are none."""
    if not close(array, wanted, rtol, equal_nan=True):
        return False
    if array.size and holds_bool(value) != holds_bool(expected):  # of nothing, nobody can tell
        return False
    if not _is_exact(expected, rtol):
        return True
    right, own = _whole(expected), _whole(value)
    if right is not None and own is not None:
        return bool(np.all(own == right))
    if right is None and isinstance(expected, (list, tuple)):
        entries = value.tolist() if isinstance(value, np.ndarray) else value
        is_mixed = _has_whole(entries) or _has_whole(expected)
        return not is_mixed or _compare_data(entries, expected, rtol) is None
    return right is None or bool(np.all(_nearest_whole(value, array) == right))


def _nearest_whole(value: Any, array: NDArray) -> NDArray:
    """Each number as a whole one: one with a point is right if it is next to that; of others, each digit counts."""
    if not _has_whole(value) or not isinstance(value, (list, tuple)):
        return np.rint(array).astype(object)
    numbers = [each if type(each) is int else int(np.rint(each)) for each in _numbers_in(value)]
    whole = np.empty(len(numbers), dtype=object)
    whole[:] = numbers
    return whole.reshape(array.shape)


def _numbers_in(value: Any) -> Iterator[Any]:
    if isinstance(value, np.ndarray):
        value = value.tolist()
    if not isinstance(value, (list, tuple)):
        yield value
        return
    for part in value:
        yield from _numbers_in(part)


def _is_exact(expected: Any, rtol: float) -> bool:
    kind = type(expected)
    if kind is np.ndarray:
        return rtol == RTOL and expected.dtype.kind in "iu"
    return rtol == RTOL and (kind is int or kind in (list, tuple))


def _whole(value: Any) -> NDArray | None:
    """Whole numbers as an array in which each has all of its digits; None if there are others, too."""
    if isinstance(value, np.ndarray):
        return value if value.dtype.kind in "iu" else None
    if not _all_whole(value):
        return None
    try:
        return np.array(value, dtype=object)
    except ValueError:  # arrays within lists that don't fit
        return None


def _all_whole(value: Any) -> bool:
    if type(value) in (list, tuple):
        return all(map(_all_whole, value))
    return type(value) is int


def _has_whole(value: Any) -> bool:
    """Whether there is a whole number in a list, or True or False."""
    if type(value) in (list, tuple):
        return any(map(_has_whole, value))
    return type(value) in (int, bool) or (isinstance(value, np.ndarray) and value.dtype.kind in "biu")


def _integer(value: Any) -> int:
    return int(value.item() if isinstance(value, np.ndarray) else value)


def _compare_data(value: Any, expected: Any, rtol: float) -> Reason | None:
    """The same for what isn't numbers throughout: texts, bools, and lists, tuples, dicts and sets of anything."""
    if isinstance(expected, (list, tuple)):
        if not isinstance(value, (list, tuple)):
            return Reason(f"The result must be {_kind(expected)}; it is {_kind(value)}.")
        if len(value) != len(expected):
            return Reason.with_numbers("The number of entries is wrong: it is {}.", len(value))
        pairs = enumerate(zip(value, expected, strict=True))
        reason = _first_difference([(f"Entry [{place}]", a, b) for place, (a, b) in pairs], rtol)
        return ORDER if reason and _same_entries(value, expected) else reason
    if isinstance(expected, dict):
        if not isinstance(value, dict):
            return Reason(f"The result must be {_kind(expected)}; it is {_kind(value)}.")
        own, wanted = _by_kind(value), _by_kind(expected)
        if own.keys() != wanted.keys():
            strange = sorted(short(key) for _, key in own.keys() - wanted.keys())
            if not strange:
                return Reason("A key of the dict is missing.")
            return Reason.with_numbers("The dict has a key that doesn't belong there: {}.", strange[0])
        return _first_difference([(f"The entry {short(key[1])}", own[key], wanted[key]) for key in wanted], rtol)
    if isinstance(expected, set):
        return _compare_sets(value, expected, rtol)
    if type(value) is not type(expected):
        made = " `str` makes a text of it." if isinstance(expected, str) and _written(value) == expected else ""
        return Reason(f"The result must be {_kind(expected)}; it is {_kind(value)}.{made}")
    if value == expected:
        return None
    return text_reason(value, expected) if isinstance(expected, str) else Reason(f"The result is {value}.")


def _compare_sets(value: Any, expected: set[Any], rtol: float) -> Reason | None:
    """Numbers with a point are compared in their order; all other entries must be the same."""
    if not isinstance(value, set):
        return Reason(f"The result must be a set; it is {_kind(value)}.")
    if len(value) == len(expected):
        numbers, wanted = (sorted(x for x in each if type(x) is float) for each in (value, expected))
        if numbers and len(numbers) == len(wanted) and close(np.array(numbers), np.array(wanted), rtol):
            value, expected = value - set(numbers), expected - set(wanted)
    own, right = ({(_sort(x), x) for x in each} for each in (value, expected))
    if own == right:
        return None
    strange = sorted(short(x) for _, x in own - right)
    if not strange:
        return Reason("An entry of the set is missing.")
    return Reason.with_numbers("The set has an entry that doesn't belong there: {}.", strange[0])


def _sort(key: Any) -> Any:
    """The kind of a key, and of a tuple those of its parts; all numbers are of one."""
    if isinstance(key, tuple):
        return tuple(map(_sort, key))
    return float if type(key) is int else type(key)


def _by_kind(items: dict[Any, Any]) -> dict[tuple[Any, Any], Any]:
    """The same by keys of which True and 1 are different ones."""
    return {(_sort(key), key): item for key, item in items.items()}


def _first_difference(parts: Sequence[tuple[str, Any, Any]], rtol: float) -> Reason | None:
    """The reason why the first part that differs does, with the part's name."""
    for name, value, expected in parts:
        if reason := _compare(value, expected, rtol):
            if value is None or (_is_number(value) and _is_number(expected)):
                return Reason(f"{name} is wrong: it is {short(value)}.", "An entry is wrong.")
            text = reason.text.replace("The result must be", "it must be", 1)
            return Reason(f"{name}: {text}", f"An entry is wrong: {reason.general}")
    return None


def _same_entries(value: Sequence[Any], expected: Sequence[Any]) -> bool:
    """Whether two lists of texts and numbers hold the same, in whatever order."""
    if not all(isinstance(entry, (str, int, float)) for entry in (*value, *expected)):
        return False
    own, wanted = (sorted((_sort(entry).__name__, entry) for entry in each) for each in (value, expected))
    return own == wanted


def _is_number(value: Any) -> bool:
    return type(value) in (int, float) or (isinstance(value, np.ndarray) and value.ndim == 0 and not is_bool(value))


def _written(value: Any) -> str:
    return str(value) if type(value) in (int, float, bool) else ""


def _kind(value: Any) -> str:
    """What ``value`` is, for a sentence."""
    if isinstance(value, np.ndarray):
        return "an array of True and False" if value.dtype.kind == "b" else "an array"
    return "None" if value is None else NAMES.get(type(value), "a number")
