"""Confinement of one process: what it may look into, its privileges, its open files, its limits.

The numbers are those of the kernel's headers (``linux/prctl.h``, ``linux/capability.h``).
"""

import contextlib
import ctypes
import fcntl
import os
import resource
import stat
import struct
from collections.abc import Collection

from .kernel import check, libc, prctl

SET_DUMPABLE, DROP_FROM_BOUNDS, SET_NO_NEW_PRIVILEGES, SET_NO_HUGE_PAGES, AMBIENT = 4, 24, 38, 41, 47
CAPABILITY_VERSION, LAST_CAPABILITY = 0x20080522, 63
DESCRIPTORS = 256
"""Open files of each process."""


def set_dumpable(dumpable: bool) -> None:
    """Whether processes of the same user may look into this one (``/proc/PID/mem``, ptrace)."""
    prctl(SET_DUMPABLE, int(dumpable))


def drop_privileges() -> None:
    """Give up every privilege, also those that a program could get back."""
    for capability in range(LAST_CAPABILITY + 1):
        if libc.prctl(DROP_FROM_BOUNDS, ctypes.c_ulong(capability), 0, 0, 0) != 0:
            break  # the kernel knows no more of them
    prctl(AMBIENT, 4)  # clear all
    header = struct.pack("Ii", CAPABILITY_VERSION, 0)
    check(libc.capset(header, struct.pack("6I", 0, 0, 0, 0, 0, 0)), "capset")
    prctl(SET_NO_NEW_PRIVILEGES, 1)


def leave_log() -> None:
    """Have nothing to read and nowhere to write: all submissions would share the log of the warm process."""
    nothing = os.open("/dev/null", os.O_RDWR)
    for number in range(3):
        os.dup2(nothing, number)
    if nothing > 2:
        os.close(nothing)


def own_descriptors(kept: Collection[int]) -> None:
    """Open anew what the libraries hold open, such as a font, and close the rest: others have the same ones.

    Who shares an open file shares the place at which it is read next. The first three are those of ``leave_log``.
    """
    for number in map(int, os.listdir("/proc/self/fd")):
        if number <= 2 or number in kept:
            continue
        with contextlib.suppress(OSError):
            about = os.fstat(number)
            if stat.S_ISREG(about.st_mode) or stat.S_ISCHR(about.st_mode):
                mode = fcntl.fcntl(number, fcntl.F_GETFL) & os.O_ACCMODE
                own = os.open(f"/proc/self/fd/{number}", mode)
                if stat.S_ISREG(about.st_mode):
                    os.lseek(own, os.lseek(number, 0, os.SEEK_CUR), os.SEEK_SET)
                os.dup2(own, number, inheritable=False)
                os.close(own)
                continue
        with contextlib.suppress(OSError):
            os.close(number)


def set_limits(memory_megabytes: int, processes: int, file_megabytes: int, cpu_seconds: int) -> None:
    """Limits that the kernel keeps for each process. The number of processes counts for all of them together."""
    mega = 2**20
    prctl(SET_NO_HUGE_PAGES, 1)  # who gives back a part of one still has the whole, and the kernel counts the rest
    for kind, value in (
        (resource.RLIMIT_AS, memory_megabytes * mega),
        (resource.RLIMIT_NPROC, processes),
        (resource.RLIMIT_FSIZE, file_megabytes * mega),
        (resource.RLIMIT_CPU, cpu_seconds),
        (resource.RLIMIT_NOFILE, DESCRIPTORS),
        (resource.RLIMIT_SIGPENDING, 1024),
        (resource.RLIMIT_NICE, 0),
        (resource.RLIMIT_RTPRIO, 0),
        # with 0, a crash would still start the program of the host that takes core dumps, outside of all limits; 1 is
        # too little for a file, and by a rule of the kernel (core_pattern in its source) nothing for such a program
        (resource.RLIMIT_CORE, 1),
        (resource.RLIMIT_MEMLOCK, 0),
    ):
        _, highest = resource.getrlimit(kind)
        bound = value if highest == resource.RLIM_INFINITY else min(value, highest)
        resource.setrlimit(kind, (bound, bound))
