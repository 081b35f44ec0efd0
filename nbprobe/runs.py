"""Remembers how the last run of each cell that defines a class or a function ended, so that a check can say it.

And what these cells held, so that rules about the code can be judged.
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from IPython import get_ipython

from nbprobe.cell_trees import parsed

DEFINITION = re.compile(r"^(?:class|def)\s+(\w+)", re.MULTILINE)


@dataclass(frozen=True)
class Failure:
    """How the last run of a cell ended: the kind of the error, and its line in the cell, if that is known."""

    error: str
    line: int | None

    def __str__(self) -> str:
        where = f" in line {self.line}" if self.line else ""
        return f"stopped with {'an' if self.error[:1] in 'AEIOU' else 'a'} {self.error}{where}"


_failures: dict[str, Failure | None] = {}
_makers: dict[str, str | None] = {}
"""The cell that defined a name last."""
_before: dict[str, Failure | None] = {}
"""How it was, before the cell that runs now, with the names that it may define."""


def failure_of(name: str) -> Failure | None:
    """How the last run of the cell that defines ``name`` failed, or None.

    Another cell that stops before it defines it anew takes nothing away: what was there is there.
    """
    return _failures.get(name)


def begin(info: Any) -> None:
    """IPython calls this before a cell runs: a check may stand in it, below what it checks."""
    global _running, _before
    _running = _text_and_cell(info)
    names = DEFINITION.findall(_running[0])
    _before = {name: _failures.get(name) for name in names}
    _failures.update(dict.fromkeys(names))


def remember(result: Any) -> None:
    """IPython calls this when a cell has run."""
    global _running
    _running = None
    text, cell = _text_and_cell(getattr(result, "info", None))
    if result.error_before_exec is None:
        keep(text, cell)
    error = result.error_before_exec or result.error_in_exec
    failure = None if error is None else Failure(type(error).__name__, _line(error))
    definitions = list(DEFINITION.finditer(text))
    tree = parsed(text) if definitions else None
    lines = {node.lineno for node in tree.body} if tree else set()  # of no text that only reads like a definition
    for found in definitions:
        line = text.count("\n", 0, found.start()) + 1
        is_made = failure is None or (failure.line is not None and line < failure.line and not result.error_before_exec)
        name, defined = found[1], tree is None or line in lines
        if is_made and defined:
            _failures[name], _makers[name] = None, cell
        elif not defined or _makers.get(name) not in (None, cell):
            _failures[name] = _before.get(name)
        else:
            _failures[name] = failure


def _text_and_cell(info: Any) -> tuple[str, str | None]:
    return getattr(info, "raw_cell", None) or "", getattr(info, "cell_id", None)


_texts: dict[str, str] = {}
_running: tuple[str, str | None] | None = None
"""The cell that runs now."""
_apart: tuple[str, ...] = ()


def keep(text: str, cell: str | None = None) -> None:
    """Remember the text of a cell that has run, in place of what it held when it ran before.

    Where nobody says which cell it was, another text is another cell.
    """
    _texts.pop(cell or text, None)
    _texts[cell or text] = text


def texts() -> list[str]:
    """What the cells held that ran, in the order in which they ran last: as a grading reads them."""
    if _running is None:
        return list(_texts.values())
    text, cell = _running
    return [*(kept for key, kept in _texts.items() if key != (cell or text)), text]


def apart() -> tuple[str, ...]:
    """The functions of the exercise itself, where an instructor's notebook runs; a rule doesn't look into them."""
    return _apart


@contextmanager
def anew(texts: Sequence[str], apart: Sequence[str]) -> Iterator[None]:
    """As if no cell had run yet but these, of an exercise that has these functions."""
    global _texts, _apart, _running
    before, _texts, _apart, _running = (_texts, _apart, _running), {}, tuple(apart), None
    try:
        for text in texts:
            keep(text)
        yield
    finally:
        _texts, _apart, _running = before


def _line(error: BaseException) -> int | None:
    if isinstance(error, SyntaxError):
        return error.lineno
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_name == "<module>":  # further in are functions, of this cell or of others
            return trace.tb_lineno
        trace = trace.tb_next
    return None


def watch() -> None:
    """Begin to remember, in a notebook. A second call changes nothing.

    Of the cells that ran before, IPython has the texts.
    """
    shell = get_ipython()
    if shell is None or remember in shell.events.callbacks["post_run_cell"]:
        return
    for text in getattr(getattr(shell, "history_manager", None), "input_hist_raw", [])[1:-1]:  # the last one runs now
        keep(text)
    shell.events.register("pre_run_cell", begin)
    shell.events.register("post_run_cell", remember)
