"""Finds a function or a method in a student's code, also where the rest of it can't be read."""

import ast
import re
from collections.abc import Iterator
from typing import NamedTuple

from nbprobe.marks import tree_of

UNREADABLE = (SyntaxError, ValueError, RecursionError, MemoryError)
"""What Python says of a text that is no code."""


DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


class Definition(NamedTuple):
    """The text of a definition, and the number of its first line in the cell."""

    text: str
    line: int


def definition_of(code: str, name: str) -> Definition | None:
    """The last definition of a function ``name`` (or of a method, "Class.name") in the text of a cell.

    The name alone finds a whole class, too.
    """
    lines = code.split("\n")
    try:
        span = _parsed(tree_of(code), name.split("."))
    except UNREADABLE:
        span = _by_indentation(lines, name.split("."))
    if span is None:
        return None
    first, last = span
    return Definition("\n".join(lines[first - 1 : last]).rstrip(), first)


def _parsed(tree: ast.AST, names: list[str]) -> tuple[int, int] | None:
    node = tree
    for name in names:
        inside = [each for each in _definitions(node) if each.name == name]
        if not inside:
            return None
        node = inside[-1]
    assert isinstance(node, DEFINITIONS)
    first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
    return first, node.end_lineno or node.lineno


def _definitions(node: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef]:
    """What a module or a class defines, also under an ``if``, a ``try`` or a ``with``."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, DEFINITIONS):
            yield child
        elif isinstance(child, (ast.stmt, ast.ExceptHandler)):
            yield from _definitions(child)


def _by_indentation(lines: list[str], names: list[str]) -> tuple[int, int] | None:
    """The lines of the definition, and all that is indented deeper below it."""
    first, last, indent = 1, len(lines), -1
    within = _within_texts(lines)
    for depth, name in enumerate(names):
        begins = re.compile(rf"([ \t]*)(?:async[ \t]+)?(?:def|class)[ \t]+{re.escape(name)}\b")
        matches = [(place, begins.match(lines[place - 1])) for place in range(first, last + 1)]
        found = [(place, len(match[1])) for place, match in matches if match and len(match[1]) > indent]
        found = [each for each in found if depth or not each[1]]  # the outermost isn't inside of another one
        if not found:
            return None
        first, indent = found[-1]
        after = range(first + 1, last + 1)
        ends = (place for place in after if not within[place - 1] and _ends_block(lines[place - 1], indent))
        last = next(ends, last + 1) - 1
    return first, last


def _within_texts(lines: list[str]) -> list[bool]:
    """Whether each line begins within a text of several lines, such as a docstring."""
    within, inside = [], False
    for line in lines:
        within.append(inside)
        inside ^= (line.count('"""') + line.count("'''")) % 2 == 1
    return within


def _ends_block(line: str, indent: int) -> bool:
    return bool(line.strip()) and len(line) - len(line.lstrip()) <= indent
