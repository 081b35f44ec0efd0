"""System calls that a submission can't make, by a program that the kernel runs before each (``linux/seccomp.h``)."""

import ctypes
import errno
import platform
import resource
import socket
import struct
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from .kernel import prctl

SET_SECCOMP = 22
DENIED = {
    # name: number on x86_64, on aarch64. Not needed by a notebook, and either a way to hold memory that no limit
    # counts, a way to outlive the submission, or a part of the kernel with a history of holes.
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    "vmsplice": (278, 75),
    "shmget": (29, 194),
    "semget": (64, 190),
    "msgget": (68, 186),
    "mq_open": (240, 180),
    "io_setup": (206, 0),
    "inotify_init": (253, 26),
    "inotify_init1": (294, 26),
    "fanotify_init": (300, 262),
    "landlock_create_ruleset": (444, 444),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "pidfd_getfd": (438, 438),
    "kcmp": (312, 272),
    "syslog": (103, 116),  # the kernel's log, where the machine shows it to everybody
    "unshare": (272, 97),
    "setns": (308, 268),
    "mount": (165, 40),
    "open_tree_attr": (467, 467),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "fsmount": (432, 432),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "userfaultfd": (323, 282),
    "perf_event_open": (298, 241),
    "bpf": (321, 280),
    "personality": (135, 92),
    "seccomp": (317, 277),  # filters: all of the machine share the room for them, and a sandbox needs one to start
    "mbind": (237, 235),
    "set_mempolicy": (238, 237),
    "set_mempolicy_home_node": (450, 450),
    "migrate_pages": (256, 238),
    "move_pages": (279, 239),
}
KNOWN = 451
"""Calls from this number on came later than this list, so nobody has looked at what they hold."""
SHARED, ANONYMOUS, OF_HUGE_PAGES = 0x01, 0x20, 0x40000
SET_ATTRIBUTES = ((188, 5), (189, 6), (190, 7), (463, 463))
"""setxattr and its siblings. A list of who may open a file can take a hundred KiB of memory that nobody counts."""
FILTERS = (26, 50, 51, 52)
"""Options of a socket: what it lets through. All of the machine share the room for them."""
SET_SIZES = (socket.SO_SNDBUF, socket.SO_RCVBUF, 32, 33)
"""Options of a socket: how much may wait in it. The last two are for root."""
CONTROL_FILE, SET_LIMIT, SET_LIMITS_OF = (72, 25), (160, 164), (302, 261)
"""fcntl, setrlimit and prlimit64."""
LOCKS_OF_FILES = (36, 37, 38)
"""Orders of fcntl: locks that belong to an open file and not to a process. Everybody on the machine sees them."""
SET_LEASE, NOTIFY, SET_PIPE_SIZE, DELEGATIONS = 1024, 1026, 1031, 1040
"""Orders of fcntl. Whoever opens a file under a lease or a delegation waits for who has it, also outside of here."""
SYNC, SYNC_OF_ONE = (162, 81), (306, 267)
"""Both write to the disk whatever any process of the machine left to write, and wait for it."""
POLLS = ((213, 20), (291, 20))
"""epoll_create and epoll_create1. What it watches, the kernel counts for a user, and never in memory."""
PINS = ((40, 71), (275, 76), (276, 77))
"""sendfile, splice and tee. A pipe or a socket then holds a page of a file, and with it the whole piece of memory in
which that lies, up to 2 MiB, also when the file is gone. Nobody counts that, and it passes for available."""
CLONE, CLONE_BY_POINTER, WITH_FILES, AS_THREAD = (56, 220), (435, 435), 0x400, 0x10000
CLOSE_RANGE, OF_OWN_TABLE = (436, 436), 2
CONTROL_PROCESS = (157, 167)
"""prctl"""
SET_SHARE, OF_PROCESS, FIRST = (141, 140), 0, 1
"""setpriority, what it takes for one process alone, and the number of the process above a submission, which has all
others stop for the watch and ends them."""
SET_DISK_SHARE, OF_PROCESS_ALONE = (251, 30), 1
"""ioprio_set, and what it takes for one process alone."""
CHANGE_FIRST = ((142, 118), (144, 119), (203, 122), (314, 274), SET_LIMITS_OF)
"""sched_setparam, sched_setscheduler, sched_setaffinity and sched_setattr."""
HARMLESS = (*(1, 2, 3, 4, 15, 16, 21, 23, 25, 27, 29, 30, 36, 37, 38, 39, 40, 42, 47, 51, 52, 56, 64, 0x59616D61),)
"""Orders of prctl that a submission may give. Others take memory, share a core or install filters, and some are added
each year."""


