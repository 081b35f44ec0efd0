"""The first wall: each submission in namespaces of its own (``linux/sched.h``).

Three processes for each, with one job: the first moves into new namespaces; its child is process 1 in there, and its
end is the end of everything in there; the last one runs the student's cells.
"""

import os
import selectors
import signal
import socket
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

from . import confinement, filters, orders, runner, standing_still
from .kernel import check, libc
from .runner import Job
from .shell import Shell
from .watch_of_many import WatchOfMany

NEW_MOUNTS, NEW_UTS, NEW_IPC, NEW_USER, NEW_PIDS = 0x00020000, 0x04000000, 0x08000000, 0x10000000, 0x20000000
READ_ONLY, NO_SUID, NO_DEVICES, BOUND, AGAIN_BOUND, PRIVATE_TREE = 1, 2, 4, 0x1000, 0x20 | 0x1000, 0x4000 | 0x40000

NAMES_OF_KEYS = ("/proc/keys", "/proc/key-users")
"""Those of whoever grades, where that isn't root: principals, servers and the like."""
TERMINALS = 16
FILES = 16_000
"""Files and folders in each place to write. So the longest path, its letters written as four, is below 16 MiB."""


def enter_namespaces() -> None:
    """Leave the other submissions' view of users, mounts, processes and shared memory.

    The next child is process 1 of its own world: when it ends, the kernel ends everything in there.
    """
    uid, gid = os.getuid(), os.getgid()
    confinement.set_dumpable(True)  # or else the maps below belong to root
    check(libc.unshare(NEW_USER | NEW_MOUNTS | NEW_PIDS | NEW_IPC | NEW_UTS), "unshare")
    confinement.set_dumpable(True)
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{uid} {uid} 1")
    Path("/proc/self/gid_map").write_text(f"{gid} {gid} 1")


def mount_scratch(places: list[str], megabytes: int) -> None:
    """Fresh, empty, size-limited places to write, and a view of the own processes only. Then no more namespaces."""
    check(libc.mount(b"none", b"/", None, PRIVATE_TREE, None), "mount /")
    check(libc.mount(b"proc", b"/proc", b"proc", NO_SUID | NO_DEVICES, None), "mount /proc")
    for place in filter(os.path.exists, NAMES_OF_KEYS):
        check(libc.mount(b"/dev/null", place.encode(), None, BOUND, None), f"mount {place}")
    options = f"size={megabytes}m,nr_inodes={FILES},mode=0777".encode()
    for place in places:
        check(libc.mount(b"tmpfs", place.encode(), b"tmpfs", NO_SUID | NO_DEVICES, options), f"mount {place}")
    terminals = f"newinstance,ptmxmode=0666,mode=620,max={TERMINALS}".encode()
    check(libc.mount(b"devpts", b"/dev/pts", b"devpts", NO_SUID, terminals), "mount /dev/pts")
    Path("/proc/sys/user/max_user_namespaces").write_text("0")
    # or else a process could give its session back the share of the processor that was taken from it
    check(libc.mount(b"none", b"/proc", None, AGAIN_BOUND | READ_ONLY | NO_SUID | NO_DEVICES, None), "remount /proc")


class Namespaces:
    """How submissions start and end behind this wall."""

    def __init__(self, places: list[str], control: socket.socket) -> None:
        """``places``: folders that a submission can write to, its home first. ``control`` is nothing for it."""
        self._places, self._control = places, control

    def watch(self, limits: dict[str, Any]) -> WatchOfMany:
        return WatchOfMany(limits)

    def begin(self, interpreter: Shell, limits: dict[str, Any], job: Job) -> int:
        """Start a submission. Returns the process that ends with it."""
        first = os.fork()
        if first == 0:
            self._first(interpreter, limits, job)
        return first

    def interrupt(self, first: int) -> None:
        os.kill(first, signal.SIGINT)

    def kill(self, first: int) -> None:
        os.kill(first, signal.SIGTERM)

    def clean(self) -> None:
        """Nothing is left: the kernel took the folders back with the last process in there."""

    def end(self) -> None:
        """Nor has this process anything of its own."""

    def _first(self, interpreter: Shell, limits: dict[str, Any], job: Job) -> NoReturn:
        """Move into new namespaces; forward orders to process 1 in there, and its exit code to outside."""
        code = runner.FAILED
        try:
            self._control.close()
            enter_namespaces()
            child = os.fork()
            if child == 0:
                self._second(interpreter, limits, job)
            job.close()
            passed_on = (signal.SIGINT, standing_still.STOP, standing_still.GO_ON)
            told = {order: partial(os.kill, child, order) for order in passed_on}
            status = orders.wait_for(child, {**told, signal.SIGTERM: partial(os.kill, child, signal.SIGKILL)})
            code = abs(os.waitstatus_to_exitcode(status))
        except BaseException:
            runner.complain()
        finally:
            os._exit(code)

    def _second(self, interpreter: Shell, limits: dict[str, Any], job: Job) -> NoReturn:
        """Process 1: confine what is to come, start the runner, reap what ends, and end with the runner."""
        code = runner.FAILED
        try:
            os.setsid()
            mount_scratch(self._places, limits["disk"])
            confinement.drop_privileges()
            confinement.leave_log()  # here: the runner can look at what this process has open
            last = os.fork()
            if last == 0:
                runner.run(interpreter, limits, job, self._places[0], _confine)
            confinement.set_dumpable(False)
            job.close()
            interrupted = {signal.SIGINT: partial(os.kill, last, signal.SIGINT)}
            exit_code = os.waitstatus_to_exitcode(orders.wait_for(last, {**interrupted, **standing_still.obeyed()}))
            code = exit_code if exit_code >= 0 else 128 - exit_code
        except BaseException:
            runner.complain()
        finally:
            os._exit(code)


def _confine(limits: dict[str, Any]) -> None:
    confinement.set_limits(limits["address_space"], limits["processes"], limits["file"], limits["cpu"])
    confinement.set_dumpable(True)
    filters.deny_calls()
    selectors.DefaultSelector = selectors.PollSelector  # type: ignore[misc, assignment] # epoll is gone
