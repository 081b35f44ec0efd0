"""The wheel of the two libraries, and an environment in which nothing else of this repository is found."""

import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

from tests.support import ROOT

LIBRARIES = ("nbprobe", "nbjudge")


def build(folder: Path) -> Path:
    """Build it from a copy: whatever lies around from an earlier build stays out of it, and nothing is left here."""
    for name in ("engine", *LIBRARIES):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", "build"))
    _run("-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", "dist", "./engine", cwd=folder)
    (wheel,) = (folder / "dist").iterdir()
    return wheel


class Environment:
    """An environment with the wheel. Third-party libraries are those of this one, without what is editable in it."""

    def __init__(self, folder: Path, wheel: Path) -> None:
        self.folder = folder
        _run("-m", "venv", "--without-pip", str(folder), cwd=folder.parent)
        python, ours = str(folder / "bin/python"), Path(sys.prefix)
        _run("-m", "pip", "--python", python, "install", "--no-index", "--no-deps", str(wheel), cwd=folder)
        packages = folder / Path(sysconfig.get_path("purelib")).relative_to(ours)
        # a folder that is named here isn't searched for such files of its own, by which editable packages are found
        libraries = dict.fromkeys(sysconfig.get_path(name) for name in ("purelib", "platlib"))
        (packages / "libraries.pth").write_text("\n".join(libraries))
        (folder / "share/jupyter").mkdir(parents=True)
        (folder / "share/jupyter/nbconvert").symlink_to(ours / "share/jupyter/nbconvert")
        (folder / "bin/alembic").symlink_to(Path(sys.executable).parent / "alembic")
        self._variables = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("PYTHON", "PIP_", "MAKE", "MFLAGS"))
        }
        self._variables |= {"PATH": f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}", "VIRTUAL_ENV": str(folder)}

    def run(self, *words: str, cwd: Path) -> subprocess.CompletedProcess:
        """Run a command as one types it, in this environment."""
        return subprocess.run(words, cwd=cwd, env=self._variables, capture_output=True, text=True, timeout=300)


def _run(*words: str, cwd: Path) -> None:
    done = subprocess.run([sys.executable, *words], cwd=cwd, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
