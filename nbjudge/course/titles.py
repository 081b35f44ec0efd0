"""What a task is called in its notebook: the heading of its text, and the hints below it."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from nbjudge.course.graded import TASK, read_name

HEADING = re.compile(r"^(#{1,6})[ \t]++(\S.*)$", re.MULTILINE)
HINT = re.compile(r"<summary>([^<]+)</summary>")
POINTS = re.compile(r"(?<!\s)\s*+\([^()]*\b(?:points?|Punkte?|P)\)$", re.IGNORECASE)
BETWEEN = " \t:.–—-·"
"""What stands between the number of a task and its title."""


def heading_of(found: re.Match[str]) -> str:
    """The text of a ``HEADING``, without the signs that may close it."""
    return found[2].rstrip(" \t#") or found[2][0]


@dataclass(frozen=True)
class Title:
    """
    Attributes
    ----------
    number : as the notebook counts, or the place among all tasks
    text : without number and points
    heading : as it stands in the notebook, without points, or ""
    cell : id of the text cell in which it stands
    hints : what the hints below it are called
    """

    number: str
    text: str
    heading: str = ""
    cell: str = ""
    hints: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.number} · {self.text}"


@dataclass(frozen=True)
class _Heading:
    place: int
    text: str
    cell: str
    hints: tuple[str, ...]


def titles(cells: Sequence[Mapping[str, Any]]) -> dict[str, Title]:
    """The title of each task of a graded notebook, by ``grade_id``.

    Where the check of a task says how it is called ("Task 3"), its heading begins so; else it is the nearest one above.
    """
    headings = [heading for place, cell in enumerate(cells) for heading in _headings(place, cell)]
    found: dict[str, Title] = {}
    for place, cell in enumerate(cells):
        grading = cell["metadata"].get("nbgrader", {})
        if grading.get("grade") or grading.get("task"):
            name = str(grading.get("grade_id", ""))
            end = place + 1 if grading.get("task") else place  # such a cell may hold the heading itself
            found[name] = _title(name, str(len(found) + 1), read_name(cell, TASK), end, headings)
    times = Counter(title.heading for title in found.values())
    for name, title in found.items():
        if title.heading and times[title.heading] > 1:
            found[name] = replace(title, text=f"{title.text} ({plain(name)})")
    return found


def plain(name: str) -> str:
    """What a ``grade_id`` says."""
    return name.removeprefix("test_").replace("_", " ")


def _title(name: str, number: str, label: str, end: int, headings: list[_Heading]) -> Title:
    last = label.split()[-1] if label.split() else ""
    number = last if any(map(str.isdigit, last)) else number
    own = re.compile(rf"{re.escape(label)}(?!\w)", re.IGNORECASE) if label else None
    above = [heading for heading in headings if heading.place < end]
    for heading in reversed(above):
        begins = own.match(heading.text) if own else None
        if own and not begins:
            continue
        text = heading.text[begins.end() if begins else 0 :].strip(BETWEEN) or heading.text
        return Title(number, text[:1].upper() + text[1:], heading.text, heading.cell, heading.hints)
    return Title(number, plain(name))


def _headings(place: int, cell: Mapping[str, Any]) -> list[_Heading]:
    if cell["cell_type"] != "markdown":
        return []
    source = cell["source"] if isinstance(cell["source"], str) else "".join(cell["source"])
    found = list(HEADING.finditer(source))
    ends = [*(each.start() for each in found), len(source)][1:]
    return [
        _Heading(
            place,
            POINTS.sub("", heading_of(each)),
            str(cell.get("id", "")),
            tuple(HINT.findall(source[each.end() : end])),
        )
        for each, end in zip(found, ends, strict=True)
    ]
