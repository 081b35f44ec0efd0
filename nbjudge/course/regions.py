"""Regions of a cell that students don't get: solutions, hidden tests, mark schemes. Where they are, what is left."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from nbgrader.preprocessors import ClearHiddenTests, ClearMarkScheme, ClearSolutions
from traitlets.config import Config

LIKE = 0.75
"""A comment that is this similar to a delimiter was probably meant as one."""
MEANT = re.compile(r"\b(begin|end)[\s_-]*(solution|hidden[\s_-]*test|mark[\s_-]*scheme)s?\b", re.IGNORECASE)


@dataclass(frozen=True)
class Kind:
    """What nbgrader cuts out, between which delimiters."""

    what: str
    begin: str
    end: str


@dataclass(frozen=True)
class Region:
    """The lines between two delimiters."""

    what: str
    lines: list[str]


def kinds(config: Config) -> list[Kind]:
    """The delimiters that nbgrader uses with this configuration."""
    solution, tests, scheme = (each(config=config) for each in (ClearSolutions, ClearHiddenTests, ClearMarkScheme))
    return [
        Kind("solution", solution.begin_solution_delimeter, solution.end_solution_delimeter),
        Kind("hidden test", tests.begin_test_delimeter, tests.end_test_delimeter),
        Kind("mark scheme", scheme.begin_mark_scheme_delimeter, scheme.end_mark_scheme_delimeter),
    ]


def split(text: str, delimiters: Sequence[Kind], stub: str) -> tuple[str, list[Region]]:
    """What students see of ``text``, with ``stub`` in place of each solution, and the regions that they don't see.

    For a text without ``mistakes``; of other texts it cuts as much as it can.
    """
    seen: list[str] = []
    regions: list[Region] = []
    inside: Kind | None = None
    for line in text.split("\n"):
        begun = next((kind for kind in delimiters if kind.begin in line), None)
        if begun and inside is None:
            inside = begun
            regions.append(Region(begun.what, []))
            if begun.what == "solution":
                indent = line[: len(line) - len(line.lstrip())]
                seen += [indent + each for each in stub.split("\n")]
        elif inside and inside.end in line:
            inside = None
        elif inside:
            regions[-1].lines.append(line)
        else:
            seen.append(line)
    return "\n".join(seen), regions


def mistakes(text: str, delimiters: Sequence[Kind]) -> list[str]:
    """What is wrong with the delimiters of a code cell, one clause each. nbgrader itself says nothing to most of it."""
    found: list[str] = []
    open_at: tuple[Kind, int] | None = None
    for number, line in enumerate(text.split("\n"), 1):
        kind, side = _delimiter(line, delimiters)
        where = f"line {number}"
        if kind is None:
            if trouble := _looks_meant(line, delimiters, inside=open_at is not None):
                found.append(f"{where}, {_short(line)}, looks like {trouble!r} but isn't; write it exactly so")
        elif not re.fullmatch(rf"\s*#*\s*{re.escape(getattr(kind, side))}\s*", line):
            found.append(f"{where}, {_short(line)}, holds more than the delimiter, and nbgrader drops the whole line")
        elif side == "begin" and open_at:
            found.append(f"{where}, {kind.begin!r}, stands inside the region that begins in line {open_at[1]}")
        elif side == "begin":
            open_at = kind, number
        elif open_at is None or open_at[0] != kind:
            found.append(f"{where}, {kind.end!r}, has no {kind.begin!r} before it")
        else:
            open_at = None
    if open_at:
        found.append(f"{open_at[0].begin!r} in line {open_at[1]} has no {open_at[0].end!r}")
    return found


def mentions(text: str, delimiters: Sequence[Kind]) -> list[str]:
    """Delimiters, also misspelt ones, in a text in which none may be."""
    return [
        _short(line)
        for line in text.split("\n")
        if _delimiter(line, delimiters)[0] or _looks_meant(line, delimiters, inside=False)
    ]


def _delimiter(line: str, delimiters: Sequence[Kind]) -> tuple[Kind | None, str]:
    """The delimiter in ``line`` as nbgrader finds it, and whether it is a ``begin`` or an ``end``."""
    for kind in delimiters:
        for side in ("begin", "end"):
            if getattr(kind, side) in line:
                return kind, side
    return None, ""


def _looks_meant(line: str, delimiters: Sequence[Kind], inside: bool) -> str:
    """The delimiter that ``line`` was probably meant to be, or ""."""
    plain = unicodedata.normalize("NFKC", line)
    known = [text for kind in delimiters for text in (kind.begin, kind.end)]
    likeness = {text: _alike(plain, text) for text in known}
    best = max(likeness, key=lambda text: likeness[text])
    if MEANT.search(plain):
        return best
    # inside a region no student sees it, and if it was meant as the end, the end is missing
    comment = not inside and plain.lstrip().startswith("#") and len(plain.split()) <= 5
    return best if comment and likeness[best] >= LIKE else ""


def _alike(line: str, delimiter: str) -> float:
    a, b = ("".join(filter(str.isalpha, text)).upper() for text in (line, delimiter))
    return SequenceMatcher(None, a, b, autojunk=False).ratio()


def _short(line: str) -> str:
    line = line.strip()
    return repr(line if len(line) <= 60 else line[:57] + "…")
