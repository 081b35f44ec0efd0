"""The rehearsal: what students get of a notebook runs once as a submission, and tells the names of what it loaded.

The warm process then loads the same, so that no submission has to. It hears names and nothing else: what the rehearsal
computed, changed or left behind ends with it, as everything of a submission does.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from nbformat import NotebookNode

from nbjudge.course.cells import cells_to_run, is_solution
from nbjudge.course.regions import Delimiters, mistakes, split

SECONDS = 10.0
"""How long it may take. If it takes longer, nothing comes of it."""
STUB = FAILS = "raise NotImplementedError()"
"""What stands in the place of a solution; and a cell that shows a traceback, as many submissions do."""
MOST_NAMES = 5000
NAME = re.compile(r"[A-Za-z_]\w{0,100}(\.[A-Za-z_]\w{0,100}){0,20}", re.ASCII)
PAIR = re.compile(f"{NAME.pattern}:[A-Za-z_]\\w{{0,100}}", re.ASCII)


@dataclass(frozen=True)
class Names:
    """What there is to load.

    Attributes
    ----------
    modules : in the order in which they were imported
    caches : functions without arguments that keep their one result, each as "module:name"
    """

    modules: Sequence[str] = ()
    caches: Sequence[str] = ()


def texts_of(notebook: NotebookNode, delimiters: Sequence[Delimiters]) -> list[str]:
    """The code cells on which a grade depends, as students get them: without solutions, hidden tests, mark schemes.

    Then one that fails.
    """
    texts = []
    for index in cells_to_run(notebook):
        cell = notebook.cells[index]
        if mistakes(cell.source, delimiters):
            continue  # nobody knows what of it students would get
        text, regions = split(cell.source, delimiters, STUB)
        if is_solution(cell) and not any(region.what == "solution" for region in regions):
            continue  # all of it is the solution
        texts.append(text)
    return [*texts, FAILS]


def names_in(learned: Any) -> Names:
    """The names in what came from a rehearsal; none if it has another form."""
    if not isinstance(learned, dict):
        return Names()
    modules, caches = (learned.get(key) for key in ("modules", "caches"))
    if not (_are(NAME, modules) and _are(PAIR, caches)):
        return Names()
    return Names(tuple(modules or ()), tuple(caches or ()))


def _are(form: re.Pattern, values: Any) -> bool:
    return (
        isinstance(values, list)
        and len(values) <= MOST_NAMES
        and all(isinstance(value, str) and form.fullmatch(value) for value in values)
    )
