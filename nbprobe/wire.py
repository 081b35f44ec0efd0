"""Values as plain data, and back: what a probe publishes can be sent as JSON, and is nothing but data.

Both ways have budgets. ``encode`` runs in a student's process; ``decode`` reads what came out of one, every part of
which may be a lie or nonsense.
"""

import base64
import binascii
import hashlib
import json
import math
import re
from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nbprobe.budget import MAX_ITEMS, Budget, HalfLetterError, TooLargeError
from nbprobe.errors import FormError
from nbprobe.kinds import BREAKS, Break, Code, Printed, Raised

MIME = "application/x.nbprobe.evidence+json"
"""The kind of output in which a probe publishes what it saw."""
MAX_BYTES = 1_000_000
MAX_DEPTH = 4
MAX_NAME, MAX_MESSAGE = 60, 200
"""Characters of the name of a class or an array's type, and of what an error says."""
MAX_NOTES, MAX_NAMES = 10, 12
"""Of what stand-ins noted during a call, and of names that there are where one was looked up that isn't."""
MAX_ENCODED = 4 * MAX_BYTES // 3 + 4 * MAX_ITEMS  # base64, with its padding

COUNTS_AS: dict[type, type] = {Counter: dict, OrderedDict: dict, defaultdict: dict, deque: list}
MAX_NUMBER = 10**300
MAX_ALIKE = 100
"""Keys of one dict, or parts of one set, that have the same hash. Of whole numbers it is the rest by 2**61 - 1: numbers
made for it all have the same one, and then Python compares each with each."""
MAX_NUMBERS = 2_000
"""Keys of one dict, or parts of one set, that hold no text. Where Python looks for room for a number is known to all:
numbers made for it are led to the same places one after the other, with different hashes, too. Texts have secret ones.
"""
MAX_PARTS = 40
"""Of an error's classes, and of places where a rule isn't kept."""
WHOLE = re.compile(r"-?[0-9]{1,301}")

DTYPES = {f"<{kind}{size}" for kind, sizes in {"i": "1248", "u": "1248", "f": "248"}.items() for size in sizes}
DTYPES |= {"|b1", "|i1", "|u1"}


def encode(value: Any) -> dict[str, Any]:
    """``value`` as plain data: numbers, bools, strings, None, arrays, and lists, tuples, dicts and sets of these.

    Anything else is "not data". Only exact types count: a subclass could lie about itself. An array is its bytes. What
    ``nbprobe.kinds`` has is data, too.
    """
    try:
        return _encode(value, Budget(MAX_BYTES), 0)
    except TooLargeError:
        return {"kind": "too large"}
    except HalfLetterError:
        return {"kind": "not data", "type": "a text with half a letter"}


def _encode(value: Any, budget: Budget, depth: int) -> dict[str, Any]:
    if isinstance(value, np.bool) or (type(value) is np.ndarray and value.shape == () and value.dtype.kind == "b"):
        value = bool(value)  # `from numpy import *` makes this one of Python's
    elif type(value) is np.str_:
        value = str(value)
    if type(value) in COUNTS_AS:
        value = COUNTS_AS[type(value)](value)
    kind = type(value)
    if isinstance(value, (np.ndarray, np.generic)):
        return _encode_array(np.asarray(value), budget)
    if kind is str:
        budget.spend_text(value)
        return {"kind": "string", "data": value}
    budget.spend(0)
    if value is None:
        return {"kind": "none"}
    if kind is bool:
        return {"kind": "bool", "data": value}
    if kind is int:
        if abs(value) >= MAX_NUMBER:
            raise TooLargeError
        return {"kind": "number", "data": value if abs(value) < 2**53 else str(value)}  # other readers have floats only
    if kind is float:
        return {"kind": "number", "data": value if math.isfinite(value) else repr(value)}
    if kind in (list, tuple, dict):
        if depth >= MAX_DEPTH:
            raise TooLargeError
        if kind is dict:
            _count_numbers(value)
            pairs = [
                [_encode(key, budget, MAX_DEPTH - 1), _encode(item, budget, depth + 1)] for key, item in value.items()
            ]
            return {"kind": "dict", "data": pairs}
        return {"kind": kind.__name__, "data": [_encode(item, budget, depth + 1) for item in value]}
    if kind in (set, frozenset):
        _count_numbers(value)
        # in an order that is the same in each process
        return {"kind": "set", "data": sorted((_encode(item, budget, MAX_DEPTH - 1) for item in value), key=json.dumps)}
    if kind is Printed:
        return {"kind": "printed", "data": _texts(value.lines, budget), "returned": value.returned}
    if kind is Raised:
        return {"kind": "raised", "data": _texts(value.names[:MAX_PARTS], budget)}
    if kind is Code:
        return {"kind": "code", "data": [list(each) for each in value.breaks[:MAX_PARTS]]}
    return {"kind": "not data", "type": name_of(kind)}


