"""The pieces of a notebook that students write: the solution regions, each with a name."""

import ast
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from textwrap import dedent, indent

from nbjudge.course.regions import Delimiters


@dataclass(frozen=True)
class Answer:
    """A solution region.

    Attributes
    ----------
    cell : ``grade_id`` of the cell that it is in
    name : the function or method in which it stands, such as ``BCE.forward``; else the name of the cell
    body : its lines, without their indentation
    above, below : the lines of the cell around it
    margin : the indentation that was taken away
    """

    cell: str
    name: str
    body: str
    above: str
    below: str
    margin: str

    def cell_with(self, body: str) -> str:
        """The text of the cell with another body in this place."""
        return f"{self.above}{indent(body.rstrip(), self.margin)}\n{self.below}"


def answers_in(cells: dict[str, str], delimiters: Sequence[Delimiters]) -> list[Answer]:
    """The answers in the solution cells of a notebook, whose texts are given by ``grade_id``.

    A cell without delimiters is an answer as a whole. Two of the same name are told apart by a number.
    """
    found = [answer for cell, text in cells.items() for answer in _answers(cell, text, delimiters)]
    seen: Counter[str] = Counter()
    named = []
    for answer in found:
        seen[answer.name] += 1
        number = seen[answer.name]
        named.append(replace(answer, name=f"{answer.name} ({number})") if number > 1 else answer)
    return named


def _answers(cell: str, text: str, delimiters: Sequence[Delimiters]) -> Iterator[Answer]:
    pair = next(pair for pair in delimiters if pair.what == "solution")
    lines = text.split("\n")
    begins = [place for place, line in enumerate(lines) if pair.begin in line]
    ends = [place for place, line in enumerate(lines) if pair.end in line]
    if not begins:
        yield _answer(cell, lines, 0, len(lines))
    for begin, end in zip(begins, ends, strict=False):
        yield _answer(cell, lines, begin + 1, end)


def _answer(cell: str, lines: list[str], begin: int, end: int) -> Answer:
    """The answer in the lines from ``begin`` to before ``end``."""
    text = "\n".join(lines[begin:end])
    body = dedent(text).strip("\n")
    first = next((line for line in lines[begin:end] if line.strip()), "")
    margin = first[: len(first) - len(first.lstrip())]
    above, below = ("".join(f"{line}\n" for line in part) for part in (lines[:begin], lines[end:]))
    return Answer(cell, _name(cell, lines, begin, end), body, above, below.removesuffix("\n"), margin)


def _name(cell: str, lines: list[str], begin: int, end: int) -> str:
    """The innermost function or class around the lines, or the only one in them, with those around it."""
    try:
        tree = ast.parse("\n".join(lines))
    except (SyntaxError, ValueError):
        return cell
    path = []
    body = tree.body
    while True:
        defined = [node for node in body if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))]
        around = [node for node in defined if node.lineno <= begin and (node.end_lineno or 0) >= end]
        inside = [node for node in defined if begin < node.lineno and (node.end_lineno or 0) <= end]
        if around:
            path.append(around[0].name)
            body = around[0].body
            continue
        if not path and len(inside) == 1:
            path.append(inside[0].name)
        return ".".join(path) or cell
