"""Shows a result beside the right one in few characters, for the table of a check."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nbprobe.kinds import OUTCOMES, Code, Printed, Raised
from nbprobe.reasons import ATOL, RTOL, as_array, short

LENGTH = 60
"""Characters of what is shown as it is written in Python."""
BEFORE = 12
"""Characters that are shown before the place where two texts differ."""


def contrast(got: Any, expected: Any, given: Sequence[str] = (), rtol: float = RTOL) -> tuple[str, str, str]:
    """Input in words, ``expected`` and ``got``: of arrays their shapes if these differ, else the first row that does.

    ``given`` names the input of each row.
    """
    whole = given[0] if len(given) == 1 else ""
    if isinstance(expected, Printed) and isinstance(got, Printed):
        return whole, *_lines_apart(expected.lines, got.lines)
    array, wanted = as_array(got), as_array(expected)
    is_plain = isinstance(expected, (bool, str, int)) or (isinstance(expected, (list, tuple)) and len(given) < 2)
    if array is None or wanted is None or is_plain:
        return whole, *_apart(expected, got)
    if array.shape != wanted.shape:
        value = f": {short(array)}" if array.size == 1 else ""
        return "", f"shape {wanted.shape}", f"shape {array.shape}{value}"
    if wanted.ndim == 0 or wanted.size == 0:
        return given[0] if given else "", *told_apart(wanted, array)
    with np.errstate(all="ignore"):
        differs = ~np.isclose(array, wanted, rtol=rtol, atol=ATOL, equal_nan=True)
        if not differs.any():  # whole numbers, which are exact
            differs = array != wanted
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


def shown(value: Any, length: int = LENGTH) -> str:
    """``value`` as it is written in Python, cut to so many characters."""
    if isinstance(value, OUTCOMES):
        return _outcome(value)
    text = _written(value, length)
    return text if len(text) <= length else f"{text[: length - 1]}…"


def _outcome(value: Printed | Raised | Code) -> str:
    if isinstance(value, Printed):
        return "nothing printed" if not value.lines else shown("\n".join(value.lines))
    if isinstance(value, Raised):
        return value.names[0] if value.names else "no error"
    return ""


def _written(value: Any, length: int = 10**6) -> str:
    kind: Any = type(value)
    brackets: dict[Any, str] = {list: "[]", tuple: "()", dict: "{}", set: "{}"}
    if kind in brackets:
        parts, used = [], 0
        for part in _parts(value):
            parts.append(part)
            used += len(part) + 2
            if used > length:
                break
        if kind is set and not parts:
            return "set()"
        comma = "," if kind is tuple and len(value) == 1 else ""
        return f"{brackets[kind][0]}{', '.join(parts)}{comma}{brackets[kind][1]}"
    if kind is float:
        return f"{value:.6g}" if value % 1 else repr(value) if abs(value) < 1e16 else f"{value:.6g}"
    if kind is np.ndarray:
        return short(value)
    return repr(value[: length + 1]) if kind is str else str(value)


def _parts(value: Any) -> Any:
    if isinstance(value, dict):
        return (f"{_written(key)}: {_written(item)}" for key, item in value.items())
    return sorted(map(_written, value)) if isinstance(value, set) else map(_written, value)


def _apart(expected: Any, got: Any) -> tuple[str, str]:
    """Both, cut so that the place is seen where they differ."""
    if isinstance(expected, str) and isinstance(got, str):
        return _texts_apart(expected, got)
    texts = shown(expected), shown(got)
    if max(map(len, texts)) < LENGTH and texts[0] != texts[1]:
        return texts
    if isinstance(expected, (list, tuple)) and isinstance(got, (list, tuple)):
        pairs = enumerate(zip(expected, got, strict=False))
        first = next((place for place, (a, b) in pairs if _differ(a, b)), min(len(expected), len(got)))
        return _entry(expected, first, first < len(expected)), _entry(got, first, first < len(got))
    if isinstance(expected, dict) and isinstance(got, dict):
        keys = [*expected, *(key for key in got if key not in expected)]
        place = next((k for k in keys if k not in expected or k not in got or _differ(expected[k], got[k])), None)
        if place is not None:
            return _entry(expected, place, place in expected), _entry(got, place, place in got)
    if type(expected) is int and type(got) is int:
        return _digits(expected), _digits(got)
    return texts


def _differ(a: Any, b: Any) -> bool:
    return _written(a) != _written(b)


def _entry(values: Any, place: Any, is_there: bool) -> str:
    return f"[{_written(place, 20)}]: {shown(values[place], 40)}" if is_there else f"{len(values)} entries"


def _digits(number: int) -> str:
    """A whole number by its beginning and its end."""
    text = str(number)
    return text if len(text) < LENGTH else f"{text[:10]}…{text[-20:]}"


def _texts_apart(expected: str, got: str) -> tuple[str, str]:
    if max(len(expected), len(got)) <= LENGTH - 2:
        return repr(expected), repr(got)
    same = next((n for n, (a, b) in enumerate(zip(expected, got, strict=False)) if a != b), None)
    start = max((min(len(expected), len(got)) if same is None else same) - BEFORE, 0)
    return _window(expected, start), _window(got, start)


def _window(text: str, start: int) -> str:
    part = text[start : start + LENGTH // 2]
    return repr(f"{'…' if start else ''}{part}{'…' if start + LENGTH // 2 < len(text) else ''}")


def _lines_apart(expected: Sequence[str], got: Sequence[str]) -> tuple[str, str]:
    """The first line that differs, with its number if there are several."""
    if not expected or not got:
        return tuple(_lines(each) for each in (expected, got))  # type: ignore[return-value]
    place = next((n for n, (a, b) in enumerate(zip(expected, got, strict=False)) if a != b), None)
    if place is None:
        return f"{len(expected)} lines", f"{len(got)} lines"
    where = f"line {place + 1}: " if max(len(expected), len(got)) > 1 else ""
    first, second = _texts_apart(expected[place], got[place])
    return where + first, where + second


def _lines(lines: Sequence[str]) -> str:
    return shown("\n".join(lines)) if lines else "nothing printed"
