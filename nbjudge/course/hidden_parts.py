"""The hidden parts of tests with probes, made to run with names of their own: see ``nbprobe.hidden_part``.

Those of other tests run as with nbgrader alone, in the notebook's names: whoever wrote them counts on it.
"""

import ast
import symtable
import warnings
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from nbjudge.course.cells import Cell, is_solution
from nbjudge.course.delimiters import Delimiters, split
from nbprobe.cell_trees import without_magic

RUN = '__import__("nbprobe.hidden_part").hidden_part.run((lambda: 0).__globals__, {text}, {anew!r})'
"""It needs no name but that of the function with which Python itself imports."""
PROBES = ("probe", "uses")


def as_run(cell: Cell, delimiters: Sequence[Delimiters], anew: Mapping[str, str]) -> str:
    """The text of a cell as it runs while grading. It has as many lines as the cell.

    Only what is Python by itself, and no part of a block, gets names of its own; students write none of it.

    Parameters
    ----------
    delimiters : of what students don't get but solutions
    anew : as ``set_anew`` gives it
    """
    text = str(cell["source"])
    if not _has_parts(cell, delimiters):
        return text
    return _with_own_names(text, tuple(delimiters), anew.get(cell["metadata"]["nbgrader"].get("grade_id", ""), ""))


def as_students_have_it(cell: Cell, delimiters: Sequence[Delimiters]) -> str:
    """The text of a cell without hidden parts that have names of their own: they define nothing for anybody else."""
    text = str(cell["source"])
    return split(text, delimiters, "")[0] if _has_parts(cell, delimiters) else text


def set_anew(cells: Iterable[Cell], delimiters: Sequence[Delimiters]) -> dict[str, str]:
    """The names that visible lines of the instructor's notebook set since the hidden part before, by the ``grade_id``
    of each test cell, with blanks between them. There, they are no hidden part's any more."""
    anew, names = dict[str, str](), set[str]()
    for cell in cells:
        if cell["cell_type"] != "code":
            continue
        has_parts = _has_parts(cell, delimiters)
        names |= _set_by(split(cell["source"], delimiters, "")[0] if has_parts else cell["source"])
        if has_parts:
            anew[cell["metadata"]["nbgrader"].get("grade_id", "")] = " ".join(sorted(names))
            names = set()
    return anew


def calls_probe(tree: ast.AST) -> bool:
    """Whether a probe, or one of a rule, is called in a program."""
    return any(called(node) in PROBES for node in ast.walk(tree))


def called(node: ast.AST) -> str:
    """The name of the function that is called here, or ""."""
    return str(getattr(node.func, "id", getattr(node.func, "attr", ""))) if isinstance(node, ast.Call) else ""


def _has_parts(cell: Cell, delimiters: Sequence[Delimiters]) -> bool:
    """In what students write, such a line is a comment as any other."""
    is_instructors = cell["metadata"].get("nbgrader", {}).get("locked", False) and not is_solution(cell)
    if not is_instructors or not any(pair.begin in cell["source"] for pair in delimiters):
        return False
    return _has_probes(str(cell["source"]), tuple(delimiters))


@lru_cache(maxsize=100)
def _has_probes(text: str, delimiters: tuple[Delimiters, ...]) -> bool:
    """Whether a hidden part calls a probe. It is the same for each submission."""
    if text.lstrip().startswith("%%"):
        return False
    trees = (_tree("\n".join(region.lines)) for region in split(text, delimiters, "")[1])
    return any(tree is not None and calls_probe(tree) for tree in trees)


@lru_cache(maxsize=100)
def _with_own_names(text: str, delimiters: tuple[Delimiters, ...], anew: str) -> str:
    lines, calls = text.split("\n"), set[int]()
    for region in split(text, delimiters, "")[1]:
        hidden, end = "\n".join(["", *region.lines, ""]), region.place + len(region.lines) + 1
        has_end = end < len(lines)
        if has_end and _tree(hidden) is not None:
            lines[region.place : end + 1] = _call_of(hidden, anew)
            calls.add(region.place + 1)
    changed = "\n".join(lines)
    tree = _tree(without_magic(changed), ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    return changed if tree and calls <= {node.lineno for node in tree.body} else text


def _call_of(hidden: str, anew: str) -> list[str]:
    """What runs a hidden part, in as many lines."""
    for quotes in ('"""', "'" * 3):
        if quotes not in hidden:
            return RUN.format(text=f"r{quotes}{hidden}{quotes}", anew=anew).split("\n")
    return [RUN.format(text=repr(hidden), anew=anew), *[""] * hidden.count("\n")]


@lru_cache(maxsize=100)
def _set_by(text: str) -> frozenset[str]:
    """The names that a cell sets."""
    try:
        with warnings.catch_warnings(action="ignore"):
            found = symtable.symtable(without_magic(text), "<cell>", "exec").get_symbols()
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return frozenset()
    return frozenset(one.get_name() for one in found if one.is_assigned() or one.is_imported())


def _tree(text: str, flags: int = 0) -> ast.Module | None:
    """A text that is a program by itself, as a tree; None for another one."""
    try:
        with warnings.catch_warnings(action="ignore"):
            tree = ast.parse(text)
            compile(tree, "<cell>", "exec", flags, dont_inherit=True)
            return tree
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