def _count_numbers(keys: Iterable[Any]) -> None:
    if sum(not _holds_text(key) for key in keys) > MAX_NUMBERS:
        raise TooLargeError


def _holds_text(key: Any) -> bool:
    """Whether nobody can know the hash of a key beforehand. That of an empty text is 0."""
    return any(map(_holds_text, key)) if isinstance(key, tuple) else isinstance(key, str) and key != ""


def _texts(texts: tuple[str, ...], budget: Budget) -> list[str]:
    for text in texts:
        budget.spend_text(text)
    return list(texts)


def _encode_array(array: NDArray, budget: Budget) -> dict[str, Any]:
    if array.dtype.kind not in "biuf":
        return {"kind": "not data", "type": f"array of dtype {array.dtype}"[:MAX_NAME]}
    budget.spend(array.nbytes)
    budget.spend_shape(array.shape)
    if array.dtype.kind == "f" and array.dtype.itemsize > 8:  # long double: its bytes differ from machine to machine
        array = array.astype(float)
    little = np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<"))
    data = base64.b64encode(little.tobytes()).decode("ascii")
    return {"kind": "array", "dtype": little.dtype.str, "shape": list(array.shape), "data": data}


def digest(value: Any) -> str:
    """A short sum over plain data, by which a change of it is seen. What is no data doesn't count."""
    return digest_of_text(json.dumps(encode(value), sort_keys=True))


def digest_of_text(text: str) -> str:
    """A short sum over a text."""
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:16]


def name_of(kind: type) -> str:
    """The name of a class, also of one that would say something else."""
    return type.__dict__["__name__"].__get__(kind)[:MAX_NAME]


def decode(encoded: Any) -> Any:
    """The value that was encoded: a number, bool, string, None, array, or a list, tuple, dict or set of these.

    Raises
    ------
    FormError
        If this isn't the encoding of a value, or if it is larger than what ``encode`` gives.
    """
    try:
        return _decode(encoded, Budget(MAX_ENCODED), 0)
    except TooLargeError:
        raise FormError("a value is too large") from None
    except HalfLetterError:
        raise FormError("a text holds half a letter") from None


def _decode(encoded: Any, budget: Budget, depth: int) -> Any:
    if not isinstance(encoded, dict) or depth > MAX_DEPTH:
        raise FormError("a value has no kind or lies too deep")
    kind, data = encoded.get("kind"), encoded.get("data")
    if kind == "string" and isinstance(data, str):
        budget.spend_text(data)
        return data
    budget.spend(len(data) if isinstance(data, str) else 0)
    if kind == "none":
        return None
    if kind == "bool" and isinstance(data, bool):
        return data
    if kind == "number":
        return _decode_number(data)
    if kind == "array":
        array = _decode_array(encoded)
        budget.spend_shape(array.shape)
        return array
    if kind in ("list", "tuple") and isinstance(data, list):
        items = [_decode(item, budget, depth + 1) for item in data]
        return tuple(items) if kind == "tuple" else items
    if kind == "dict" and isinstance(data, list):
        if not all(isinstance(pair, list) and len(pair) == 2 for pair in data):
            raise FormError("a dict must be a list of pairs")
        keys = _keys((key for key, _ in data), budget)
        items = [_decode(item, budget, depth + 1) for _, item in data]
        found = dict(zip(keys, items, strict=True))
        if len(found) < len(keys):
            raise FormError("a key can't be there twice")
        return found
    if kind == "set" and isinstance(data, list):
        return set(_keys(data, budget))
    if isinstance(kind, str) and kind in _OUTCOMES:
        return _OUTCOMES[kind](encoded, budget)
    raise FormError(f"there is no kind {printable(kind, 40)!r} with such data")


