"""Large pages for what the warm process holds. With each fork, the kernel copies a list of all its pages."""

import contextlib
import ctypes
from collections.abc import Iterator

from .kernel import libc

SIZE, COLLAPSE = 2 * 2**20, 25
"""Bytes of a large page; the order to make one of small ones (``linux/mman.h``, since Linux 6.1)."""


def gather() -> None:
    """Make large pages of small ones. Where the kernel can't, all stays as it is."""
    with contextlib.suppress(OSError):
        for start, end in list(_memory()):
            for place in range(-(-start // SIZE) * SIZE, end - SIZE + 1, SIZE):
                libc.madvise(ctypes.c_void_p(place), ctypes.c_size_t(SIZE), COLLAPSE)


def _memory() -> Iterator[tuple[int, int]]:
    """Where the process has memory of its own, from the first byte to the one behind the last."""
    with open("/proc/self/maps") as lines:
        for line in lines:
            area, rights, _, _, number, *name = line.split()
            if rights == "rw-p" and number == "0" and name in ([], ["[heap]"]):
                start, end = area.split("-")
                yield int(start, 16), int(end, 16)
