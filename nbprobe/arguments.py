"""The arguments of a probe's call: copies of them, whether these were changed, and what they are in words."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from nbprobe.shown import LENGTH, shown
from nbprobe.wire import MAX_DEPTH, encode

CONTAINERS: dict[type, str] = {list: "list", dict: "dict", set: "set"}
PLAIN = (type(None), bool, int, float, str, list, tuple, dict, set)


def copied(value: Any, depth: int = 0) -> Any:
    """A copy of an array, or of a list, tuple, dict or set with all that is in it; anything else is passed on."""
    if isinstance(value, np.ndarray):
        return value.copy()
    kind = type(value)
    if depth > MAX_DEPTH or kind not in (list, tuple, dict, set):
        return value
    if kind is dict:
        return {key: copied(item, depth + 1) for key, item in value.items()}
    return set(value) if kind is set else kind(copied(item, depth + 1) for item in value)


def is_changed(value: Any, before: Any) -> bool:
    """Whether an array isn't what it was."""
    return isinstance(value, np.ndarray) and not np.array_equal(value, before, equal_nan=value.dtype.kind == "f")


def changed_container(value: Any, before: Any) -> str:
    """What a list, dict or set is called that isn't what it was, also within a tuple; else ""."""
    if type(value) is tuple:
        return next(filter(None, map(changed_container, value, before)), "")
    if type(value) not in CONTAINERS or encode(value) == encode(before):
        return ""
    return CONTAINERS[type(value)]


def in_words(args: Sequence[Any]) -> list[str]:
    """The arguments as they are written in Python, if they are plain and short; else nothing."""
    if not args or not all(type(arg) in PLAIN for arg in args):
        return []
    text = ", ".join(map(shown, args))
    return [text] if len(text) <= LENGTH and "…" not in text else []