def _keys(encoded: Iterable[Any], budget: Budget) -> list[Any]:
    """The keys of a dict or the parts of a set, which can be put into one without being compared again and again."""
    keys = [_key(_decode(each, budget, MAX_DEPTH - 1)) for each in encoded]
    _count_numbers(keys)
    if max(Counter(map(hash, keys)).values(), default=0) > MAX_ALIKE:
        raise FormError("too many keys have the same hash")
    return keys


def _key(value: Any) -> Any:
    """A key of a dict or a part of a set, of the kind that it had: "1" isn't 1, and "None" isn't None."""
    if isinstance(value, np.ndarray) and value.ndim == 0:
        value = value.item()
    if value is None or isinstance(value, (bool, str, int)):
        return value
    if isinstance(value, tuple):
        return tuple(map(_key, value))
    if isinstance(value, float):
        return math.nan if math.isnan(value) else value  # there is one of them, or else it wouldn't be found again
    raise FormError("a key must be a text, a number, True, False, None or a tuple of these")


def _decode_printed(encoded: dict[str, Any], budget: Budget) -> Printed:
    return Printed(_decode_texts(encoded.get("data"), budget, MAX_ITEMS), printable(encoded.get("returned"), 40))


def _decode_raised(encoded: dict[str, Any], budget: Budget) -> Raised:
    names = _decode_texts(encoded.get("data"), budget, MAX_PARTS)
    return Raised(tuple(printable(name, MAX_NAME) for name in names))


def _decode_code(encoded: dict[str, Any], budget: Budget) -> Code:
    data = encoded.get("data")
    if not isinstance(data, list) or len(data) > MAX_PARTS:
        raise FormError("what a rule finds must be a short list")
    return Code(tuple(_decode_break(each) for each in data))


def _decode_break(data: Any) -> Break:
    if not isinstance(data, list) or len(data) != 5 or data[0] not in BREAKS or type(data[4]) is not int:
        raise FormError("what a rule finds must have a kind, names and a line")
    about, found, where = (printable(each, MAX_NAME) for each in data[1:4])
    return Break(data[0], about, found, where, min(abs(data[4]), 10**6))


def _decode_texts(data: Any, budget: Budget, at_most: int) -> tuple[str, ...]:
    if not isinstance(data, list) or len(data) > at_most or not all(isinstance(text, str) for text in data):
        raise FormError("this must be a list of texts")
    return tuple(_texts(tuple(data), budget))


_OUTCOMES: dict[Any, Callable[[dict[str, Any], Budget], Any]] = {
    "printed": _decode_printed,
    "raised": _decode_raised,
    "code": _decode_code,
}


def _decode_number(data: Any) -> float:
    """A whole number comes back as one."""
    if isinstance(data, bool) or not isinstance(data, (int, float, str)):
        raise FormError("a number must be a number")
    if isinstance(data, str) and WHOLE.fullmatch(data):
        data = int(data)
    if isinstance(data, int):
        return data if abs(data) < MAX_NUMBER else math.nan
    try:
        return float(data)
    except ValueError:
        return math.nan


def _decode_array(encoded: dict[str, Any]) -> NDArray:
    dtype, shape, data = encoded.get("dtype"), encoded.get("shape"), encoded.get("data")
    if not isinstance(dtype, str) or dtype not in DTYPES or not isinstance(shape, list) or not isinstance(data, str):
        raise FormError("an array must have a dtype, a shape and data")
    if len(shape) > 8 or not all(type(n) is int and 0 <= n <= MAX_BYTES for n in shape):
        raise FormError("an array must have a shape of a few numbers")
    try:
        content = base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError) as error:
        raise FormError("an array must be encoded in base64") from error
    if math.prod(shape) * np.dtype(dtype).itemsize != len(content):
        raise FormError("an array's shape doesn't fit its data")
    try:
        return np.frombuffer(content, dtype=dtype).reshape(shape)
    except ValueError as error:  # no numbers at all, in more dimensions than memory has addresses
        raise FormError("an array's shape is too large") from error


def printable(text: Any, length: int) -> str:
    """The first characters of a string, each of which can be printed and stored."""
    if not isinstance(text, str):
        return "something without a name"
    return "".join(letter if letter.isprintable() else " " for letter in text[:length])
