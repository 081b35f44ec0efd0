"""The hidden parts of test cells, made to run with names of their own: see ``nbprobe.hidden_part``."""

import ast
import symtable
import warnings
from collections.abc import Sequence
from functools import lru_cache

from nbjudge.course.cells import Cell, is_solution
from nbjudge.course.delimiters import Delimiters, split
from nbprobe.cell_trees import without_magic

RUN = '__import__("nbprobe.hidden_part").hidden_part.run((lambda: 0).__globals__, {text}, {names!r})'
"""It needs no name but that of the function with which Python itself imports."""


def as_run(cell: Cell, delimiters: Sequence[Delimiters]) -> str:
    """The text of a cell as it runs while grading. It has as many lines as the cell.

    Only what is Python by itself, and no part of a block, gets names of its own; students write none of it.

    Parameters
    ----------
    delimiters : of what students don't get but solutions
    """
    text = str(cell["source"])
    return _with_own_names(text, tuple(delimiters)) if _has_parts(cell, delimiters) else text


def as_students_have_it(cell: Cell, delimiters: Sequence[Delimiters]) -> str:
    """The text of a cell without its hidden parts: what they define, they define for nobody else."""
    text = str(cell["source"])
    return split(text, delimiters, "")[0] if _has_parts(cell, delimiters) else text


def _has_parts(cell: Cell, delimiters: Sequence[Delimiters]) -> bool:
    """In what students write, such a line is a comment as any other."""
    is_instructors = cell["metadata"].get("nbgrader", {}).get("locked", False) and not is_solution(cell)
    return is_instructors and any(pair.begin in cell["source"] for pair in delimiters)


@lru_cache(maxsize=100)
def _with_own_names(text: str, delimiters: tuple[Delimiters, ...]) -> str:
    """It is the same for each submission."""
    lines, begun, calls = text.split("\n"), -1, set[int]()
    for place, line in enumerate(text.split("\n")):
        if begun < 0:
            inside = next((pair for pair in delimiters if pair.begin in line), None)
            begun = place if inside else begun
        elif inside and inside.end in line:
            hidden = "\n".join(["", *lines[begun + 1 : place], ""])
            if _statements_at(hidden) is not None:
                lines[begun : place + 1] = _call_of(hidden, _set_by(lines[:begun]))
                calls.add(begun + 1)
            begun = -1
    changed = "\n".join(lines)
    found = _statements_at(without_magic(changed), ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    return changed if found is not None and calls <= found else text


def _call_of(hidden: str, names: str) -> list[str]:
    """What runs a hidden part, in as many lines."""
    for quotes in ('"""', "'" * 3):
        if quotes not in hidden:
            return RUN.format(text=f"r{quotes}{hidden}{quotes}", names=names).split("\n")
    return [RUN.format(text=repr(hidden), names=names), *[""] * hidden.count("\n")]


def _set_by(lines: Sequence[str]) -> str:
    """The names that these lines set."""
    text = without_magic("\n".join(lines))
    try:
        with warnings.catch_warnings(action="ignore"):
            found = symtable.symtable(text, "<cell>", "exec").get_symbols()
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ""
    return " ".join(sorted(one.get_name() for one in found if one.is_assigned() or one.is_imported()))


def _statements_at(text: str, flags: int = 0) -> set[int] | None:
    """In which lines the statements of a program begin that are in no other one; None if it is no program."""
    try:
        with warnings.catch_warnings(action="ignore"):
            compile(text, "<cell>", "exec", flags, dont_inherit=True)
            return {node.lineno for node in ast.parse(text).body}
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
