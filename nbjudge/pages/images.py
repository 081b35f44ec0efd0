"""Pictures without what isn't drawn: texts, profiles and the like are dropped as they are, and never unpacked."""

import re
import struct

MAX_SIDE, MAX_PIXELS = 10_000, 40_000_000
MAX_PARTS = 10_000
"""Chunks of a PNG and segments of a JPEG."""

PNG = b"\x89PNG\r\n\x1a\n"
DRAWN = {b"PLTE", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"sBIT", b"bKGD", b"pHYs"}
"""Beside the header and the pixels. None of them is packed, and none needs more than ``MAX_TABLE`` bytes."""
MAX_TABLE = 1024
END = struct.pack(">I4sI", 0, b"IEND", 0xAE426082)

START, SCAN = b"\xff\xd8", 0xDA
FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}
TABLES = {0xC4, 0xCC, 0xDB, 0xDD, 0xE0, 0xEE, *FRAMES}
"""What a JPEG needs before its pixels; 0xE0 and 0xEE say how its colours are meant."""

MAX_SCANS = 30
"""Of a JPEG that is drawn in several passes; programs write about ten."""
MARKER = re.compile(rb"\xff[\x01-\xcf\xd8-\xfe]")  # before which there may be any number of 0xff
END_OF_IMAGE, BETWEEN = 0xD9, {0xC4, 0xCC, 0xDB, 0xDD, 0xDA}
"""What may stand between scans is tables for the next one."""


def bare_png(content: bytes) -> tuple[bytes, int]:
    """The picture, and the number of its pixels; b"" if it is none, or too large."""
    parts, place, pixels, has_data = [PNG], len(PNG), 0, False
    for number in range(MAX_PARTS):
        if place + 12 > len(content):
            break
        size, kind = struct.unpack_from(">I4s", content, place)
        if place + 12 + size > len(content) or kind == b"IEND":
            break
        if (kind == b"IHDR") != (number == 0):
            return b"", 0
        if number == 0:
            pixels = _pixels(*struct.unpack_from(">II", content, place + 8)) if size == 13 else 0
        has_data |= kind == b"IDAT"
        if kind in (b"IHDR", b"IDAT") or (kind in DRAWN and size <= MAX_TABLE):
            parts.append(content[place : place + 12 + size])
        place += 12 + size
    is_png = content.startswith(PNG) and pixels and has_data
    return (b"".join([*parts, END]), pixels) if is_png else (b"", 0)


def bare_jpeg(content: bytes) -> tuple[bytes, int]:
    """Likewise."""
    parts, place, pixels = [START], len(START), 0
    for _ in range(MAX_PARTS):
        if not content.startswith(START) or place + 4 > len(content) or content[place] != 0xFF:
            break
        kind, size = content[place + 1], int.from_bytes(content[place + 2 : place + 4])
        if kind == SCAN:
            scans, number = _scans(content, place)
            return (b"".join([*parts, scans]), pixels * number) if pixels and number else (b"", 0)
        if kind in FRAMES:
            if pixels or place + 9 > len(content):
                break
            height, width = struct.unpack_from(">HH", content, place + 5)
            pixels = _pixels(width, height)
        if kind in TABLES:
            parts.append(content[place : place + 2 + size])
        place += 2 + size
    return b"", 0


def _scans(content: bytes, place: int) -> tuple[bytes, int]:
    """All scans of a JPEG, beginning with the first, and how many there are; none, if that is more than are drawn.

    A browser goes through the whole picture for each.
    """
    number, start = 0, place
    while number <= MAX_SCANS:
        marker = MARKER.search(content, place)
        if marker is None or marker[0][-1] == END_OF_IMAGE:
            return content[start : marker.end() if marker else len(content)], number
        kind, place = marker[0][-1], marker.end()
        if kind not in BETWEEN:
            break
        number += kind == SCAN
        place += int.from_bytes(content[place : place + 2])
    return b"", 0


def _pixels(width: int, height: int) -> int:
    """0 for more than a page can show."""
    pixels = width * height if max(width, height) <= MAX_SIDE else 0
    return pixels if pixels <= MAX_PIXELS else 0
