"""What students get beside the release: the parts that a course names in its configuration, and where they lie."""

import importlib.util
from pathlib import Path

from traitlets import List, Unicode
from traitlets.config import Configurable

from nbjudge.authoring.errors import ReleaseError
from nbjudge.course.course import Course

LIBRARY = "nbprobe"
"""What probes and checks need. It comes with every bundle, and lies beside the notebook as the packages do."""


class Bundle(Configurable):
    """What `course bundle` packs beside the release. Paths are those of the course folder."""

    packages = List(
        Unicode(),
        help="""Packages that the notebook imports: folders in the course folder, or else installed. They hold modules,
        data of the endings in ``data``, and no solution; `course release` searches them, too.""",
    ).tag(config=True)
    data = List(Unicode(), help="Endings of files that may lie in these packages beside modules, such as .csv.").tag(
        config=True
    )
    beside = List(
        Unicode(), help="Further endings of files that may lie beside a notebook, such as .py; they go to students."
    ).tag(config=True)
    tags = List(Unicode(), help="Further tags that cells may have; students see them.").tag(config=True)
    files = List(Unicode(), help="Further files, packed as they are, such as a licence.").tag(config=True)
    guide = Unicode(
        help="""A text in Markdown that follows on how to start in the students' README; its headings are of the second
        level. Without it, the README ends there."""
    ).tag(config=True)
    requirements = Unicode(
        "requirements.txt", help="What students install with pip: versions, each with its hashes."
    ).tag(config=True)
    environment = Unicode(help="Name of the students' conda environment; by default that of the assignment.").tag(
        config=True
    )


def package_files(course: Course, package: str) -> dict[str, Path]:
    """The modules and data of a package, by their path in the bundle.

    Raises
    ------
    ReleaseError
        If there is no such package, or if something lies in it that is neither.
    """
    folder = _package_folder(course, package)
    endings = [".py", *Bundle(config=course.config).data]
    paths = [path for path in sorted(folder.rglob("*")) if "__pycache__" not in path.parts and not path.is_dir()]
    odd = [path for path in paths if path.suffix not in endings or path.is_symlink() or path.name.startswith(".")]
    if odd:
        raise ReleaseError(*(f"{course.show(path)} doesn't belong there; students would get it." for path in odd))
    return {f"{package}/{path.relative_to(folder).as_posix()}": path for path in paths}


def _package_folder(course: Course, package: str) -> Path:
    """Where the package lies: in the course folder, or where it is installed."""
    own = course.root / package
    if own.is_dir():
        return own
    spec = importlib.util.find_spec(package) if package.isidentifier() else None
    if spec is None or not spec.submodule_search_locations:
        raise ReleaseError(f"there is no package {package}, which c.Bundle.packages names; students need it.")
    return Path(spec.submodule_search_locations[0])


def part(course: Course, name: str) -> str:
    """The text of a file of the bundle.

    Raises
    ------
    ReleaseError
        If it isn't there.
    """
    try:
        return (course.root / name).read_text(encoding="utf-8")
    except OSError:
        raise ReleaseError(f"{name} is missing in the course folder; students need it.") from None
