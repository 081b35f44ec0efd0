"""Which Python a sandbox shows, and where: at places that tell nothing of the machine, or else at its own."""

import importlib.util
import os
import site
import sys
import sysconfig
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

BASE, ENVIRONMENT, PACKAGES, LIBRARY = (Path("/python", name) for name in ("base", "env", "packages", "library"))
"""In there: the installed Python, the environment made of it, packages that lie in neither, its shared library."""


@dataclass(frozen=True)
class View:
    """What of Python can be seen in a sandbox, and how it starts there.

    Attributes
    ----------
    python : the program
    shown : folders, read-only, each with its place in there
    links : symbolic links by their place in there, each with what it says
    settings : name of the file in ``inside`` that tells the environment where its Python lies, or ""
    paths : folders in there that hold packages beside those that Python finds by itself
    variables : of the environment
    """

    python: str
    shown: Sequence[tuple[Path, Path]] = ()
    links: dict[Path, str] = field(default_factory=dict)
    settings: str = ""
    paths: Sequence[str] = ()
    variables: dict[str, str] = field(default_factory=dict)

    def scratch(self) -> str:
        """Folder for temporary files, in there: one that covers nothing of what is shown."""
        return "/var/tmp" if any(place.is_relative_to("/tmp") for _, place in self.shown) else "/tmp"


def outermost(folders: Sequence[Path]) -> list[Path]:
    """Those that lie in none of the others."""
    return [
        folder for folder in folders if not any(folder != other and folder.is_relative_to(other) for other in folders)
    ]


def in_place(modules: Iterable[str]) -> View:
    """Python and those of ``modules`` that lie elsewhere, at their own paths.

    Whatever finds its files by a path that was written down when it was built works here, but the folders around it
    can be seen.
    """
    shown = [Path(sys.prefix).resolve(), Path(sys.base_prefix).resolve(), Path(sys.executable).resolve().parent.parent]
    shown += [*_libraries_elsewhere(), *(folder for _, folder in _packages(modules))]
    shown = outermost([folder for folder in dict.fromkeys(shown) if not _of_system(folder)])
    paths = [str(folder.parent) for folder in shown if (folder / "__init__.py").exists()]
    paths += map(str, _libraries_elsewhere())
    return View(
        sys.executable,
        [(folder, folder) for folder in shown],
        paths=paths,
        variables=_variables(Path(sys.executable).parent),
    )


def relocated(modules: Iterable[str]) -> View | None:
    """The same at places of their own, below ``/python``. None if this Python isn't laid out as usual.

    Python finds out by itself where it lies; the two things that it wrote down are given anew: what an environment
    was made of, and where the shared library is.
    """
    program, base = Path(sys.executable).resolve(), Path(sys.base_prefix).resolve()
    if program.parent != base / "bin":
        return None
    shown, links, settings, variables = [], {}, "", {}
    start = program if _of_system(base) else BASE / "bin" / program.name
    if not _of_system(base):
        shown.append((base, BASE))
        if sysconfig.get_config_var("Py_ENABLE_SHARED"):
            name = sysconfig.get_config_var("INSTSONAME")
            links[LIBRARY / name] = str(BASE / "lib" / name)
            variables["LD_LIBRARY_PATH"] = str(LIBRARY)
    if sys.prefix != sys.base_prefix:
        if _of_system(base):
            links[BASE] = str(base)
        shown.append((Path(sys.prefix).resolve(), ENVIRONMENT))
        names = dict.fromkeys(("python", "python3", program.name))
        links |= {ENVIRONMENT / "bin" / name: str(BASE / "bin" / program.name) for name in names}
        start = ENVIRONMENT / "bin/python"
        settings = "with-base.cfg" if _sees_base(Path(sys.prefix)) else "alone.cfg"
    packages = dict(_placed(modules))
    paths = list(dict.fromkeys(str(place.parent) for place in packages.values()))
    for number, folder in enumerate(_libraries_elsewhere(), 1):
        packages[folder] = PACKAGES.with_name(f"{PACKAGES.name}{number}")
        paths.append(str(packages[folder]))
    if paths:
        variables["PYTHONPATH"] = os.pathsep.join(paths)  # for a Python that a submission starts
    variables |= _variables(start.parent)
    return View(str(start), [*shown, *packages.items()], links, settings, paths, variables)


def _variables(programs: Path) -> dict[str, str]:
    return {"PATH": f"{programs}:/usr/local/bin:/usr/bin:/bin"}


def _of_system(folder: Path) -> bool:
    """Whether it is seen in any case."""
    return folder.is_relative_to("/usr")


def _sees_base(environment: Path) -> bool:
    """Whether packages of the installed Python are seen in an environment made of it."""
    lines = (environment / "pyvenv.cfg").read_text().lower().splitlines()
    return ["include-system-site-packages", "true"] in [[part.strip() for part in line.split("=")] for line in lines]


def _packages(modules: Iterable[str]) -> Iterator[tuple[str, Path]]:
    """Name and folder of each package among the modules; one can have several folders."""
    for name in sorted({module.partition(".")[0] for module in modules}):
        spec = importlib.util.find_spec(name)
        if spec is not None and spec.submodule_search_locations:
            yield from ((name, Path(folder).resolve()) for folder in spec.submodule_search_locations)


def _libraries_elsewhere() -> list[Path]:
    """Folders in which packages were installed beside this environment, such as those of a single user.

    They are shown as a whole, as the environment's own is: the packages in there need each other.
    """
    ours = [Path(folder).resolve() for folder in (sys.prefix, sys.base_prefix)]
    folders = dict.fromkeys(Path(path).resolve() for path in sys.path if path)
    return [
        folder
        for folder in folders
        if not (_of_system(folder) or any(map(folder.is_relative_to, ours))) and any(folder.glob("*.dist-info"))
    ]


def _placed(modules: Iterable[str]) -> Iterator[tuple[Path, Path]]:
    """Folder of each package that doesn't come with Python or its environment, and its place in there."""
    standard = [sysconfig.get_path(name) for name in ("stdlib", "platstdlib")]
    known: list[str | Path] = [*site.getsitepackages(), *_libraries_elsewhere(), *standard]
    libraries = [Path(folder).resolve() for folder in known]
    taken: set[Path] = set()
    for name, folder in _packages(modules):
        if _of_system(folder) or any(folder.is_relative_to(library) for library in libraries):
            continue
        place = PACKAGES / name
        while place in taken:  # a namespace with several folders
            place = place.parent.with_name(place.parent.name + "+") / name
        taken.add(place)
        yield folder, place