class Refusal(NamedTuple):
    """A call is refused if some bits of an argument equal a value, or if they don't.

    Attributes
    ----------
    numbers : of the call, on x86_64 and on aarch64; None where there is no such call
    argument : which one, from 0
    bits : those of its lower 32 that count
    if_equal : whether they must equal ``value``, or must not
    error : what the call says; 0 if it says that all is well
    """

    numbers: tuple[int | None, int | None]
    argument: int
    bits: int
    if_equal: bool
    value: int
    error: int


class OneOf(NamedTuple):
    """A call is refused unless an argument has one of the values."""

    numbers: tuple[int, int]
    argument: int
    values: Sequence[int]
    error: int


ALL, ANY = 0xFFFFFFFF, (0, 0, True, 0)
"""All bits of an argument; and what makes a refusal hold whatever is asked for."""
MAP, SOCKET, PAIR, SET_OPTION = (9, 222), (41, 198), (53, 199), (54, 208)
REFUSED_IF = (
    Refusal(MAP, 3, SHARED | ANONYMOUS, True, SHARED | ANONYMOUS, errno.EPERM),  # no process counts such memory
    Refusal(MAP, 3, OF_HUGE_PAGES, True, OF_HUGE_PAGES, errno.EPERM),  # those are another program's
    # as a file system says that has none
    *(Refusal(numbers, *ANY, errno.EOPNOTSUPP) for numbers in SET_ATTRIBUTES),
    *(Refusal(numbers, 0, ALL, False, socket.AF_UNIX, errno.EAFNOSUPPORT) for numbers in (SOCKET, PAIR)),  # MB each
    *(Refusal(SET_OPTION, 2, ALL, True, option, 0) for option in SET_SIZES),  # has no effect, and no error
    *(Refusal(SET_OPTION, 2, ALL, True, option, errno.EPERM) for option in FILTERS),
    *(Refusal(CONTROL_FILE, 1, ALL, True, order, errno.EPERM) for order in (SET_LEASE, NOTIFY, SET_PIPE_SIZE)),
    Refusal(CONTROL_FILE, 1, 0xFFFFFFF0, True, DELEGATIONS, errno.EPERM),  # and whatever may follow them
    *(Refusal(numbers, *ANY, 0) for numbers in (SYNC, SYNC_OF_ONE)),  # has no effect, and no error
    *(Refusal(CONTROL_FILE, 1, ALL, True, order, errno.EINVAL) for order in LOCKS_OF_FILES),
    *(Refusal(numbers, *ANY, errno.EINVAL) for numbers in PINS),  # as for a file that can't do it: then it is copied
    # as a system says that has none: then poll does
    *(Refusal(numbers, *ANY, errno.ENOSYS) for numbers in POLLS),
    Refusal(CLONE_BY_POINTER, *ANY, errno.ENOSYS),  # what it is to share can't be seen, so the older call does
    # a process has one table of open files, and shares it with none: or else there would be locks of nobody's
    *(Refusal(CLONE, 0, WITH_FILES | AS_THREAD, True, one, errno.EPERM) for one in (WITH_FILES, AS_THREAD)),
    Refusal(CLOSE_RANGE, 2, OF_OWN_TABLE, True, OF_OWN_TABLE, errno.EINVAL),
    Refusal(SET_LIMIT, 0, ALL, True, resource.RLIMIT_CORE, errno.EPERM),  # set_limits says why
    Refusal(SET_LIMITS_OF, 1, ALL, True, resource.RLIMIT_CORE, errno.EPERM),
    *(Refusal(numbers, 0, ALL, True, FIRST, errno.EPERM) for numbers in CHANGE_FIRST),
    Refusal(SET_SHARE, 1, ALL, True, FIRST, errno.EPERM),
    Refusal(SET_SHARE, 0, ALL, False, OF_PROCESS, errno.EPERM),
    Refusal(SET_DISK_SHARE, 1, ALL, True, FIRST, errno.EPERM),
    Refusal(SET_DISK_SHARE, 0, ALL, False, OF_PROCESS_ALONE, errno.EPERM),
)
ARCHITECTURES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}
LOAD, KEEP_BITS, EQUAL, AT_LEAST, GIVE = 0x20, 0x54, 0x15, 0x35, 0x06
KILL, SAY, ALLOW = 0x80000000, 0x00050000, 0x7FFF0000
FIRST_OF_X32 = 0x40000000
"""From this number on, x86_64 has its calls once more, for programs with small addresses."""

