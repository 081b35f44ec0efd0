"""Machines that give less than this one: a command runs as if it were there.

    python -m tests.support.machines [--no-landlock] [--namespaces] COMMAND …

There, nobody gets a namespace, as in a container of Docker; with ``--no-landlock`` the kernel says that it doesn't know
the calls of Landlock; with ``--namespaces`` there are namespaces.
"""

import ctypes
import errno
import os
import sys
from pathlib import Path
from typing import NoReturn

from nbjudge.sandbox.inside import filters, kernel

NEW_USER, DROP_FROM_BOUNDS, NO_NEW_PRIVILEGES, ADMINISTRATION = 0x10000000, 24, 38, 21
MOST = Path("/proc/sys/user/max_user_namespaces")
LANDLOCK_CALLS = (444, 445, 446)


def without_namespaces() -> None:
    """Move this process to a machine on which nobody may make a namespace of users, and root may do less."""
    if MOST.read_text().strip() == "0":
        return
    uid, gid = os.getuid(), os.getgid()
    (ours, told), (asked, asking) = os.pipe(), os.pipe()
    process = os.getpid()
    helper = os.fork()
    if helper == 0:  # only from outside can root keep all its users
        os.close(asking)
        os.read(asked, 1)
        if uid:
            Path(f"/proc/{process}/setgroups").write_text("deny")
        Path(f"/proc/{process}/uid_map").write_text("0 0 4294967295" if uid == 0 else f"{uid} {uid} 1")
        Path(f"/proc/{process}/gid_map").write_text("0 0 4294967295" if uid == 0 else f"{gid} {gid} 1")
        os.write(told, b"!")
        os._exit(0)
    kernel.check(kernel.libc.unshare(NEW_USER), "unshare")
    os.write(asking, b"!")
    os.read(ours, 1)
    os.waitpid(helper, 0)
    for end in (ours, told, asked, asking):
        os.close(end)
    MOST.write_text("0")
    kernel.libc.prctl(DROP_FROM_BOUNDS, ctypes.c_ulong(ADMINISTRATION), 0, 0, 0)


def without_landlock() -> None:
    """Have the kernel refuse the calls of Landlock to this process and all that come from it."""
    kernel.prctl(NO_NEW_PRIVILEGES, 1)
    allow = (filters.GIVE, 0, 0, filters.ALLOW)
    refuse = [filters.Refusal((number, number), *filters.ANY, errno.ENOSYS) for number in LANDLOCK_CALLS]
    filters._install([(filters.LOAD, 0, 0, 0), *filters._refuse(refuse), allow])


def main(words: list[str]) -> NoReturn:
    if "--namespaces" not in words:
        without_namespaces()
    if "--no-landlock" in words:
        without_landlock()
    command = [word for word in words if word not in ("--namespaces", "--no-landlock")]
    os.execvp(command[0], command)


if __name__ == "__main__":
    main(sys.argv[1:])
