"""What can be read from a file by undoing wrappings: as it is, escaped, as HTML, in base64 or hex, compressed."""

import base64
import re
import sys
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import chain
from urllib.parse import unquote

from nbjudge.course.characters import unescaped

DEPTH = 4
"""So many wrappings are undone, one inside the other."""
LIMIT = 200_000_000
"""Bytes that all that is unpacked and unwrapped may take."""
LEAST = 500
"""Bytes that the shortest of it counts, as it costs time, too."""
MAX_UNPACKED = 5_000_000
"""Bytes that are unpacked from one place."""
MAX_STARTS, PIECE = 10_000, 4096
"""Places at which something packed may begin, and bytes that are tried at once."""
IN_VAIN = 8
"""What is unpacked and thrown away takes so much less time than what is read."""
OF_16 = 5
"""Of the bytes of a text in UTF-16, blanks and digits alone make such a part zeros."""
SLICE = 2**20
"""Characters that are unwrapped at once: Python keeps each replacement until the last one is made."""

# possessive: what could be taken back would be kept for each repetition, at a hundred times the text
BASE64 = re.compile(r"[A-Za-z0-9+/_-]{14,}+(?:\s++[A-Za-z0-9+/_-]++)*+")
HEX = re.compile(r"(?:[0-9A-Fa-f]{2}[\s:]?+){10,}+")
TAG = re.compile(r"<[^<>]*>")
ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|.)", re.DOTALL)
PACKED = re.compile(rb"\x1f\x8b\x08|x[\x01\x5e\x9c\xda]")


Done = dict[tuple[int, int], int]
"""By the hash and the length of a text."""


@dataclass
class Budget:
    """Bytes that what is made by undoing wrappings may still take. Below zero, something was left out."""

    left: int = LIMIT


def readings(content: bytes | str, depth: int = DEPTH, budget: Budget | None = None) -> Iterator[str]:
    """Every text that can be read from ``content`` by undoing up to ``depth`` wrappings: itself, and more while the
    budget lasts. Of these texts, those that are wrapped in each other are in memory, and no others."""
    text = _decode(content) if isinstance(content, bytes) else content
    yield from _readings(content, text, depth, budget or Budget(), {})


def _readings(packet: bytes | str, text: str, depth: int, budget: Budget, done: Done) -> Iterator[str]:
    """The same; ``done`` is how many wrappings were undone of each text that came before."""
    known = hash(text), len(text)  # the hash alone is that of its bytes in memory, of which a letter may be one or two
    before = done.get(known, -1)
    if depth <= before:
        return
    done[known] = depth
    if before < 0:
        yield text
        yield from _letters_in(packet, text, budget)
    if not depth:
        return
    packed = _unpacked(packet, budget) if isinstance(packet, bytes) else iter(())
    for more in chain(packed, _unwrapped(text)):
        if budget.left < 0:
            return
        other = _decode(more) if isinstance(more, bytes) else more
        budget.left -= max(LEAST, sys.getsizeof(other))  # a letter takes up to four bytes
        if other:
            yield from _readings(more, other, depth - 1, budget, done)


def _decode(data: bytes) -> str:
    for encoding in ("utf-8", "utf-16") if data[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8",):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return data.decode("latin-1")


def _letters_in(packet: bytes | str, text: str, budget: Budget) -> Iterator[str]:
    """The texts in UTF-8 that lie between bytes that aren't, such as in a picture or beside one letter in another
    encoding; and those in UTF-16 that don't say so."""
    if isinstance(packet, str):
        return
    if len(text) == len(packet) and not packet.isascii():
        budget.left -= len(packet)
        yield packet.decode(errors="replace")
    if packet.count(0) > len(packet) // OF_16:
        for encoding in ("utf-16-le", "utf-16-be"):
            budget.left -= len(packet)
            yield packet.decode(encoding, errors="replace")


def _unpacked(data: bytes, budget: Budget) -> Iterator[bytes]:
    """What compressed parts of ``data`` hold, such as the texts in a PNG."""
    for number, start in enumerate(PACKED.finditer(data)):
        if number == MAX_STARTS:
            budget.left = -1
        if budget.left < 0:
            return
        unpacked = _unpacked_from(memoryview(data)[start.start() :], budget)
        if unpacked:
            yield unpacked


def _unpacked_from(data: memoryview, budget: Budget) -> bytes:
    """What begins here, if it is packed; piece by piece, as most that looks so isn't."""
    unpacking, pieces, size = zlib.decompressobj(zlib.MAX_WBITS | 32), list[bytes](), 0
    try:
        for place in range(0, len(data), PIECE):
            budget.left -= PIECE // IN_VAIN  # also a name in front of what is packed, which may be long
            pieces.append(unpacking.decompress(data[place : place + PIECE], MAX_UNPACKED))
            size += len(pieces[-1])
            if unpacking.eof or size > MAX_UNPACKED or unpacking.unconsumed_tail or budget.left < 0:
                break
    except zlib.error:
        budget.left -= size // IN_VAIN
        return b""
    return b"".join(pieces)


def _unwrapped(text: str) -> Iterator[bytes | str]:
    for mark, undo in UNDONE.items():
        if mark in text:
            yield "".join(map(undo, _slices(text, mark)))
    for found in BASE64.finditer(text):
        run = found[0]
        letters = "".join(run.split()).replace("-", "+").replace("_", "/")
        for start in range(4):  # words before it shift where its groups of four begin
            part = letters[start:]
            yield base64.b64decode(part[: len(part) - (len(part) % 4 == 1)] + "=" * (-len(part) % 4))
    for found in HEX.finditer(text):
        yield bytes.fromhex(re.sub(r"[\s:]", "", found[0]))


def _slices(text: str, mark: str) -> Iterator[str]:
    """The text in slices of which each but the first begins with ``mark``, where there are enough of these."""
    start = 0
    while start < len(text):
        end = start + SLICE
        cut = text.rfind(mark, start + 1, end) if end < len(text) else -1
        end = cut if cut > end - PIECE else end
        yield text[start:end]
        start = end


def _unescaped(match: re.Match[str]) -> str:
    code = match[1]
    if len(code) > 1:
        return chr(int(code[1:], 16))
    return "\n" if code in "nrt" else code


UNDONE: dict[str, Callable[[str], str]] = {
    "\\": partial(ESCAPE.sub, _unescaped),
    "&": unescaped,
    "<": partial(TAG.sub, ""),
    "%": unquote,
}
"""How what begins with a character is undone."""
