"""Regions of a cell that students don't get: solutions, hidden tests, mark schemes. Where they are, what is left."""

import re
import unicodedata
from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

from nbgrader.preprocessors import ClearHiddenTests, ClearMarkScheme, ClearSolutions
from traitlets.config import Config

from nbjudge.course.delimiters import Delimiters, withheld_of
from nbprobe.marks import with_few_marks

LIKE = 0.75
"""A comment that is this similar to a delimiter was probably meant as one."""
MEANT = re.compile(r"\b(begin|end)[\s_-]*(solution|hidden[\s_-]*test|mark[\s_-]*scheme)s?\b", re.IGNORECASE)


class Stubs(NamedTuple):
    """What students get in the place of a solution."""

    code: str
    text: str = "YOUR ANSWER HERE"


def delimiters_of(config: Config) -> list[Delimiters]:
    """The delimiters that nbgrader uses with this configuration."""
    steps = (ClearSolutions, ClearHiddenTests, ClearMarkScheme)
    # of an exporter, the configuration has a part for all that belongs to it, which these steps don't know
    own = Config({step.__name__: config[step.__name__] for step in steps if step.__name__ in config})
    solution, tests, scheme = (step(config=own) for step in steps)
    return [
        Delimiters("solution", solution.begin_solution_delimeter, solution.end_solution_delimeter),
        Delimiters("hidden test", tests.begin_test_delimeter, tests.end_test_delimeter),
        Delimiters("mark scheme", scheme.begin_mark_scheme_delimeter, scheme.end_mark_scheme_delimeter),
    ]


def withheld(config: Config) -> tuple[Delimiters, ...]:
    """As ``withheld_of``, with this configuration."""
    return withheld_of(delimiters_of(config))


def mistakes(text: str, delimiters: Sequence[Delimiters]) -> list[str]:
    """What is wrong with the delimiters of a code cell, one clause each. nbgrader itself says nothing to most of it."""
    clauses: list[str] = []
    open_at: tuple[Delimiters, int] | None = None
    for number, line in enumerate(text.split("\n"), 1):
        pair, side = _delimiter(line, delimiters)
        where = f"line {number}"
        if pair is None:
            if trouble := _looks_meant(line, delimiters, inside=open_at is not None):
                clauses.append(f"{where}, {_short(line)}, looks like {trouble!r} but isn't; write it exactly so")
        elif not re.fullmatch(rf"\s*#*\s*{re.escape(getattr(pair, side))}\s*", line):
            clauses.append(f"{where}, {_short(line)}, holds more than the delimiter, and nbgrader drops the whole line")
        elif side == "begin" and open_at:
            clauses.append(f"{where}, {pair.begin!r}, stands inside the region that begins in line {open_at[1]}")
        elif side == "begin":
            open_at = pair, number
        elif open_at is None or open_at[0] != pair:
            clauses.append(f"{where}, {pair.end!r}, has no {pair.begin!r} before it")
        else:
            open_at = None
    if open_at:
        clauses.append(f"{open_at[0].begin!r} in line {open_at[1]} has no {open_at[0].end!r}")
    return clauses


def mentions(text: str, delimiters: Sequence[Delimiters]) -> list[str]:
    """Delimiters, also misspelt ones, in a text in which none may be."""
    return [
        _short(line)
        for line in text.split("\n")
        if _delimiter(line, delimiters)[0] or _looks_meant(line, delimiters, inside=False)
    ]


def _delimiter(line: str, delimiters: Sequence[Delimiters]) -> tuple[Delimiters | None, str]:
    """The delimiter in ``line`` as nbgrader finds it, and whether it is a ``begin`` or an ``end``."""
    for pair in delimiters:
        for side in ("begin", "end"):
            if getattr(pair, side) in line:
                return pair, side
    return None, ""


def _looks_meant(line: str, delimiters: Sequence[Delimiters], inside: bool) -> str:
    """The delimiter that ``line`` was probably meant to be, or ""."""
    plain = unicodedata.normalize("NFKC", with_few_marks(line))
    is_meant = MEANT.search(plain) is not None
    # inside a region no student sees it, and if it was meant as the end, the end is missing
    is_comment = not inside and plain.lstrip().startswith("#") and len(plain.split()) <= 5
    if not (is_meant or is_comment):
        return ""
    likeness = {text: _alike(plain, text) for pair in delimiters for text in (pair.begin, pair.end)}
    best = max(likeness, key=lambda text: likeness[text])
    return best if is_meant or likeness[best] >= LIKE else ""


def _alike(line: str, delimiter: str) -> float:
    a, b = ("".join(filter(str.isalpha, text)).upper() for text in (line, delimiter))
    return SequenceMatcher(None, a, b, autojunk=False).ratio()


def _short(line: str) -> str:
    line = line.strip()
    return repr(line if len(line) <= 60 else line[:57] + "…")
