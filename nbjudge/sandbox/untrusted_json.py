"""Parses JSON that a stranger wrote, without half characters and with a bound on what becomes of it in memory."""

import json
import re
from typing import Any, NoReturn

MAX_DEPTH = 100
STRINGS = re.compile(rb'"(?:[^"\\]++|\\.)*+"?', re.DOTALL)


def structure(data: bytes) -> int:
    """How many bytes of a JSON text lie outside of its strings.

    A few bytes there ("[],") can become a hundred in memory; a byte of a string becomes at most four.
    """
    return len(STRINGS.sub(b"", data))


def loads(text: str) -> Any:
    """The value of a JSON text.

    Raises
    ------
    ValueError
        If it is no JSON, holds NaN or Infinity, or is too deeply nested.
    """
    try:
        return _scrubbed(json.loads(text, parse_constant=_no_number))
    except RecursionError:
        raise ValueError("it is too deeply nested") from None


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


def _scrubbed(value: Any, depth: int = 0) -> Any:
    """The same without half characters (lone surrogates), which no file can hold."""
    if depth > MAX_DEPTH:
        raise ValueError("it is too deeply nested")
    if isinstance(value, str):
        return value.encode(errors="replace").decode()
    if isinstance(value, list):
        return [_scrubbed(item, depth + 1) for item in value]
    if isinstance(value, dict):
        return {_scrubbed(key): _scrubbed(item, depth + 1) for key, item in value.items()}
    return value
