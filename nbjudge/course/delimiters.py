"""Between which lines of a cell stands what students don't get, and what is left without it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple


class Delimiters(NamedTuple):
    """What nbgrader cuts out (a solution, a hidden test, a mark scheme), and between which lines."""

    what: str
    begin: str
    end: str


@dataclass(frozen=True)
class Region:
    """The lines between two delimiters.

    Attributes
    ----------
    place : of the line with the first delimiter in the cell, from 0
    """

    what: str
    lines: list[str]
    place: int = 0


USUAL = (
    Delimiters("solution", "BEGIN SOLUTION", "END SOLUTION"),
    Delimiters("hidden test", "BEGIN HIDDEN TESTS", "END HIDDEN TESTS"),
    Delimiters("mark scheme", "BEGIN MARK SCHEME", "END MARK SCHEME"),
)
"""nbgrader's own, if a course has no others."""


def withheld_of(delimiters: Sequence[Delimiters]) -> tuple[Delimiters, ...]:
    """Those between which lines stand that gradebook and grading know, and students don't: tests and mark schemes."""
    return tuple(pair for pair in delimiters if pair.what != "solution")


def split(text: str, delimiters: Sequence[Delimiters], stub: str) -> tuple[str, list[Region]]:
    """What students see of ``text``, with ``stub`` in place of each solution, and the regions that they don't see.

    For a text without ``mistakes``; of other texts it cuts as much as it can.
    """
    seen: list[str] = []
    regions: list[Region] = []
    inside: Delimiters | None = None
    for place, line in enumerate(text.split("\n")):
        begun = next((pair for pair in delimiters if pair.begin in line), None)
        if begun and inside is None:
            inside = begun
            regions.append(Region(begun.what, [], place))
            if begun.what == "solution":
                indent = line[: len(line) - len(line.lstrip())]
                seen += [indent + stub_line for stub_line in stub.split("\n")]
        elif inside and inside.end in line:
            inside = None
        elif inside:
            regions[-1].lines.append(line)
        else:
            seen.append(line)
    return "\n".join(seen), regions
