"""A warm process from the moment in which it is started, which may be long before anybody waits for it.

It imports for a second or more. Whoever will need it can start it, do something else, and even hand it on to a process
that is forked. This module imports nothing that takes long.
"""

import contextlib
import os
import select
import signal
import socket
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import IO, Protocol

from nbjudge.sandbox import walls
from nbjudge.sandbox.limits import Limits
from nbjudge.sandbox.walls import Wall, Way


@dataclass(frozen=True)
class Recipe:
    """What a sandbox is made of: two with the same are the same.

    Attributes
    ----------
    modules : to be imported before the first submission comes
    hidden : folders that must not be seen in there, such as the course's
    limits : what each submission may use
    isolation : which wall is put up: "namespaces", "landlock", or "sandbox" for the best that there is
    """

    modules: tuple[str, ...] = ()
    hidden: tuple[Path, ...] = ()
    limits: Limits = field(default_factory=Limits)
    isolation: str = "sandbox"


class Process(Protocol):
    """What of a ``Popen`` is needed of a warm process."""

    def poll(self) -> int | None: ...

    def wait(self, timeout: float | None = None) -> int: ...

    def kill(self) -> None: ...


class Elder:
    """A process that was started by the parent of this one. Only that one learns its exit code."""

    def __init__(self, number: int) -> None:
        """
        Parameters
        ----------
        number
            Of a process that the caller has started and not waited for, so that it can be no other's.
        """
        self._descriptor = os.pidfd_open(number)

    def poll(self) -> int | None:
        """0 when it has ended, or None."""
        return 0 if select.select([self._descriptor], [], [], 0)[0] else None

    def wait(self, timeout: float | None = None) -> int:
        """
        Raises
        ------
        subprocess.TimeoutExpired
            If it doesn't end in so many seconds.
        """
        if not select.select([self._descriptor], [], [], timeout)[0]:
            raise subprocess.TimeoutExpired("the sandbox", timeout or 0.0)
        return 0

    def kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._descriptor, signal.SIGKILL)

    def close(self) -> None:
        os.close(self._descriptor)


@dataclass
class Warming:
    """A warm process that was started. ``control`` is our end of the line to it, ``log`` what it says of itself."""

    recipe: Recipe
    wall: Wall
    way: Way
    process: Process
    control: socket.socket
    log: IO[bytes]

    def close(self) -> None:
        """End it."""
        self.control.close()
        self.process.kill()
        self.process.wait()
        self.wall.close()
        self.log.close()

    def let_go(self) -> None:
        """Close what this process holds of it; another one has it now."""
        self.control.close()
        self.log.close()


def started(recipe: Recipe, wall: Wall, way: Way) -> Warming:
    """A warm process behind this wall, which has been started and has said nothing yet."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    log = tempfile.TemporaryFile()  # noqa: SIM115  (who waits for it reads it)
    with theirs:
        settings = {
            "control": theirs.fileno(),
            "modules": list(recipe.modules),
            "max_bytes": recipe.limits.output * 2**20,
        }
        words, environment = wall.command(settings, way, recipe.hidden)
        process = subprocess.Popen(
            words, stdin=subprocess.DEVNULL, stdout=log, stderr=log, pass_fds=[theirs.fileno()], env=environment
        )
    return Warming(recipe, wall, way, process, ours, log)


@cache
def _likely(isolation: str) -> str:
    """The name of the first wall that nothing keeps this machine from having, as it seems; or ""."""
    return next((wall.name for wall in walls.chosen(isolation) if not wall.missing()), "")


def started_early(recipe: Recipe) -> Warming | None:
    """One that will probably do, or None if there is none; then whoever needs it will say what keeps it from starting.

    This decides nothing: walls are tried in their order in any case, and one that was started in vain is ended.
    """
    try:
        walls.require_linux()
        wall = next(wall for wall in walls.chosen(recipe.isolation) if wall.name == _likely(recipe.isolation))
        way = next(iter(wall.ways(needed(recipe))))
        return started(recipe, wall, way)
    except (walls.SandboxError, OSError, StopIteration):
        return None


def needed(recipe: Recipe) -> Sequence[str]:
    """All modules that it imports."""
    return ["IPython", *recipe.modules]


def hand_on(early: Warming | None) -> None:
    """Let the next sandbox of this process be this one, if it is made by the recipe that is needed."""
    _handed_on[:] = [early] if early is not None else []


def taken(recipe: Recipe) -> Warming | None:
    """The one that was handed on, or None if there is none, or none by this recipe. There is no second one."""
    early = _handed_on.pop() if _handed_on else None
    if early is not None and early.recipe != recipe:
        early.close()
        return None
    return early


_handed_on: list[Warming] = []
