"""The pieces of a notebook that students write: the solution regions, each with a name."""

import ast
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from nbjudge.course.delimiters import Delimiters
from nbprobe.cell_trees import without_magic


@dataclass(frozen=True)
class Answer:
    """A solution region.

    Attributes
    ----------
    cell : ``grade_id`` of the cell that it is in
    name : the function or method in which it stands, such as ``BCE.forward``; else the name of the cell
    text : of the whole cell; lines that only IPython understands are taken out
    first, last : numbers of its lines
    """

    cell: str
    name: str
    text: str
    first: int
    last: int

    @cached_property
    def tree(self) -> ast.Module | None:
        """The syntax tree of the cell; None if it is no program."""
        return _tree_of(self.text)

    @property
    def lines(self) -> list[str]:
        """Its lines."""
        return self.text.split("\n")[self.first - 1 : self.last]

    def holds(self, statement: ast.stmt) -> bool:
        """Whether a statement of the cell belongs to it."""
        return self.first <= statement.lineno and (statement.end_lineno or 0) <= self.last


def answers_in(cells: dict[str, str], delimiters: Sequence[Delimiters]) -> list[Answer]:
    """The answers in the solution cells of a notebook, whose texts are given by ``grade_id``.

    A cell without delimiters is an answer as a whole. Two of the same name are told apart by a number.
    """
    found = [answer for cell, text in cells.items() for answer in _answers(cell, text, delimiters)]
    numbers = numbered(answer.name for answer in found)
    return [
        replace(answer, name=f"{answer.name} ({number})") if number > 1 else answer
        for answer, number in zip(found, numbers, strict=True)
    ]


def numbered(names: Iterable[str]) -> list[int]:
    """The how-manieth of its name each is."""
    times: Counter[str] = Counter()
    numbers = []
    for name in names:
        times[name] += 1
        numbers.append(times[name])
    return numbers


def _answers(cell: str, source: str, delimiters: Sequence[Delimiters]) -> Iterator[Answer]:
    text = without_magic(source) if _tree_of(source) is None else source
    pair = next(pair for pair in delimiters if pair.what == "solution")
    lines = list(enumerate(text.split("\n"), 1))
    begins = [number for number, line in lines if pair.begin in line]
    ends = [number for number, line in lines if pair.end in line]
    for begin, end in zip(begins, ends, strict=False) if begins else [(0, len(lines) + 1)]:
        answer = Answer(cell, cell, text, begin + 1, end - 1)
        yield replace(answer, name=_name(answer))


def _tree_of(text: str) -> ast.Module | None:
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError):
        return None


def _name(answer: Answer) -> str:
    """The innermost function or class around the lines, or the only one in them, with those around it."""
    path = list[str]()
    body = answer.tree.body if answer.tree else []
    while True:
        defined = [node for node in body if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))]
        around = [node for node in defined if node.lineno < answer.first and (node.end_lineno or 0) >= answer.last]
        inside = [node for node in defined if answer.holds(node)]
        if around:
            path.append(around[0].name)
            body = around[0].body
            continue
        if not path and len(inside) == 1:
            path.append(inside[0].name)
        return ".".join(path) or answer.cell
