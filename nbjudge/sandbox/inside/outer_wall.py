"""The second wall around the warm process: it shuts itself in, before it imports anything of a course.

What bubblewrap does for the first wall from outside.
"""

import importlib.machinery
import importlib.util
import os
import signal
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

from . import confinement, landlock
from .kernel import prctl

SIGNAL_AT_END_OF_PARENT = 1


def put_up(settings: Mapping[str, Any]) -> None:
    """Give up the rights of root, and all files but those named; end with the process that started this one.

    ``settings``: ``version`` of Landlock to use, ``user`` to become (None: stay who it is), ``shown`` and ``hidden``
    folders and files, ``own`` folder to write to, ``packages`` (folder of each that doesn't lie where Python looks).

    Raises
    ------
    OSError
        If the kernel refuses, or the user can't read what is shown.
    """
    shown = [*settings["shown"], *settings["packages"].values()]
    if settings["user"] is not None:
        os.setgroups([])
        os.setresgid(*[settings["user"]] * 3)
        os.setresuid(*[settings["user"]] * 3)
    confinement.drop_privileges()
    prctl(SIGNAL_AT_END_OF_PARENT, signal.SIGTERM)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    for folder in shown:
        if os.path.exists(folder) and not os.access(folder, os.R_OK):
            raise PermissionError(f"user {os.getuid()} can't read {folder}")
    rules = [*readable(shown, settings["hidden"]), (settings["own"], landlock.WRITE)]
    rules += [("/proc", landlock.READ), *devices()]
    with landlock.ruleset(settings["version"], rules) as rules_file:
        landlock.restrict(rules_file)
    os.makedirs(os.environ["TMPDIR"], exist_ok=True)
    sys.meta_path.insert(0, _Packages(settings["packages"]))


def devices() -> list[tuple[str, int]]:
    """Not among them: ``/dev/zero``, which gives memory that nobody counts to who maps it."""
    return [
        ("/dev/null", landlock.READ_FILE | landlock.WRITE_FILE),
        *((f"/dev/{name}", landlock.READ_FILE) for name in ("full", "random", "urandom")),
    ]


def readable(shown: list[str], hidden: list[str]) -> Iterator[tuple[str, int]]:
    """What may be read so that nothing of the hidden folders can be, unless it is itself shown within them."""
    for folder in shown:
        yield from _around(folder, [each for each in hidden if Path(each).is_relative_to(folder)])


def _around(folder: str, hidden: list[str]) -> Iterator[tuple[str, int]]:
    """A folder without what is hidden in it: all else by its own name, since what holds for a folder holds below it."""
    if not hidden:
        yield folder, landlock.READ
        return
    if folder in hidden:
        return
    if folder in sys.path:
        yield folder, landlock.READ_DIR  # Python finds modules there by listing it
    with os.scandir(folder) as entries:
        for entry in sorted(entries, key=lambda entry: entry.name):
            if not entry.is_symlink():  # what it leads to has a name of its own
                yield from _around(entry.path, [each for each in hidden if Path(each).is_relative_to(entry.path)])


class _Packages:
    """Finds packages in folders that may be read but not be found, since those around them can't be listed."""

    def __init__(self, folders: Mapping[str, str]) -> None:
        self._folders = dict(folders)

    def find_spec(
        self, name: str, path: Any = None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if name not in self._folders:
            return None
        folder = self._folders[name]
        start = Path(folder, "__init__.py")
        return importlib.util.spec_from_file_location(name, start, submodule_search_locations=[folder])
