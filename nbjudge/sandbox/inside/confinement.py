"""Confinement of one submission by the kernel's own means (Linux): namespaces, capabilities, seccomp, limits.

Each function does one step, in the order in which ``forkserver`` calls them. The numbers are those of the kernel's
headers (``linux/sched.h``, ``linux/prctl.h``, ``linux/capability.h``, ``linux/seccomp.h``, ``asm/unistd.h``).
"""

import contextlib
import ctypes
import errno
import fcntl
import os
import platform
import resource
import socket
import stat
import struct
from collections.abc import Collection
from pathlib import Path

NEW_MOUNTS, NEW_UTS, NEW_IPC, NEW_USER, NEW_PIDS = 0x00020000, 0x04000000, 0x08000000, 0x10000000, 0x20000000
READ_ONLY, NO_SUID, NO_DEVICES, AGAIN_BOUND, PRIVATE_TREE = 1, 2, 4, 0x20 | 0x1000, 0x4000 | 0x40000
SET_DUMPABLE, SET_SECCOMP, DROP_FROM_BOUNDS, SET_NO_NEW_PRIVILEGES, AMBIENT = 4, 22, 24, 38, 47
CAPABILITY_VERSION, LAST_CAPABILITY = 0x20080522, 63

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
CLONE, CLONE_BY_POINTER, WITH_FILES, AS_THREAD = (56, 220), (435, 435), 0x400, 0x10000
CLOSE_RANGE, OF_OWN_TABLE = (436, 436), 2
CONTROL_PROCESS = (157, 167)
"""prctl"""
HARMLESS = (*(1, 2, 3, 4, 15, 16, 21, 23, 25, 27, 29, 30, 36, 37, 38, 39, 40, 41, 42, 47, 51, 52, 56, 64, 0x59616D61),)
"""Orders of prctl that a submission may give. Others take memory, share a core or install filters, and some are added
each year."""
REFUSED_IF = (
    # numbers of the call, which argument, bits of it, whether they must equal that or must not, what the call says
    ((9, 222), 3, SHARED | ANONYMOUS, True, SHARED | ANONYMOUS, errno.EPERM),  # mmap: no process counts such memory
    ((9, 222), 3, OF_HUGE_PAGES, True, OF_HUGE_PAGES, errno.EPERM),  # mmap: those are another program's
    *((numbers, 0, 0, True, 0, errno.EOPNOTSUPP) for numbers in SET_ATTRIBUTES),  # as a file system without them says
    ((41, 198), 0, 0xFFFFFFFF, False, socket.AF_UNIX, errno.EAFNOSUPPORT),  # socket: others hold megabytes each
    ((53, 199), 0, 0xFFFFFFFF, False, socket.AF_UNIX, errno.EAFNOSUPPORT),  # socketpair
    *(((54, 208), 2, 0xFFFFFFFF, True, option, 0) for option in SET_SIZES),  # setsockopt: has no effect, and no error
    *(((54, 208), 2, 0xFFFFFFFF, True, option, errno.EPERM) for option in FILTERS),
    *((CONTROL_FILE, 1, 0xFFFFFFFF, True, order, errno.EPERM) for order in (SET_LEASE, NOTIFY, SET_PIPE_SIZE)),
    (CONTROL_FILE, 1, 0xFFFFFFF0, True, DELEGATIONS, errno.EPERM),  # and whatever may follow them
    *((numbers, 0, 0, True, 0, 0) for numbers in (SYNC, SYNC_OF_ONE)),  # has no effect, and no error
    *((CONTROL_FILE, 1, 0xFFFFFFFF, True, order, errno.EINVAL) for order in LOCKS_OF_FILES),
    *((numbers, 0, 0, True, 0, errno.ENOSYS) for numbers in POLLS),  # as a system without it says: then poll does
    (CLONE_BY_POINTER, 0, 0, True, 0, errno.ENOSYS),  # what it is to share can't be seen, so the older call does
    # a process has one table of open files, and shares it with none: or else there would be locks of nobody's
    *((CLONE, 0, WITH_FILES | AS_THREAD, True, one, errno.EPERM) for one in (WITH_FILES, AS_THREAD)),
    (CLOSE_RANGE, 2, OF_OWN_TABLE, True, OF_OWN_TABLE, errno.EINVAL),
    (SET_LIMIT, 0, 0xFFFFFFFF, True, resource.RLIMIT_CORE, errno.EPERM),  # set_limits says why
    (SET_LIMITS_OF, 1, 0xFFFFFFFF, True, resource.RLIMIT_CORE, errno.EPERM),
)
TERMINALS = 16
FILES = 16_000
"""Files and folders in each place to write. So the longest path, its letters written as four, is below 16 MiB."""
DESCRIPTORS = 256
"""Open files of each process."""
ARCHITECTURES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}

_libc = ctypes.CDLL(None, use_errno=True)
_libc.mount.argtypes = [ctypes.c_char_p, ctypes.c_char_p, ctypes.c_char_p, ctypes.c_ulong, ctypes.c_char_p]


def _check(result: int, call: str) -> None:
    if result != 0:
        raise OSError(ctypes.get_errno(), f"{call}: {os.strerror(ctypes.get_errno())}")


