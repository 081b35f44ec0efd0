"""Runs the hidden part of a test cell that has probes, with names of its own.

Students don't have that part, so a check runs without what it sets. Were ``f = …`` in it to set a name of the
notebook, a helper of the student's called ``f`` would be gone, or one would be there that nobody wrote.
"""

import ast
import builtins
import sys
from typing import Any


class Around(dict[str, Any]):
    """What Python looks names up in that a hidden part hasn't set: the notebook's as they are now, then
    Python's own."""

    def __init__(self, notebook: dict[str, Any]) -> None:
        super().__init__(vars(builtins))  # for imports, which look into the dict itself
        self.notebook = notebook

    def __getitem__(self, name: str) -> Any:
        return self.notebook[name] if name in self.notebook else vars(builtins)[name]


_names: dict[str, Any] = {"__builtins__": Around({})}
"""What the hidden parts of the notebook have set that ran last. All its hidden parts have the same."""


def run(notebook: dict[str, Any], text: str, anew: str) -> None:
    """Run a hidden part. Its first line is the one of the cell in which this is called.

    Parameters
    ----------
    notebook : names of the notebook
    anew : names that its visible cells have set since the hidden part before, with blanks between them
    """
    global _names
    __tracebackhide__ = True  # IPython shows the lines of the cell alone
    if _names["__builtins__"].notebook is not notebook:
        _names = {"__builtins__": Around(notebook), "__name__": "__main__"}
    for name in anew.split():
        _names.pop(name, None)
    cell = sys._getframe(1)
    tree = ast.increment_lineno(ast.parse(text, cell.f_code.co_filename), cell.f_lineno - 1)
    exec(compile(tree, cell.f_code.co_filename, "exec", dont_inherit=True), _names)
