"""What the warm process learns of a rehearsal: names of modules to import, and of caches to fill. It fills them itself.

A rehearsal is a submission that tells at its end what it loaded. Its names, its data and whatever it changed are gone
with its process.
"""

import contextlib
import functools
import importlib
import linecache
import os
import sys
import threading
import warnings
from collections.abc import Iterator, Mapping, Sequence

from . import shell
from .shell import Shell

Names = dict[str, list[str]]
CELL = "print(1)\n1"
PICTURE = "import matplotlib.pyplot as plt\nplt.plot([0, 1])\nplt.title('$x$')\nplt.show()"
WRITERS = "PIL."
"""Modules that are imported when the first picture is stored."""


def practise(interpreter: Shell, cell: str) -> None:
    """Run a cell, so that the next one needn't do what is done only once. What is seen of it is reset."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        shell.run_cell(interpreter, cell, lambda: None)
    for name in interpreter.compile._filename_map:  # its text is kept there for tracebacks
        linecache.cache.pop(name, None)
    interpreter.compile._filename_map.clear()
    interpreter.reset(new_session=True)
    shell.refresh(interpreter)


class Before:
    """What was loaded before a rehearsal."""

    def __init__(self) -> None:
        self._modules, self._caches = set(sys.modules), set(_filled())

    def loaded_since(self) -> Names:
        """Names of what it loaded: ``modules``, and ``caches`` as "module:name"."""
        modules = [name for name in sys.modules if name not in self._modules]
        return {"modules": modules, "caches": [name for name in _filled() if name not in self._caches]}


def _filled() -> Iterator[str]:
    """Functions of libraries that take no argument, and keep their result since somebody has called them."""
    for name, module in list(sys.modules.items()):
        for own, value in list(getattr(module, "__dict__", {}).items()):
            if isinstance(value, functools._lru_cache_wrapper) and value.__module__ == name:
                code = getattr(value.__wrapped__, "__code__", None)
                if value.cache_info().currsize and code is not None and _takes_nothing(code):
                    yield f"{name}:{own}"


def _takes_nothing(code: object) -> bool:
    flags = code.co_flags & 0x0C  # type: ignore[attr-defined] # *args, **kwargs
    return not (code.co_argcount or code.co_kwonlyargcount or flags)  # type: ignore[attr-defined]


def learn(interpreter: Shell, names: Mapping[str, Sequence[str]], own: Sequence[str]) -> str:
    """Import the modules and fill the caches.

    Parameters
    ----------
    own
        Modules that a notebook imports itself. What their functions say when they are called first belongs to it, so
        their caches stay empty.

    Returns
    -------
    why no submission can be started from this process any more, or ""
    """
    log = os.fstat(1).st_size
    interpreter.collected.clear()
    known = {name.partition(".")[0] for name in own}
    for name in names["modules"]:
        with contextlib.suppress(Exception):
            importlib.import_module(name)
    for name in names["caches"]:
        module, _, function = name.partition(":")
        if module.partition(".")[0] not in known:
            with contextlib.suppress(Exception):
                getattr(sys.modules[module], function)()
    if interpreter.collected.finished() or os.fstat(1).st_size != log:  # warnings are among it
        return "what is imported says something, which belongs to who imports it"
    if any(name.startswith(WRITERS) for name in names["modules"]):
        practise(interpreter, PICTURE)
    if threading.active_count() != 1 or _has_children():
        return "what is imported starts threads or processes"
    return ""


def _has_children() -> bool:
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return False
    return True
