"""Landlock: a process gives up all access to files but what it names (``linux/landlock.h``).

What is said here of a folder holds for all that lies below it. Rules of a parent hold for its children, which can only
give up more.
"""

import ctypes
import os
import struct
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from .kernel import check, libc

CREATE, ADD_RULE, RESTRICT = 444, 445, 446
VERSION, BENEATH = 1, 1
WRITE_FILE, READ_FILE, READ_DIR = 1 << 1, 1 << 2, 1 << 3
REMOVE_DIR, REMOVE_FILE, MAKE_DIR, MAKE_FILE, MAKE_LINK = 1 << 4, 1 << 5, 1 << 7, 1 << 8, 1 << 12
MOVE, TRUNCATE, CONTROL_DEVICE = 1 << 13, 1 << 14, 1 << 15
SINCE = {2: MOVE, 3: TRUNCATE, 5: CONTROL_DEVICE}
"""Rights that came with a version."""
OF_FIRST = (1 << 13) - 1
NEWEST = 6
"""The version from which on nothing is used that came later."""
TCP, SCOPES = 0b11, 0b11
"""Binding and connecting (since 4); abstract sockets and signals of processes outside (since 6)."""

READ = READ_FILE | READ_DIR
WRITE = READ | WRITE_FILE | REMOVE_DIR | REMOVE_FILE | MAKE_DIR | MAKE_FILE | MAKE_LINK | MOVE | TRUNCATE
OF_A_FILE = WRITE_FILE | READ_FILE | TRUNCATE | CONTROL_DEVICE


def version() -> int:
    """The version of Landlock that this kernel has; 0 if it has none, or none that is switched on."""
    return max(0, libc.syscall(CREATE, None, ctypes.c_size_t(0), VERSION))


def _rights(version: int) -> int:
    return OF_FIRST | sum(right for since, right in SINCE.items() if version >= since)


@contextmanager
def ruleset(newest: int, rules: Iterable[tuple[str, int]]) -> Iterator[int]:
    """A set of rules: nothing is allowed but what they name. Gives its file descriptor.

    Parameters
    ----------
    newest
        Of Landlock; what came later isn't used, also if this kernel has it. What this kernel hasn't isn't either.
    rules
        Paths, each with what is allowed there and below. What isn't there is left out.

    Raises
    ------
    OSError
        If a folder can't be reached.
    """
    used = min(newest, NEWEST, version())
    words = [_rights(used), TCP, SCOPES][: 3 if used >= 6 else 2 if used >= 4 else 1]
    about = struct.pack(f"{len(words)}Q", *words)
    rules_file = check(libc.syscall(CREATE, about, ctypes.c_size_t(len(about)), 0), "landlock_create_ruleset")
    try:
        for path, allowed in rules:
            try:
                place = os.open(path, os.O_PATH | os.O_CLOEXEC)
            except FileNotFoundError:
                continue
            try:
                allowed &= _rights(used) if os.path.isdir(path) else OF_A_FILE & _rights(used)
                rule = struct.pack("=Qi", allowed, place)
                check(libc.syscall(ADD_RULE, rules_file, BENEATH, rule, 0), "landlock_add_rule")
            finally:
                os.close(place)
        yield rules_file
    finally:
        os.close(rules_file)


def restrict(rules_file: int) -> None:
    """Give up what a set of rules doesn't allow, for this process and all that come from it, for ever."""
    check(libc.syscall(RESTRICT, rules_file, 0), "landlock_restrict_self")
