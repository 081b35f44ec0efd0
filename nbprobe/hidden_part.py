"""Runs the hidden part of a test cell, with names of its own.

Students don't have that part, so a check runs without what it sets. Were ``f = …`` in it to set a name of the
notebook, a helper of the student's called ``f`` would be gone, or one would be there that nobody wrote.
"""

import ast
import sys
from collections.abc import Collection
from typing import Any

_NOTHING = object()


class Names(dict[str, Any]):
    """The names of a hidden part: its own, those that hidden parts before it set last, and the notebook's as they are.

    What stands in the dict itself is for the body of a class, which Python before 3.13 looks up there.
    """

    def __init__(self, notebook: dict[str, Any], before: "Before", seen: Collection[str]) -> None:
        self._before = {
            name: value
            for name, (value, then) in before.items()
            if notebook.get(name, _NOTHING) is then and name not in seen
        }
        super().__init__({**notebook, **self._before})
        self._at_begin, self._notebook = dict(self), notebook

    def __getitem__(self, name: str) -> Any:
        value = self.get(name, _NOTHING)
        if name not in self._before and value is self._at_begin.get(name, _NOTHING):
            value = self._notebook.get(name, value)  # a function of the student's may have set it
        if value is _NOTHING:
            raise KeyError(name)
        return value

    def own(self) -> "Before":
        """What the hidden part has set."""
        own = {name: value for name, value in self.items() if value is not self._at_begin.get(name, _NOTHING)}
        return {name: (value, self._notebook.get(name, _NOTHING)) for name, value in own.items()}


Before = dict[str, tuple[Any, Any]]
"""What hidden parts have set, each beside what the notebook called so then."""
_before: tuple[dict[str, Any], Before] = {}, {}
"""The names of the notebook that ran last, and those of its hidden parts."""


def run(notebook: dict[str, Any], text: str, seen: str = "") -> Any:
    """Run a hidden part. Its first line is the one of the cell in which this is called.

    Parameters
    ----------
    notebook : names of the notebook
    seen : those that the cell itself has set above, with blanks between them

    Returns
    -------
    what its last line gives, as in a cell; None if that is no expression, or ends with a semicolon
    """
    global _before
    __tracebackhide__ = True  # IPython shows the lines of the cell alone
    if _before[0] is not notebook:
        _before = notebook, {}
    names, cell = Names(notebook, _before[1], seen.split()), sys._getframe(1)
    place = cell.f_code.co_filename
    tree = ast.increment_lineno(ast.parse(text, place), cell.f_lineno - 1)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    result = None
    try:
        exec(compile(tree, place, "exec", dont_inherit=True), names)
        if isinstance(last, ast.Expr):
            result = eval(compile(ast.Expression(last.value), place, "eval", dont_inherit=True), names)
    finally:
        _before[1].update(names.own())
    return None if text.rstrip().endswith(";") else result
