"""A cell that can't be compiled loses the methods that are at fault, and no others."""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from typing import NamedTuple

DEFINITION = re.compile(r"^([ \t]+)(?:async[ \t]+)?def[ \t]+(\w+)")
OUTERMOST = re.compile(r"^(?:@|(?:class|def|async)\b)")
MAX_METHODS = 50


class Method(NamedTuple):
    """The lines of a method, from ``start`` to ``end``, which is no longer one of them."""

    name: str
    indent: str
    start: int
    end: int


def mended(text: str, error: SyntaxError, compiles: Callable[[str], SyntaxError | None]) -> str | None:
    """``text`` with each method that can't be compiled replaced by one that raises its error; None if that's no help.

    Parameters
    ----------
    error
        What is wrong with the whole.
    compiles
        Gives the error of a text, if it has one.
    """
    lines = text.split("\n")  # as Python does, which goes on at other ends of lines
    methods = list(_methods(lines))[:MAX_METHODS]
    errors = {method: compiles("\n".join(["class _:", *lines[method.start : method.end]])) for method in methods}
    broken = {method: own for method, own in errors.items() if own is not None}
    nearest = sorted(methods, key=lambda method: not method.start < (error.lineno or 0) <= method.end)
    for left_out in [broken, *({**broken, method: error} for method in nearest)]:
        tried = _without(lines, left_out)
        if left_out and compiles(tried) is None:
            return tried
    return None


def _methods(lines: list[str]) -> Iterator[Method]:
    """The functions in a class; those within another function belong to it."""
    starts: list[tuple[str, str, int]] = []
    ends, indent, in_class = [], "", False
    for number, line in enumerate(lines):
        place, found = number, DEFINITION.match(line)
        if OUTERMOST.match(line):
            indent, in_class = "", line.startswith("class")
            ends.append(place)
        elif in_class and found and indent in ("", found[1]):
            indent = found[1]
            while place and lines[place - 1].startswith(f"{indent}@"):
                place -= 1
            starts.append((found[2], indent, place))
            ends.append(place)
    ends.append(len(lines))
    for name, own, start in starts:
        yield Method(name, own, start, ends[bisect_right(ends, start)])


def _without(lines: list[str], left_out: dict[Method, SyntaxError]) -> str:
    """The text, with as many lines as before."""
    kept = list(lines)
    for method, error in left_out.items():
        kind = type(error).__name__
        kept[method.start : method.end] = [
            f"{method.indent}def {method.name}(self, *_, **__): raise {kind}({str(error.msg)!r})",
            *[""] * (method.end - method.start - 1),
        ]
    return "\n".join(kept)
