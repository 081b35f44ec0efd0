"""Parses JSON that a stranger wrote, without half characters and with a bound on what becomes of it in memory."""

import gc
import json
import re
import sys
from typing import Any, NoReturn

MAX_DEPTH = 100
STRINGS = re.compile(rb'"(?:[^"\\]++|\\.)*+"?', re.DOTALL)


PER_STRING = 8


def structure(data: bytes) -> int:
    """How many bytes of a JSON text lie outside of its strings; each string counts as a few more.

    A few bytes there ("[],") can become a hundred in memory, and so can a string, also an empty one; a further byte of
    it becomes at most four.
    """
    rest, strings = STRINGS.subn(b"", data)
    return len(rest) + PER_STRING * strings


def parsed(text: str, **options: Any) -> Any:
    """What ``json.loads`` makes of it. Nothing of that can be garbage yet; with millions of empty lists, Python would
    look through all of them again and again, which takes seven times as long as the rest.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        return json.loads(text, **options)
    finally:
        if was_on:
            gc.enable()


def in_memory(value: Any) -> int:
    """Bytes that the strings of a value take: one letter of four bytes makes all of its string four times as large."""
    total, waiting = 0, [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            total += len(one) if one.isascii() else sys.getsizeof(one)
        elif isinstance(one, (list, dict)):
            waiting += one.values() if isinstance(one, dict) else one
    return total


def loads(text: str) -> Any:
    """The value of a JSON text.

    Raises
    ------
    ValueError
        If it is no JSON, holds NaN or Infinity, or is too deeply nested.
    """
    try:
        return _scrub(parsed(text, parse_constant=_no_number))
    except RecursionError:
        raise ValueError("it is too deeply nested") from None


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


def _scrub(value: Any, depth: int = 0) -> Any:
    """Take half characters (lone surrogates), which no file can hold, out of ``value`` itself: a copy takes memory."""
    if depth > MAX_DEPTH:
        raise ValueError("it is too deeply nested")
    if isinstance(value, str):
        return value if value.isascii() else value.encode(errors="replace").decode()
    if isinstance(value, list):
        for place, item in enumerate(value):
            if isinstance(item, (str, list, dict)):
                value[place] = _scrub(item, depth + 1)
    elif isinstance(value, dict):
        for key in [key for key in value if not key.isascii()]:
            value[_scrub(key)] = value.pop(key)
        for key, item in value.items():
            if isinstance(item, (str, list, dict)):
                value[key] = _scrub(item, depth + 1)
    return value
