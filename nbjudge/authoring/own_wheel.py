"""The file from which the engine was installed, so that a new course can bring it along."""

import json
from importlib import metadata
from pathlib import Path
from urllib.parse import unquote, urlsplit

import nbjudge

DISTRIBUTION = "nbjudge"


def own_wheel() -> Path | None:
    """The wheel, if the engine that runs was installed from one in a file (pip notes it: PEP 610) that is still there.

    Of an engine that came from an index, its name and version are enough.
    """
    try:
        installed = metadata.distribution(DISTRIBUTION)
    except metadata.PackageNotFoundError:
        return None
    if not _is_running(Path(str(installed.locate_file("nbjudge")))):
        return None
    origin = urlsplit(json.loads(installed.read_text("direct_url.json") or "{}").get("url", ""))
    path = Path(unquote(origin.path))
    return path if origin.scheme == "file" and path.suffix == ".whl" and path.is_file() else None


def _is_running(package: Path) -> bool:
    return package.is_dir() and package.samefile(Path(nbjudge.__file__).parent)
