"""Landlock: by it, a process of an ordinary user takes files away from itself, also where there are no namespaces."""

import ctypes
import errno
import os
from typing import Any

from nbjudge.machine.finding import UNSEEN, WORKS, Facts, Finding

LANDLOCK_CREATE_RULESET, VERSION = 444, 1
"""Number of the system call on every kind of processor, and the flag by which it tells its version."""
WHY_NONE = {
    errno.ENOSYS: "this kernel has none (Linux 5.13 is the first that can have it)",
    errno.EOPNOTSUPP: "it is switched off in this kernel (its start has no landlock in lsm=…)",
    errno.EPERM: "a container's filter of system calls forbids it",
}


def abi() -> tuple[int, str]:
    """Version of Landlock's interface, and ""; or 0, and why there is none."""
    library = ctypes.CDLL(None, use_errno=True)
    version = library.syscall(LANDLOCK_CREATE_RULESET, None, ctypes.c_size_t(0), ctypes.c_uint32(VERSION))
    if version > 0:
        return version, ""
    number = ctypes.get_errno()
    return 0, WHY_NONE.get(number, os.strerror(number))


def look() -> dict[str, Any]:
    version, why = abi()
    return {"abi": version, "why": why}


def judged(facts: Facts) -> list[Finding]:
    if facts["abi"]:
        return [Finding("Landlock", WORKS, f"is there, ABI {facts['abi']}")]
    return [Finding("Landlock", UNSEEN, f"isn't there: {facts['why']}")]
