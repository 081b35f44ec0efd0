"""The walls that there are: how the warm process is started behind each, and what keeps a machine from having it."""

import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbjudge.course.isolation import LANDLOCK, NAMESPACES
from nbjudge.sandbox import bubblewrap, view
from nbjudge.sandbox.bubblewrap import HOME, INSIDE, SETTINGS, SYSTEM, VARIABLES, SandboxError
from nbjudge.sandbox.users import OwnUser
from nbjudge.sandbox.view import View

PROBE_SECONDS = 20.0
WITHOUT = 'c.SandboxedExecute.isolation = "none"'
NO_PROCESSES = {"JOBLIB_MULTIPROCESSING": "0"}
"""Where there are none, joblib would try one and warn each submission that imports it."""
OUT_OF_MEMORY = ("Cannot allocate memory", "Resource temporarily unavailable", "Too many open files")


@dataclass(frozen=True)
class Way:
    """One way to start the warm process.

    Attributes
    ----------
    view : what it sees of Python
    as_other : whether root becomes a user that nobody else is before it shuts itself in
    """

    view: View
    as_other: bool = False


class Namespaces:
    """The first: bubblewrap around the warm process, and namespaces of its own for each submission."""

    name = NAMESPACES

    def __init__(self) -> None:
        self._user: OwnUser | None = None

    def missing(self) -> str:
        """What keeps this machine from having it, in a sentence; or ""."""
        try:
            words = bubblewrap.command(["/usr/bin/true"], View(""), [])
        except SandboxError as error:
            return str(error)
        try:
            done = subprocess.run(words, capture_output=True, text=True, errors="replace", timeout=PROBE_SECONDS)
        except (OSError, subprocess.TimeoutExpired) as error:
            return bubblewrap.explained(str(error))
        said = done.stderr.strip().rpartition("\n")[2]
        if done.returncode == 0 or any(words in said for words in OUT_OF_MEMORY):
            return ""  # what comes and goes is no reason to take another wall
        return bubblewrap.explained(said or "it ended without a word")

    def ways(self, modules: Sequence[str]) -> Iterator[Way]:
        """What tells least of the machine first.

        Raises
        ------
        SandboxError
            If it can't be tried at all.
        """
        bubblewrap.find()
        for seen in (view.relocated(modules), view.in_place(modules)):
            if seen is not None:
                yield Way(seen)

    def command(
        self, settings: dict[str, Any], way: Way, hidden: Sequence[Path]
    ) -> tuple[list[str], dict[str, str] | None]:
        """Words that start the warm process, and its environment (None: ours; the words see to it)."""
        self._user = self._user or OwnUser()
        paths = ["/inside", *way.view.paths]
        settings = {**settings, "wall": self.name, "places": [HOME, way.view.scratch(), "/dev/shm"]}
        code = f"import sys; sys.path[:0] = {paths!r}; from inside import forkserver; forkserver.main({settings!r})"
        return bubblewrap.command([way.view.python, "-I", "-c", code], way.view, hidden, self._user.uid), None

    def explained(self, line: str) -> str:
        """The last line that was said before it ended, and what to do about it."""
        return bubblewrap.explained(line)

    def close(self) -> None:
        """Give back what the machine has only once."""
        if self._user is not None:
            self._user.release()
        self._user = None


