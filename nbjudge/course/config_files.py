"""The files that a run obeys: nbgrader reads two in the working directory, and two in the course's root.

Other programs of Jupyter's obey files in the folder in which they are started, and formgrader those in the folder that
its address names (``formgrader?path=…``). Git obeys those of a repository, which a folder with a ``HEAD`` may be. So
nobody is to find such a file of a student's where grading leads.
"""

import fnmatch
import hashlib
import re
from collections.abc import Mapping
from pathlib import Path

CONFIG = "nbgrader_config.py"
OBEYED = (CONFIG, "nbgrader_config.json")
FORBIDDEN = "nbgrader*_config.*", "jupyter*_config.*", "ipython*_config.*", ".git", "HEAD"
"""Patterns of names, in capital letters, too: on some systems these are the same as small ones."""
_FORBIDDEN = re.compile("|".join(map(fnmatch.translate, FORBIDDEN)), re.IGNORECASE)


def config_files(*folders: Path) -> dict[str, str]:
    """SHA-256 of each file that is obeyed in these folders, by its path."""
    paths = [Path(place, name) for place in dict.fromkeys(folders) for name in OBEYED]
    return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in paths if path.is_file()}


def is_configuration(name: str) -> bool:
    """Whether some program may obey a file of this name."""
    return _FORBIDDEN.match(name) is not None


def patterns() -> list[str]:
    """The same for nbgrader, to which capital letters are others."""
    return ["".join(f"[{one.lower()}{one.upper()}]" if one.isalpha() else one for one in each) for each in FORBIDDEN]


def beside(files: Mapping[str, str]) -> list[str]:
    """Sentences that name the files that are obeyed beside the first one."""
    others = [path for path in files if path != next(iter(files))]
    return [f"{path} is obeyed, too, beside {CONFIG}; delete it if it isn't yours." for path in others]


def difference(before: Mapping[str, str], now: Mapping[str, str]) -> str:
    """What has changed in the files that are obeyed, in words that start a sentence; "" if nothing has."""
    changed = [path for path in {**before, **now} if before.get(path) != now.get(path)]
    if not changed:
        return ""
    what = "has appeared" if changed[0] not in before else "has gone" if changed[0] not in now else "has changed"
    return f"{changed[0]} {what} since this run began"
