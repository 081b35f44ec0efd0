"""Landlock, by which a process takes files away from itself: the second wall is made of it."""

import ctypes
import errno
import os
import sys
from typing import Any

from nbjudge.machine.finding import UNSEEN, WORKS, Facts, Finding
from nbjudge.sandbox.walls import Landlock

WHY_NONE = {
    errno.ENOSYS: "this kernel has none (Linux 5.13 is the first that can have it)",
    errno.EOPNOTSUPP: "it is switched off in this kernel (landlock isn't among its lsm= modules)",
    errno.EPERM: "a container's filter of system calls forbids it",
}


def abi() -> tuple[int, str]:
    """Version of Landlock's interface, and ""; or 0, and why there is none."""
    if sys.platform != "linux":
        return 0, "it is a part of Linux"
    from nbjudge.sandbox.inside import landlock  # which is Linux's, too

    version = landlock.version()
    number = ctypes.get_errno()
    return version, "" if version else WHY_NONE.get(number, os.strerror(number))


def look() -> dict[str, Any]:
    version, why = abi()
    return {"abi": version, "why": why, "missing": Landlock().missing() if version else ""}


def judged(facts: Facts) -> list[Finding]:
    if not facts["abi"]:
        return [Finding("Landlock", UNSEEN, f"isn't there: {facts['why']}")]
    if facts["missing"]:
        return [Finding("Landlock", UNSEEN, f"ABI {facts['abi']}, and can't be used: {facts['missing'].rstrip('.')}")]
    return [Finding("Landlock", WORKS, f"ABI {facts['abi']}; the second wall can be made of it")]
