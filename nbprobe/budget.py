"""How much one value may hold on its way between two processes, and what no text of it may."""

import math
import re
from collections.abc import Sequence

MAX_ITEMS = 100_000
MAX_TEXT = 1000
"""Characters of one text. None is cut: what is longer isn't published, as two texts could differ in the rest."""
MAX_ROOM = 10_000_000
"""Parts of a value times characters of its longest text: if asked for an array of them, numpy gives each so much."""
HALF_LETTER = re.compile("[\ud800-\udfff]")


class TooLargeError(Exception):
    """A value has more parts than are published."""


class HalfLetterError(Exception):
    """A text holds a half of a letter (a surrogate), which no file can, and of which JSON makes something else."""


def number_of_empty(shape: Sequence[int]) -> int:
    """How many empty lists there are in an array of such a shape that holds no numbers."""
    return math.prod(shape[: tuple(shape).index(0)])


class Budget:
    """What all parts of a value may hold together: ``size`` are bytes or characters."""

    def __init__(self, size: int) -> None:
        self.items, self.size, self.longest = MAX_ITEMS, size, 0

    def spend(self, size: int) -> None:
        self.items -= 1
        self.size -= size
        if min(self.items, self.size) < 0 or (MAX_ITEMS - self.items) * self.longest > MAX_ROOM:
            raise TooLargeError

    def spend_shape(self, shape: Sequence[int]) -> None:
        """Of an array that holds no numbers: as a list, it holds as many empty ones as this says."""
        if 0 in shape:
            self.items -= number_of_empty(shape)
            self.spend(0)

    def spend_text(self, text: str) -> None:
        if not text.isascii() and HALF_LETTER.search(text):
            raise HalfLetterError
        self.longest = max(self.longest, len(text))
        if self.longest > MAX_TEXT:
            raise TooLargeError
        self.spend(len(text))
