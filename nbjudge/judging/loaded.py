"""What a run really loaded: the files and libraries that its results depend on, and no others."""

import os
import site
import sys
import sysconfig
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path
from types import CodeType
from typing import Any
from unittest import mock

from pydantic import BaseModel

from nbjudge.course.digests import digest, origin_of, version_of
from nbjudge.course.stamps import Stamp, stamp

ENGINE = ("nbprobe", "nbjudge")
"""Our own packages count file by file, also where they are installed, and also what was imported before the run."""


class Loaded(BaseModel, frozen=True):
    """What a run depended on.

    Attributes
    ----------
    files : digest of each file, by its path
    packages : the file at which the search for a package ended that isn't a library, by its name
    libraries : version of each library, by the name of its distribution
    """

    files: dict[str, str]
    packages: dict[str, str]
    libraries: dict[str, str]

    def is_current(self) -> bool:
        """Whether a run would load the same today."""
        return (
            all(version_of(name) == version for name, version in self.libraries.items())
            and all(origin_of(name) == path for name, path in self.packages.items())
            and all(digest(path) == known for path, known in self.files.items())
        )

    def relative_to(self, root: Path) -> "Loaded":
        """The same, with files below ``root`` by their names in it: so it stays true where the folder is moved."""
        return self.model_copy(update={"files": {within(root, path): known for path, known in self.files.items()}})

    def below(self, root: Path) -> "Loaded":
        """What ``relative_to`` gave, as it is for a folder ``root``."""
        return self.model_copy(update={"files": {str(root / path): known for path, known in self.files.items()}})

    def stamps(self) -> list[Stamp] | None:
        """Of each file: they say at little cost that nothing has changed. None as long as they can't say it."""
        found = [stamp(path) for path in self.files]
        known = [each for each in found if each is not None]
        return known if len(known) == len(found) else None


def within(root: Path, path: str) -> str:
    """A path as it stays when the folder ``root``, in which it may lie, is moved."""
    own = Path(path)
    return str(own.relative_to(root)) if own.is_relative_to(root) else path


class Recording:
    """Notes what this process loads while it is entered.

    These are modules, and data files that are opened below the course's root or below the folder of such a module.
    Modules of the standard library and of libraries don't count as files: Python's version and theirs stand for them. A
    library is what was installed from an index; what was installed from a folder or a repository keeps its version when
    it changes. Not noticed is what another process reads, or code in C that opens files by itself.
    """

    def __init__(self, root: Path, inputs: Iterable[str]) -> None:
        """
        Parameters
        ----------
        root
            The course's folder.
        inputs
            Files that count in any case.
        """
        self._standard = _spellings(sysconfig.get_path(name) for name in ("stdlib", "platstdlib"))
        self._site = _spellings([*site.getsitepackages(), site.getusersitepackages()])
        self._distributions = metadata.packages_distributions()
        self._inputs = [os.path.abspath(path) for path in inputs]
        self._digests = {path: digest(path) for path in self._inputs}
        self._places = {os.path.abspath(root)}
        self._opened: dict[str, str] = {}
        self._written: set[str] = set()
        self._libraries: set[str] = set()
        self._before = {name for name in sys.modules if name.partition(".")[0] not in ENGINE}
        self._path = list(sys.path)
        self._listens = False

    def __enter__(self) -> "Recording":
        sys.addaudithook(self._hear)
        self._listens = True
        return self

    def __exit__(self, *_: object) -> None:
        self._listens = False  # a hook can't be taken away
        for module in _modules(self._before).values():
            self._note_module(module)

    def loaded(self) -> Loaded:
        """What was loaded."""
        data = {path: known for path, known in self._opened.items() if known and path not in self._written}
        files = {path: known for path, known in {**data, **self._digests}.items() if known or path in self._inputs}
        with mock.patch.object(sys, "path", self._path):
            packages = {
                name: path
                for name, path in _modules(self._before).items()
                if "." not in name and path in files and origin_of(name) == path
            }
        return Loaded(
            files=dict(sorted(files.items())),
            packages=dict(sorted(packages.items())),
            libraries={name: metadata.version(name) for name in sorted(self._libraries)},
        )

    def _hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Python calls this before it executes a module, and before it opens a file."""
        if not self._listens or event not in ("exec", "open"):
            return
        self._listens = False  # to make a digest is to open a file
        try:
            if event == "open":
                self._note_opened(*arguments)
            elif isinstance(arguments[0], CodeType) and os.path.isabs(arguments[0].co_filename):
                self._note_module(arguments[0].co_filename)
        finally:
            self._listens = True

    def _note_module(self, path: str) -> None:
        if path in self._digests:
            return
        libraries = self._libraries_of(path)
        if libraries is None:
            self._digests[path] = digest(path)  # now, or a change during the run would go unnoticed
            self._places.add(os.path.dirname(path))
        else:
            self._libraries.update(libraries)

    def _note_opened(self, name: Any, mode: str | None, flags: int) -> None:
        if not isinstance(name, (str, bytes, os.PathLike)):
            return  # a descriptor
        path = os.path.abspath(os.fsdecode(name))
        if set(mode or "") & set("wax+") or (mode is None and flags & (os.O_WRONLY | os.O_RDWR)):
            self._written.add(path)
        elif path not in self._opened and self._is_data(path):
            self._opened[path] = digest(path)

    def _is_data(self, path: str) -> bool:
        """Whether a file counts that is opened. In hidden folders and those of caches lies nothing of the course."""
        if self._libraries_of(path) is not None:
            return False
        inside = [path.removeprefix(place) for place in self._places if path.startswith(place + os.sep)]
        return any("/__pycache__/" not in part and "/." not in part for part in inside)

    def _libraries_of(self, path: str) -> set[str] | None:
        """Names of the installed distributions to which a file belongs; None if it is the course's or ours."""
        place = next((place for place in self._site if path.startswith(place)), None)
        if place is None:
            return set() if path.startswith(tuple(self._standard)) else None
        top = path.removeprefix(place).split(os.sep)[0]
        names = self._distributions.get(top.partition(".")[0], [])
        if top.endswith((".dist-info", ".egg-info")):
            return set()
        return set(names) if names and top not in ENGINE and not any(map(_is_local, names)) else None


def _modules(without: set[str]) -> dict[str, str]:
    """Files of the modules of this process, by name. Some modules compute attributes, so this looks at their dict."""
    files = {
        name: getattr(module, "__dict__", {}).get("__file__")
        for name, module in list(sys.modules.items())
        if name not in without
    }
    return {name: os.path.abspath(file) for name, file in files.items() if isinstance(file, str)}


def _spellings(folders: Iterable[str]) -> list[str]:
    """Beginnings of paths in ``folders``, with and without links, the longest first."""
    both = {spelling + os.sep for folder in folders for spelling in (folder, os.path.realpath(folder))}
    return sorted(both, key=len, reverse=True)


def _is_local(distribution: str) -> bool:
    """Whether it was installed from a folder, a file or a repository (PEP 610), and not from an index."""
    return metadata.distribution(distribution).read_text("direct_url.json") is not None
