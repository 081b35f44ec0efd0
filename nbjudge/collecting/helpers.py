"""Modules that students wrote and handed in beside their notebook, which imports them."""

import importlib.util
import re
import sys
from collections.abc import Iterable, Mapping
from functools import cache

from nbjudge.collecting.archives import Entry
from nbjudge.course.config_files import is_configuration
from nbjudge.course.course import Course

MAX_BYTES = 2**20
"""Of one module."""
MAX_HELPERS = 20
"""Modules of one notebook."""
MAX_NAMES = 500
"""Names of modules that one file imports."""
IMPORT = re.compile(r"^[ \t]*(?:from[ \t]+([^\W\d]\w*)|import[ \t]+([^\n;#]{1,500}))", re.MULTILINE)


class Helpers:
    """Tells which modules come along with a notebook.

    Parameters
    ----------
    course, assignment : whose files and packages no helper may hide
    """

    def __init__(self, course: Course, assignment: str) -> None:
        self._course, self._source = course, course.source(assignment)
        self._imports: dict[str, list[str]] = {}
        """The names that a file imports, by its digest."""

    def read(self, entry: Entry, code: Iterable[str]) -> None:
        """Note what a file imports. A file is read once, whatever imports it."""
        self._imports.setdefault(entry.digest, _names(code)[:MAX_NAMES])

    def of(self, notebook: Entry, beside: Mapping[str, Entry]) -> tuple[dict[str, Entry], list[str]]:
        """Those of the files ``beside`` a notebook that it imports, or that one of them does.

        Returns
        -------
        files : with copies, by their names
        remarks : which come along, and which don't, and why
        """
        files: dict[str, Entry] = {}
        hiding: list[str] = []
        left = list(self._imports.get(notebook.digest, []))
        while left and len(files) < MAX_HELPERS:
            module = left.pop()
            name, entry = f"{module}.py", beside.get(f"{module}.py")
            if name in files or name in hiding or not entry or not entry.content:
                continue
            if is_configuration(name) or self._is_taken(module):
                hiding.append(name)
            elif entry.content.stat().st_size <= MAX_BYTES:
                files[name] = entry
                if entry.digest not in self._imports:
                    self.read(entry, [entry.content.read_text(errors="replace")])
                left += self._imports[entry.digest]
        remarks = [f"with {', '.join(sorted(files))}, which it imports"] if files else []
        if hiding:
            why = "the course, Python or Jupyter has a file of this name"
            remarks.append(f"without {', '.join(sorted(hiding))}: {why}")
        return files, remarks

    def _is_taken(self, module: str) -> bool:
        """Whether the course or this Python has a module of this name: a helper would hide it."""
        folders = (self._source, self._course.root)
        here = any((folder / name).exists() for folder in folders for name in (module, f"{module}.py"))
        return here or _is_installed(module)


def _names(code: Iterable[str]) -> list[str]:
    """What is imported, also by code that doesn't compile."""
    found = [match for text in code for match in IMPORT.findall(text)]
    names = [part.split()[0].split(".")[0] for one, more in found for part in (one or more).split(",") if part.strip()]
    return [name for name in dict.fromkeys(names) if name.isidentifier()]


@cache
def _is_installed(module: str) -> bool:
    try:
        return module in sys.stdlib_module_names or importlib.util.find_spec(module) is not None
    except (ImportError, ValueError):  # one that is loaded, and says nothing of itself
        return True
