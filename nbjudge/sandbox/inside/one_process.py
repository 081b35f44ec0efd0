"""The second wall: each submission is one process, shut in by Landlock and a list of the system calls that it may make.

For machines that give ordinary users no namespaces. It has threads, starts no other process, reads Python and writes
to its own folder.
"""

import _thread
import os
import selectors
import shutil
import signal
import socket
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

from . import allowed_calls, confinement, filters, landlock, outer_wall, runner
from .kernel import prctl
from .runner import Job
from .shell import Shell
from .watch_of_one import WatchOfOne

NO_PROCESS = (
    "a notebook can't start other processes here: this machine grades without namespaces, and behind its wall a "
    "submission is one process"
)
STARTS = ("subprocess.Popen", "os.fork", "os.forkpty", "os.posix_spawn", "os.spawn", "os.exec", "os.system")
"""What Python calls it when code wants a process."""
MORE_TASKS = 500
"""Beyond those of a submission that others may start while it runs, where the kernel counts all of one user."""


class OneProcess:
    """How submissions start and end behind this wall."""

    def __init__(self, places: list[str], control: socket.socket, settings: dict[str, Any]) -> None:
        """``places``: its home, and its folder for temporary files, in one folder that is nothing else's."""
        self._places, self._control = places, control
        self._version, self._shown = settings["version"], [*settings["shown"], *settings["packages"].values()]
        self._top = Path(places[0]).parent
        self.clean()

    def watch(self, limits: dict[str, Any]) -> WatchOfOne:
        return WatchOfOne(limits, self._places)

    def begin(self, interpreter: Shell, limits: dict[str, Any], job: Job) -> int:
        """Start a submission. Returns its process once it can be looked into; before, it seems to hide something."""
        waiting, closed = os.pipe()
        warm, pid = os.getpid(), os.fork()
        if pid == 0:
            self._begin(interpreter, limits, job, warm, closed)
        os.close(closed)
        os.read(waiting, 1)
        os.close(waiting)
        return pid

    def interrupt(self, pid: int) -> None:
        os.kill(pid, signal.SIGINT)

    def kill(self, pid: int) -> None:
        os.kill(pid, signal.SIGKILL)

    def clean(self) -> None:
        """Remove what a submission left, and make its folders anew.

        Raises
        ------
        OSError
            If it can't be removed. Then this process ends, and the trusted side removes the whole.
        """
        self.end()
        for folder in self._places:
            os.mkdir(folder, 0o700)

    def end(self) -> None:
        """Remove what is on the disk."""
        for place in self._top.iterdir():
            shutil.rmtree(place)

    def _begin(self, interpreter: Shell, limits: dict[str, Any], job: Job, warm: int, closed: int) -> NoReturn:
        try:
            prctl(outer_wall.SIGNAL_AT_END_OF_PARENT, signal.SIGKILL)
            if os.getppid() != warm:
                os._exit(runner.FAILED)
            self._control.close()
            os.setsid()
            confinement.set_dumpable(True)
            os.close(closed)
            confinement.leave_log()
            interpreter.system = _no_program  # what begins with "!"
            runner.run(interpreter, limits, job, self._places[0], self._confine)
        finally:
            os._exit(runner.FAILED)

    def _confine(self, limits: dict[str, Any]) -> None:
        sys.addaudithook(_start_nothing)
        _bound_threads(limits["processes"])
        selectors.DefaultSelector = selectors.PollSelector  # type: ignore[misc, assignment] # epoll is gone
        tasks = int(Path("/proc/loadavg").read_text().split()[3].partition("/")[2])
        most = tasks + limits["processes"] + MORE_TASKS
        confinement.set_limits(limits["address_space"], most, limits["file"], limits["cpu"])
        rules = [(folder, landlock.READ) for folder in self._shown]  # what is hidden in them, the outer wall hides
        rules += [(folder, landlock.WRITE) for folder in self._places]
        with landlock.ruleset(self._version, [*rules, *outer_wall.devices()]) as rules_file:
            landlock.restrict(rules_file)
        filters.allow_calls(allowed_calls.ALLOWED.values(), allowed_calls.refusals(os.getpid()))


def _bound_threads(most: int) -> None:
    """Python says what it says behind the first wall. The watch ends whoever starts more in another way."""

    def bounded(start: Callable[..., Any]) -> Callable[..., Any]:
        def start_or_not(*args: Any, **named: Any) -> Any:
            if _thread._count() >= most - 1:
                raise RuntimeError("can't start new thread")
            return start(*args, **named)

        return start_or_not

    for name in ("_start_new_thread", "_start_joinable_thread"):  # before Python 3.13, and since
        if hasattr(threading, name):
            setattr(threading, name, bounded(getattr(threading, name)))


def _no_program(_: str) -> NoReturn:
    raise PermissionError(NO_PROCESS)


def _start_nothing(event: str, _: Any) -> None:
    """The kernel refuses it anyway. This says why."""
    if event in STARTS:
        raise PermissionError(NO_PROCESS)