class Landlock:
    """The second: the warm process shuts itself in, and each submission is one process that may make few system calls.

    Attributes
    ----------
    version : the newest version of Landlock that is used, also if the kernel has a newer one
    """

    name = LANDLOCK

    def __init__(self, version: int = 6) -> None:
        self.version = version
        self._user: OwnUser | None = None
        self._own: Path | None = None

    def missing(self) -> str:
        """What keeps this machine from having it, in a sentence; or ""."""
        if not sys.platform.startswith("linux"):
            return "Landlock is a part of Linux."
        from nbjudge.sandbox.inside import filters, landlock  # they are Linux's, too

        if not filters.is_known_processor():
            return f"nobody has listed the system calls of this processor ({platform.machine()}) for the second wall."
        if landlock.version() < 1:
            return (
                "this kernel has no Landlock, or it is switched off; it takes Linux 5.13 or newer with landlock among "
                "the kernel's lsm= modules, and a container that doesn't refuse its system calls."
            )
        return ""

    def ways(self, modules: Sequence[str]) -> Iterator[Way]:
        """As root: a user that nobody else is; and without any capability as root, where that one can't read Python."""
        if missing := self.missing():
            raise SandboxError(missing)
        seen = view.in_place(modules)
        if os.geteuid() == 0:
            yield Way(seen, as_other=True)
        yield Way(seen)

    def command(self, settings: dict[str, Any], way: Way, hidden: Sequence[Path]) -> tuple[list[str], dict[str, str]]:
        """Words that start the warm process, and its environment. What a submission writes goes to a folder of ours."""
        self._own = self._own or Path(tempfile.mkdtemp(prefix="nbjudge-")).resolve()
        work = self._own / "work"
        work.mkdir(mode=0o700, exist_ok=True)
        if way.as_other:
            self._user = self._user or OwnUser()
            for folder in (work, self._own):
                os.chown(folder, self._user.uid, -1)
        home, temporary = str(work / "submission"), str(work / "tmp")
        libraries = [str(folder) for folder, _ in way.view.shown if str(folder) in way.view.paths]
        own = {**self._seen(way.view, hidden), "version": self.version, "own": str(work)}
        own["user"] = self._user.uid if self._user is not None and way.as_other else None
        settings = {**settings, "wall": self.name, "places": [home, temporary], self.name: own}
        code = f"import sys; sys.path.insert(0, {str(INSIDE.parent)!r}); from inside import outer_wall; "
        code += f"sys.path[:1] = {libraries!r}; outer_wall.put_up({own!r}); "
        code += f"from inside import forkserver; forkserver.main({settings!r})"
        places = {"HOME": home, "TMPDIR": temporary, "MPLCONFIGDIR": temporary}
        environment = {**VARIABLES, **way.view.variables, **places, **NO_PROCESSES}
        return [way.view.python, "-I", "-c", code], environment

    def _seen(self, seen: View, hidden: Sequence[Path]) -> dict[str, Any]:
        """What of the machine can be read, and what of that can't."""
        folders = [source for source, _ in seen.shown]
        packages = [folder for folder in folders if (folder / "__init__.py").exists()]
        shown = [*(folder for folder in folders if folder not in packages), INSIDE]
        shown += [Path(place) for place in (*SYSTEM, *SETTINGS) if Path(place).exists()]
        # a submission can read its command line, so nothing is named without need
        within = [folder for folder in hidden if any(map(folder.is_relative_to, [*shown, *packages]))]
        return {
            "shown": list(map(str, shown)),
            "hidden": list(map(str, within)),
            "packages": {folder.name: str(folder) for folder in packages},
        }

    def explained(self, line: str) -> str:
        """The last line that was said before it ended, and what to do about it."""
        return f"the sandbox doesn't start behind Landlock ({line})."

    def close(self) -> None:
        """Give back what the machine has only once, and remove what is left on the disk."""
        if self._user is not None:
            self._user.release()
        self._user = None
        if self._own is not None:
            remove(self._own)
        self._own = None


def remove(folder: Path) -> None:
    """Remove a folder of a submission. It may be deeper than Python can follow, or hold what can't be opened."""
    try:
        shutil.rmtree(folder)
    except FileNotFoundError:  # another process has done that
        return
    except (OSError, RecursionError):
        subprocess.run(["chmod", "-R", "u+rwX", str(folder)], capture_output=True)
        subprocess.run(["rm", "-rf", "--", str(folder)], capture_output=True)


Wall = Namespaces | Landlock


def require_linux() -> None:
    """
    Raises
    ------
    SandboxError
        If there are none on this kind of system; the message says what to do.
    """
    if sys.platform != "linux":
        raise SandboxError(
            "there are walls around the code of students on Linux only, and this is another system; grade on Linux, "
            f"or, if everything in submitted/ may do what you can do here, write {WITHOUT} into nbgrader_config.py."
        )


def chosen(isolation: str) -> list[Wall]:
    """Those that may be taken, the best first: by ``isolation``, "sandbox", "namespaces" or "landlock"."""
    return [wall for wall in (Namespaces(), Landlock()) if isolation in ("sandbox", wall.name)]
