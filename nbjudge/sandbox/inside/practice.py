"""Cells that the warm process runs itself, so that no submission does what is done only once."""

import linecache
import sys
import warnings

from . import shell
from .shell import Shell

CELL = "print(1)\n1"
PICTURE = "import matplotlib.pyplot as plt\nplt.plot([0, 1])\nplt.title('$x$')\nplt.show()"


def practise(interpreter: Shell) -> None:
    """Run a cell, and draw a picture if pictures are drawn at all. What is seen of it is reset."""
    if "matplotlib.pyplot" in sys.modules:
        _run(interpreter, PICTURE)
    _run(interpreter, CELL)


def _run(interpreter: Shell, cell: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        shell.run_cell(interpreter, cell, lambda: None)
    for name in interpreter.compile._filename_map:  # its text is kept there for tracebacks
        linecache.cache.pop(name, None)
    interpreter.compile._filename_map.clear()
    interpreter.reset(new_session=True)
    shell.refresh(interpreter)
