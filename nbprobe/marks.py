"""What costs Python the square of what a stranger wrote: marks on one letter, which hide lines, too, and f-strings.

To normalise a text, Python sorts the marks of each letter, one by one. Its parser does that with every name.
"""

import ast
import re
import unicodedata
import warnings
from collections.abc import Callable, Iterator
from functools import lru_cache

JOINERS = "\u200c\u200d"
"""Names in Persian and in Indian scripts are spelt with these."""
MAX_MARKS = 4
"""Marks and joiners on one letter: more than any script needs. A heap of them covers the lines above and below."""
MAY_BE_HEAP = re.compile(f"[\u0300-\U0010ffff]{{{MAX_MARKS + 1},}}")
"""Letters among which there could be too many marks."""
F_STRING = re.compile(r"f[rR]?['\"]", re.IGNORECASE)
MOST_IN_F_STRINGS = 30_000_000
"""Braces times letters of a text with f-strings, such as 1,500 and 20,000. Python goes over a string from its start for
each value in it; where a string ends, it alone knows."""


def with_few_marks(text: str, further: Callable[[str], str] = lambda mark: "") -> str:
    """The text with at most ``MAX_MARKS`` on each letter; ``further`` gives what shows in place of another one."""
    return text if text.isascii() else MAY_BE_HEAP.sub(lambda letters: "".join(_few(letters[0], further)), text)


def tree_of(code: str) -> ast.Module:
    """What a stranger wrote, as a tree; its lines keep their numbers. What Python would warn of isn't said.

    Raises
    ------
    SyntaxError, ValueError, RecursionError, MemoryError
        What Python says of a text that is no code; and where it would read f-strings for seconds.
    """
    if len(code) * code.count("{") > MOST_IN_F_STRINGS and F_STRING.search(code):
        raise SyntaxError("there are too many values in an f-string")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(with_few_marks(code))


def _few(letters: str, further: Callable[[str], str]) -> Iterator[str]:
    marks = 0
    for letter in letters:
        marks = marks + 1 if is_mark(letter) else 0
        yield letter if marks <= MAX_MARKS else further(letter)


@lru_cache(maxsize=5_000)
def is_mark(letter: str) -> bool:
    """Whether it stands on the letter before it, or is sorted with what does as soon as a text is normalised.

    That is so of some letters that take space of their own, such as the two dots of Hangul's tones.
    """
    if letter in JOINERS or unicodedata.category(letter) in ("Mn", "Me"):
        return True
    return unicodedata.combining(unicodedata.normalize("NFKD", letter)[0]) != 0
