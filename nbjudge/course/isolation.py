"""Which walls were around the code of students: what graded notebooks say of it, and how it is told."""

from collections import Counter
from collections.abc import Iterable

NAMESPACES, LANDLOCK, NONE = "namespaces", "landlock", "none"
SAYS = {
    NONE: "ran without walls: what was handed in could do everything that whoever graded it can do",
    LANDLOCK: "ran behind Landlock and a list of allowed system calls, without namespaces",
    NAMESPACES: "ran in namespaces of {its} own",
}
"""From the weakest."""


def weakest(walls: Iterable[str]) -> str:
    """That of several which stops least; "" if there is none."""
    there = set(walls)
    return next((wall for wall in SAYS if wall in there), "")


def sentences(walls: Iterable[str]) -> list[str]:
    """What is said of submissions of which each ran behind one of these; where nobody knows it (""), nothing."""
    counts = Counter(walls)
    return [_sentence(wall, counts[wall]) for wall in SAYS if counts[wall]]


def _sentence(wall: str, count: int) -> str:
    one = count == 1
    its = SAYS[wall].format(its="its" if one else "their")
    return f"{count} submission{'' if one else 's'} {its}."