Instruction = tuple[int, int, int, int]
"""Of the program: what to do, how many to leave out if so and if not, and with which value."""


def is_known_processor() -> bool:
    """Whether there are lists for the processor of this machine."""
    return platform.machine() in ARCHITECTURES


def number_of(call: str) -> int:
    """The number of a call in ``DENIED`` on this processor; on one without a list -1, which the kernel refuses."""
    return DENIED[call][ARCHITECTURES[platform.machine()][0]] if is_known_processor() else -1


def deny_calls() -> None:
    """Refuse the system calls in ``DENIED`` ("not permitted"), and those in ``REFUSED_IF``.

    On an unknown processor there is no such list.
    """
    if not is_known_processor():
        return
    column, _ = ARCHITECTURES[platform.machine()]
    code = _begin()
    for numbers in DENIED.values():
        code += [(EQUAL, 0, 1, numbers[column]), (GIVE, 0, 0, SAY | errno.EPERM)]
    code += _refuse(REFUSED_IF)
    code += [(AT_LEAST, 0, 1, KNOWN), (GIVE, 0, 0, SAY | errno.ENOSYS)]
    code += _refuse([OneOf(CONTROL_PROCESS, 0, HARMLESS, errno.EINVAL)])
    _install([*code, (GIVE, 0, 0, ALLOW)])


def allow_calls(allowed: Iterable[tuple[int | None, int | None]], refusals: Sequence[Refusal | OneOf]) -> None:
    """Refuse all system calls but those allowed, and of these what ``refusals`` and ``REFUSED_IF`` say.

    Parameters
    ----------
    allowed
        Numbers of each, on x86_64 and on aarch64; None where there is no such call.

    Raises
    ------
    OSError
        On an unknown processor.
    """
    if not is_known_processor():
        raise OSError(errno.ENOSYS, f"nobody has listed the system calls of {platform.machine()}")
    column, _ = ARCHITECTURES[platform.machine()]
    code = _begin() + _refuse([*refusals, *REFUSED_IF])
    for numbers in allowed:
        if (number := numbers[column]) is not None:
            code += [(EQUAL, 0, 1, number), (GIVE, 0, 0, ALLOW)]
    code += [(AT_LEAST, 0, 1, KNOWN), (GIVE, 0, 0, SAY | errno.ENOSYS)]
    _install([*code, (GIVE, 0, 0, SAY | errno.EPERM)])


def _begin() -> list[Instruction]:
    _, architecture = ARCHITECTURES[platform.machine()]
    code = [(LOAD, 0, 0, 4), (EQUAL, 1, 0, architecture), (GIVE, 0, 0, KILL), (LOAD, 0, 0, 0)]
    return [*code, (AT_LEAST, 0, 1, FIRST_OF_X32), (GIVE, 0, 0, SAY | errno.EPERM)]


def _refuse(refusals: Iterable[Refusal | OneOf]) -> list[Instruction]:
    column, _ = ARCHITECTURES[platform.machine()]
    code: list[Instruction] = []
    for each in refusals:
        number = each.numbers[column]
        if number is None:
            continue
        load: Instruction = (LOAD, 0, 0, 16 + 8 * each.argument)
        if isinstance(each, OneOf):
            most = len(each.values)
            code += [(EQUAL, 0, 3 + most, number), load]
            code += [(EQUAL, most - place, 0, value) for place, value in enumerate(each.values)]
            code += [(GIVE, 0, 0, SAY | each.error), (LOAD, 0, 0, 0)]
        else:
            code += [(EQUAL, 0, 5, number), load, (KEEP_BITS, 0, 0, each.bits)]
            code += [(EQUAL, *((0, 1) if each.if_equal else (1, 0)), each.value)]
            code += [(GIVE, 0, 0, SAY | each.error), (LOAD, 0, 0, 0)]
    return code


def _install(code: Sequence[Instruction]) -> None:
    instructions = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *instruction) for instruction in code))
    program = ctypes.create_string_buffer(struct.pack("HxxxxxxP", len(code), ctypes.addressof(instructions)))
    prctl(SET_SECCOMP, 2, ctypes.addressof(program))
