"""IPython's transformation of a cell, without its search for magics in what is Python as it stands.

That search tokenises the cell in Python and takes a quarter of what a graded cell costs in IPython.
"""

import ast
import threading
import warnings
from typing import Any

from IPython.core.inputtransformer2 import EscapedCommand, HelpEnd, MagicAssign, SystemAssign, TransformerManager

KNOWN = [MagicAssign, SystemAssign, EscapedCommand, HelpEnd]
"""What they look for, ``%``, ``!`` or ``?`` at the begin or end of a statement or behind ``=``, is in no Python."""
IGNORE: Any = ("ignore", None, Warning, None, 0)


class Transformers(TransformerManager):
    """Gives what IPython's own gives."""

    def do_token_transforms(self, lines: list[str]) -> list[str]:
        if self.token_transformers == KNOWN and is_python(lines):
            return lines
        return super().do_token_transforms(lines)


def is_python(lines: list[str]) -> bool:
    """Whether these lines are a program, and Python ends its lines at the same places."""
    text = "".join(lines)
    filters = warnings.filters
    if len(lines) != text.count("\n") or threading.active_count() != 1 or type(filters) is not list:
        return False
    # what the parser has to say, it says when the cell is compiled; a new filter by the usual way would let each
    # warning come again that comes only once
    filters.insert(0, IGNORE)
    try:
        compile(text, "<cell>", "exec", ast.PyCF_ONLY_AST, dont_inherit=True)
    except Exception:
        return False
    finally:
        filters.remove(IGNORE)
    return True
