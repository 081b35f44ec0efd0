"""Sums over files: by them a grading knows what it depends on. This imports nothing that takes long."""

import hashlib
import os
import stat
import sys
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

ENGINE = Path(__file__).parents[1]
ROOMS = ("course", "sandbox", "pages", "judging", "intake")
"""Those of nbjudge that decide a grade; the others show, collect and publish."""


def engine_files() -> list[Path]:
    """Our own files that decide a grade."""
    probe = find_spec("nbprobe")
    assert probe is not None
    assert probe.origin is not None
    folders = [Path(probe.origin).parent, *(ENGINE / room for room in ROOMS)]
    files = [file for folder in folders for file in sorted(folder.rglob("*")) if file.suffix in (".py", ".j2")]
    return [ENGINE / "configuration.py", *files]


def digest(path: str | Path) -> str:
    """A sum over a file's content, or "" if there is no such file."""
    if not os.path.isfile(path):  # to open a pipe would be to wait
        return ""
    try:
        with open(path, "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""


def contents(folder: Path, without: tuple[str, ...] = ()) -> str:
    """A sum over the names and contents of what lies in a folder of the course's own. Links aren't followed.

    Files whose names end so (``without``) don't count.
    """
    sums = hashlib.sha256()
    for place, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(name for name in (*names, *folders) if not name.endswith(without)):
            path = Path(place, name)
            about = path.lstat()
            sums.update(repr((str(path.relative_to(folder)), stat.S_IFMT(about.st_mode))).encode(errors="replace"))
            if stat.S_ISLNK(about.st_mode):
                sums.update(os.fsencode(os.readlink(path)))
            elif stat.S_ISREG(about.st_mode):
                sums.update(digest(path).encode())
    return sums.hexdigest()


def version_of(distribution: str) -> str:
    """The version of what is installed under this name, or ""."""
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return ""


def origin_of(package: str) -> str:
    """The file with which this process would begin to import a package, loaded already or not; or ""."""
    specs = (finder.find_spec(package, None) for finder in sys.meta_path)
    origin = next((spec.origin for spec in specs if spec is not None), None)
    return os.path.abspath(origin) if origin else ""
