"""Reads what probes published. It comes out of a student's process: every part of it may be a lie or nonsense."""

import base64
import binascii
import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from nbformat import NotebookNode
from numpy.typing import NDArray

from nbprobe.probe import MAX_BYTES, MAX_DEPTH, MAX_ITEMS, MIME

Raw = list[dict[str, Any]]
"""What the probes of one test cell published, in their order."""

DTYPES = {f"<{kind}{size}" for kind, sizes in {"i": "1248", "u": "1248", "f": "248"}.items() for size in sizes}
DTYPES |= {"|b1", "|i1", "|u1"}
MAX_ENCODED = 4 * MAX_BYTES // 3 + 4 * MAX_ITEMS  # base64, with its padding


NUMBER = re.compile(r"[-+]?\d*\.\d+(?:e[-+]?\d+)?|[-+]?\d+\.", re.IGNORECASE)
"""A message could quote the inputs of a probe. Whole numbers, such as those of a shape, may stay."""


class EvidenceError(Exception):
    """The evidence isn't of the form that a probe publishes."""


@dataclass(frozen=True)
class Evidence:
    """What one probe saw.

    ``value`` is a number, bool, string, None, array or a list of these; ``trouble`` says in one sentence why there is
    no value. ``changed`` tells whether an argument came back changed.
    """

    value: Any = None
    trouble: str = ""
    error: str = ""
    changed: bool = False


def published(outputs: Iterable[NotebookNode]) -> Raw:
    """The raw evidence among the outputs of a cell, in their order."""
    found = []
    for output in outputs:
        data = output.get("data", {}) if output.get("output_type") == "display_data" else {}
        raw = data.get(MIME) if isinstance(data, dict) else None
        if isinstance(raw, dict):
            found.append(raw)
    return found


def read(raw: dict[str, Any]) -> Evidence:
    """One piece of raw evidence, looked through.

    Raises
    ------
    EvidenceError
        If it isn't what a probe publishes.
    """
    changed = raw.get("changed") is True
    if "error" in raw:
        name, message = _text(raw["error"], 60), NUMBER.sub("…", _text(raw.get("message", ""), 200))
        if name in ("NotImplementedError", "NotReadyError"):
            return Evidence(trouble="It is not implemented yet.", error=name)
        return Evidence(trouble=f"It stops with {name}: {message}".rstrip(": ") + ".", error=name)
    encoded = raw.get("value")
    if not isinstance(encoded, dict):
        raise EvidenceError("there is no value")
    kind = encoded.get("kind")
    if kind == "too large":
        return Evidence(trouble="The result is too large.", changed=changed)
    if kind == "not data":
        return Evidence(
            trouble=f"The result is no number or array, but {_text(encoded.get('type'), 60)}.", changed=changed
        )
    return Evidence(value=_decode(encoded, _Budget()), changed=changed)


def _text(value: Any, length: int) -> str:
    """The first characters of a string, each of which can be printed and stored."""
    if not isinstance(value, str):
        return "something without a name"
    return "".join(letter if letter.isprintable() else " " for letter in value[:length])


class _Budget:
    """What all parts of a value may hold together."""

    def __init__(self) -> None:
        self.items, self.characters = MAX_ITEMS, MAX_ENCODED

    def spend(self, data: Any) -> None:
        self.items -= 1
        self.characters -= len(data) if isinstance(data, str) else 0
        if min(self.items, self.characters) < 0:
            raise EvidenceError("a value is too large")


def _decode(encoded: Any, budget: _Budget, depth: int = 0) -> Any:
    if not isinstance(encoded, dict) or depth > MAX_DEPTH:
        raise EvidenceError("a value has no kind or lies too deep")
    budget.spend(encoded.get("data"))
    kind, data = encoded.get("kind"), encoded.get("data")
    if kind == "none":
        return None
    if kind == "bool" and isinstance(data, bool):
        return data
    if kind == "string" and isinstance(data, str):
        return data[: 20 if depth else 1000]  # in a list, numpy would give each the room of the longest
    if kind == "number":
        return _number(data)
    if kind == "array":
        return _array(encoded)
    if kind in ("list", "tuple") and isinstance(data, list):
        return [_decode(item, budget, depth + 1) for item in data]
    if kind == "dict" and isinstance(data, list):
        if not all(isinstance(pair, list) and len(pair) == 2 for pair in data):
            raise EvidenceError("a dict must be a list of pairs")
        return {str(_decode(key, budget, MAX_DEPTH)): _decode(item, budget, depth + 1) for key, item in data}
    raise EvidenceError(f"there is no kind {_text(kind, 40)!r} with such data")


def _number(data: Any) -> float:
    if isinstance(data, bool) or not isinstance(data, (int, float, str)):
        raise EvidenceError("a number must be a number")
    try:
        return float(data)
    except (ValueError, OverflowError):
        return math.nan


def _array(encoded: dict[str, Any]) -> NDArray:
    dtype, shape, data = encoded.get("dtype"), encoded.get("shape"), encoded.get("data")
    if not isinstance(dtype, str) or dtype not in DTYPES or not isinstance(shape, list) or not isinstance(data, str):
        raise EvidenceError("an array must have a dtype, a shape and data")
    if len(shape) > 8 or not all(type(n) is int and 0 <= n <= MAX_BYTES for n in shape):
        raise EvidenceError("an array must have a shape of a few numbers")
    try:
        content = base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError) as error:
        raise EvidenceError("an array must be encoded in base64") from error
    if math.prod(shape) * np.dtype(dtype).itemsize != len(content):
        raise EvidenceError("an array's shape doesn't fit its data")
    try:
        return np.frombuffer(content, dtype=dtype).reshape(shape)
    except ValueError as error:  # no numbers at all, in more dimensions than memory has addresses
        raise EvidenceError("an array's shape is too large") from error
