"""Cells of a notebook as trees, as far as they are Python and of a size that somebody writes."""

import ast
import re
from functools import lru_cache

from nbprobe.code_facts import walked
from nbprobe.marks import tree_of

MAGIC = re.compile(r"^([ \t]*)(?:[%!?].*|[\w.]+\?\??[ \t]*)$", re.MULTILINE)
"""A line that only IPython understands."""
SET_BY_MAGIC = re.compile(r"^([\w.,\[\] \t]*=)[ \t]*[%!].*$", re.MULTILINE)
"""One that sets a name to what another program says, or a magic."""
TIMED = re.compile(r"\s*%%(?:time|capture|prun)\b[^\n]*")
"""How a cell may begin whose other lines are Python and run in the notebook."""
OTHER = re.compile(r"\s*%%")
"""How all other cells begin whose lines go elsewhere: to another program, into a file, into a timer."""
MAX_CELL, MAX_LETTERS = 200_000, 500_000
"""A longer cell, such as one of numbers, isn't read. Of more than so many letters together, nothing is known."""
KEPT_LETTERS = 5_000
"""A tree is kept of a cell that has no more: the instructor's come again with each submission."""
MAX_NAME = 300
"""A cell with a longer name isn't read, and neither is a class in others whose names are longer together."""


def without_magic(text: str) -> str:
    """A text that isn't Python, without what only IPython understands; its lines keep their numbers."""
    return MAGIC.sub(r"\1pass", SET_BY_MAGIC.sub(r"\1 0", text))


def parsed(text: str) -> ast.Module | None:
    """A cell as a tree; its lines keep their numbers."""
    return kept_tree(text) if len(text) <= KEPT_LETTERS else _tree(text)


@lru_cache(maxsize=100)
def kept_tree(text: str) -> ast.Module | None:
    """The same for a short one."""
    return _tree(text)


def _tree(text: str) -> ast.Module | None:
    if len(text) > MAX_CELL:
        return None
    text = TIMED.sub("", text, count=1) if TIMED.match(text) else text
    if OTHER.match(text):
        return None
    for tried in (text, without_magic(text)):
        try:
            tree = tree_of(tried)
            return tree if all(map(_has_short_names, walked(tree))) else None
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
    return None


def _has_short_names(node: ast.AST) -> bool:
    """Whether the names in a part of a tree are short: they are put together with others, again and again."""
    if isinstance(node, (ast.Name, ast.Attribute)):  # most parts are
        return len(node.id if isinstance(node, ast.Name) else node.attr) <= MAX_NAME
    if isinstance(node, ast.Constant):
        return True
    return all(len(each) <= MAX_NAME for each in vars(node).values() if isinstance(each, str))