def _prctl(option: int, *arguments: int) -> None:
    padded = [ctypes.c_ulong(argument) for argument in (*arguments, 0, 0, 0, 0)[:4]]
    _check(_libc.prctl(option, *padded), f"prctl {option}")


def set_dumpable(dumpable: bool) -> None:
    """Whether processes of the same user may look into this one (``/proc/PID/mem``, ptrace)."""
    _prctl(SET_DUMPABLE, int(dumpable))


def enter_namespaces() -> None:
    """Leave the other submissions' view of users, mounts, processes and shared memory.

    The next child is process 1 of its own world: when it ends, the kernel ends everything in there.
    """
    uid, gid = os.getuid(), os.getgid()
    set_dumpable(True)  # or else the maps below belong to root
    _check(_libc.unshare(NEW_USER | NEW_MOUNTS | NEW_PIDS | NEW_IPC | NEW_UTS), "unshare")
    set_dumpable(True)
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{uid} {uid} 1")
    Path("/proc/self/gid_map").write_text(f"{gid} {gid} 1")


def mount_scratch(places: list[str], megabytes: int) -> None:
    """Fresh, empty, size-limited places to write, and a view of the own processes only. Then no more namespaces."""
    _check(_libc.mount(b"none", b"/", None, PRIVATE_TREE, None), "mount /")
    _check(_libc.mount(b"proc", b"/proc", b"proc", NO_SUID | NO_DEVICES, None), "mount /proc")
    options = f"size={megabytes}m,nr_inodes={FILES},mode=0777".encode()
    for place in places:
        _check(_libc.mount(b"tmpfs", place.encode(), b"tmpfs", NO_SUID | NO_DEVICES, options), f"mount {place}")
    terminals = f"newinstance,ptmxmode=0666,mode=620,max={TERMINALS}".encode()
    _check(_libc.mount(b"devpts", b"/dev/pts", b"devpts", NO_SUID, terminals), "mount /dev/pts")
    Path("/proc/sys/user/max_user_namespaces").write_text("0")
    # or else a process could give its session back the share of the processor that was taken from it
    _check(_libc.mount(b"none", b"/proc", None, AGAIN_BOUND | READ_ONLY | NO_SUID | NO_DEVICES, None), "remount /proc")


def drop_privileges() -> None:
    """Give up every privilege, also those that a program could get back."""
    for capability in range(LAST_CAPABILITY + 1):
        if _libc.prctl(DROP_FROM_BOUNDS, ctypes.c_ulong(capability), 0, 0, 0) != 0:
            break  # the kernel knows no more of them
    _prctl(AMBIENT, 4)  # clear all
    header = struct.pack("Ii", CAPABILITY_VERSION, 0)
    _check(_libc.capset(header, struct.pack("6I", 0, 0, 0, 0, 0, 0)), "capset")
    _prctl(SET_NO_NEW_PRIVILEGES, 1)


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


def deny_calls() -> None:
    """Refuse the system calls in ``DENIED`` ("not permitted"), and those in ``REFUSED_IF``.

    On an unknown processor there is no such list.
    """
    if platform.machine() not in ARCHITECTURES:
        return
    column, architecture = ARCHITECTURES[platform.machine()]
    load, keep_bits, equal, at_least, give = 0x20, 0x54, 0x15, 0x35, 0x06
    kill, say, allow = 0x80000000, 0x00050000, 0x7FFF0000
    refuse = say | errno.EPERM
    code = [(load, 0, 0, 4), (equal, 1, 0, architecture), (give, 0, 0, kill), (load, 0, 0, 0)]
    code += [(at_least, 0, 1, 0x40000000), (give, 0, 0, refuse)]  # numbers of the x32 interface
    for numbers in DENIED.values():
        code += [(equal, 0, 1, numbers[column]), (give, 0, 0, refuse)]
    for numbers, argument, bits, if_equal, value, error in REFUSED_IF:
        code += [(equal, 0, 5, numbers[column]), (load, 0, 0, 16 + 8 * argument), (keep_bits, 0, 0, bits)]
        code += [(equal, *((0, 1) if if_equal else (1, 0)), value), (give, 0, 0, say | error), (load, 0, 0, 0)]
    code += [(at_least, 0, 1, KNOWN), (give, 0, 0, say | errno.ENOSYS)]
    code += [(equal, 0, 2 + len(HARMLESS), CONTROL_PROCESS[column]), (load, 0, 0, 16)]
    code += [(equal, len(HARMLESS) - place, 0, order) for place, order in enumerate(HARMLESS)]
    code += [(give, 0, 0, say | errno.EINVAL), (give, 0, 0, allow)]
    instructions = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *instruction) for instruction in code))
    program = ctypes.create_string_buffer(struct.pack("HxxxxxxP", len(code), ctypes.addressof(instructions)))
    _prctl(SET_SECCOMP, 2, ctypes.addressof(program))


def set_limits(memory_megabytes: int, processes: int, file_megabytes: int, cpu_seconds: int) -> None:
    """Limits that the kernel keeps for each process. The number of processes counts for all of them together."""
    mega = 2**20
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
        if kind == resource.RLIMIT_NPROC and processes == 0:
            continue
        _, highest = resource.getrlimit(kind)
        bound = value if highest == resource.RLIM_INFINITY else min(value, highest)
        resource.setrlimit(kind, (bound, bound))
