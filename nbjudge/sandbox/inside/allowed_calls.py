"""The system calls that a submission may make behind the second wall; all others are refused.

Behind it no namespace hides the machine: what isn't here can't be reached, and what the kernel learns to do later isn't
here. Landlock decides about the files of those that open some. Numbers are those of ``asm/unistd.h``.
"""

import errno
import os

from .filters import ALL, ANY, CLONE, CONTROL_FILE, CONTROL_PROCESS, PAIR, SET_LIMITS_OF, OneOf, Refusal

ALLOWED = {
    # name: number on x86_64, on aarch64
    # what is open
    "read": (0, 63),
    "write": (1, 64),
    "close": (3, 57),
    "lseek": (8, 62),
    "pread64": (17, 67),
    "pwrite64": (18, 68),
    "readv": (19, 65),
    "writev": (20, 66),
    "preadv": (295, 69),
    "pwritev": (296, 70),
    "preadv2": (327, 286),
    "pwritev2": (328, 287),
    "poll": (7, None),
    "ppoll": (271, 73),
    "select": (23, None),
    "pselect6": (270, 72),
    "dup": (32, 23),
    "dup2": (33, None),
    "dup3": (292, 24),
    "pipe": (22, None),
    "pipe2": (293, 59),
    "eventfd": (284, None),
    "eventfd2": (290, 19),
    "fcntl": (72, 25),
    "ioctl": (16, 29),
    "flock": (73, 32),
    "close_range": (436, 436),
    "copy_file_range": (326, 285),
    # files, as far as Landlock lets them
    "open": (2, None),
    "openat": (257, 56),
    "creat": (85, None),
    "stat": (4, None),
    "fstat": (5, 80),
    "lstat": (6, None),
    "newfstatat": (262, 79),
    "statx": (332, 291),
    "access": (21, None),
    "faccessat": (269, 48),
    "faccessat2": (439, 439),
    "readlink": (89, None),
    "readlinkat": (267, 78),
    "getdents": (78, None),
    "getdents64": (217, 61),
    "getcwd": (79, 17),
    "chdir": (80, 49),
    "fchdir": (81, 50),
    "rename": (82, None),
    "renameat": (264, 38),
    "renameat2": (316, 276),
    "mkdir": (83, None),
    "mkdirat": (258, 34),
    "rmdir": (84, None),
    "link": (86, None),
    "linkat": (265, 37),
    "unlink": (87, None),
    "unlinkat": (263, 35),
    "symlink": (88, None),
    "symlinkat": (266, 36),
    "ftruncate": (77, 46),
    "fsync": (74, 82),
    "fdatasync": (75, 83),
    "fadvise64": (221, 223),
    "statfs": (137, 43),
    "fstatfs": (138, 44),
    "umask": (95, 166),
    # memory
    "mmap": (9, 222),
    "mprotect": (10, 226),
    "munmap": (11, 215),
    "brk": (12, 214),
    "mremap": (25, 216),
    "msync": (26, 227),
    "mincore": (27, 232),
    "madvise": (28, 233),
    # signals, to itself
    "rt_sigaction": (13, 134),
    "rt_sigprocmask": (14, 135),
    "rt_sigreturn": (15, 139),
    "rt_sigpending": (127, 136),
    "rt_sigtimedwait": (128, 137),
    "rt_sigsuspend": (130, 133),
    "sigaltstack": (131, 132),
    "kill": (62, 129),
    "tgkill": (234, 131),
    "pause": (34, None),
    "restart_syscall": (219, 128),
    # threads
    "clone": (56, 220),
    "exit": (60, 93),
    "exit_group": (231, 94),
    "futex": (202, 98),
    "set_tid_address": (218, 96),
    "set_robust_list": (273, 99),
    "rseq": (334, 293),
    "membarrier": (324, 283),
    "sched_yield": (24, 124),
    "sched_getaffinity": (204, 123),
    "sched_getparam": (143, 121),
    "sched_getscheduler": (145, 120),
    "sched_get_priority_max": (146, 125),
    "sched_get_priority_min": (147, 126),
    "wait4": (61, 260),
    "waitid": (247, 95),
    "arch_prctl": (158, None),
    "prctl": (157, 167),
    # time
    "nanosleep": (35, 101),
    "clock_nanosleep": (230, 115),
    "clock_gettime": (228, 113),
    "clock_getres": (229, 114),
    "gettimeofday": (96, 169),
    "time": (201, None),
    "alarm": (37, None),
    "getitimer": (36, 102),
    "setitimer": (38, 103),
    "times": (100, 153),
    "getrusage": (98, 165),
    # what it is and where
    "getpid": (39, 172),
    "gettid": (186, 178),
    "getppid": (110, 173),
    "getpgrp": (111, None),
    "getpgid": (121, 155),
    "getsid": (124, 156),
    "getuid": (102, 174),
    "geteuid": (107, 175),
    "getgid": (104, 176),
    "getegid": (108, 177),
    "getresuid": (118, 148),
    "getresgid": (120, 150),
    "getgroups": (115, 158),
    "capget": (125, 90),
    "uname": (63, 160),
    "sysinfo": (99, 179),
    "getcpu": (309, 168),
    "getpriority": (140, 141),
    "getrlimit": (97, 163),
    "setrlimit": (160, 164),
    "prlimit64": (302, 261),
    "getrandom": (318, 278),
    # pairs of sockets
    "socketpair": (53, 199),
    "sendto": (44, 206),
    "recvfrom": (45, 207),
    "recvmsg": (47, 212),
    "shutdown": (48, 210),
    "getsockname": (51, 204),
    "getpeername": (52, 205),
    "getsockopt": (55, 209),
    "setsockopt": (54, 208),
}
NOTHING_HAPPENS = ((90, None), (91, 52), (268, 53), (132, None), (235, None), (261, None), (280, 88))
"""chmod, fchmod, fchmodat, utime, utimes, futimesat, utimensat: Landlock doesn't look at them. Copying a file
gives such an order, so it says that all is well."""
CONTROLS = (0x5401, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451)
"""What ioctl may ask: about a terminal (there is none) and its size, how much there is to read; to wait or not to, to
stay open or not in another program."""
FILE_ORDERS = (0, 1, 2, 3, 4, 5, 6, 7, 1030, 1032)
"""What fcntl may be told: copies, flags, locks, the size of a pipe. Not who gets a signal when something comes: it
comes in the name of whoever told it, to any process of the same user."""
PROCESS_ORDERS = (3, 15, 16, 21, 27, 30, 38, 39)
"""What prctl may be told or asked: whether it can be looked into, its name, its filters, its privileges."""
ATTRIBUTES = ((191, 8), (192, 9), (193, 10), (194, 11), (195, 12), (196, 13), (197, 14), (198, 15), (199, 16))
"""getxattr, listxattr, removexattr and their siblings. Landlock doesn't look at them either."""
UNKNOWN = ((437, 437), (281, 22), (441, 441))
"""openat2 and waiting with epoll: whoever hears that the system is too old for them does it in another way."""
OWN_ONLY = ((62, 129), (234, 131))
"""kill and tgkill."""
GO_ON = 18
"""SIGCONT. The watch stops a submission while it looks at its folders."""
THREAD, NEW_WORLD = 0x100 | 0x200 | 0x400 | 0x800 | 0x10000, 0x7E020000
"""A thread shares memory, folders, open files and ways to answer signals; the other bits make namespaces."""
OF_KIND, STREAM = 0xF, 1
"""A pair of streams is connected for ever: datagrams could be sent to any name."""


OPENS = ((1, (2, None)), (2, (257, 56)))
"""open and openat, each with the place of its flags."""
EMPTIED, FOR_NEITHER = os.O_TRUNC, 3
"""A file that is opened to be read can be emptied by that. Landlock sees it since its third version, as it sees
``truncate``, which isn't allowed either: who may write to a file can open it. A file or device that is opened neither
to be read nor to be written, for ioctl alone, Landlock never looks at."""
CONTROL = (16, 29)
"""ioctl"""


def refusals(own: int) -> list[Refusal | OneOf]:
    """What is refused of the calls that are allowed, or in another way than by "not permitted".

    ``own``: the number of this process.
    """
    return [
        *(Refusal(numbers, *ANY, 0) for numbers in NOTHING_HAPPENS),
        *(Refusal(numbers, *ANY, errno.EOPNOTSUPP) for numbers in ATTRIBUTES),
        *(Refusal(numbers, *ANY, errno.ENOSYS) for numbers in UNKNOWN),
        *(Refusal(numbers, 0, ALL, False, own, errno.EPERM) for numbers in OWN_ONLY),
        *(Refusal(numbers, place, ALL, True, GO_ON, errno.EPERM) for place, numbers in enumerate(OWN_ONLY, 1)),
        *(Refusal(numbers, place, 3, True, FOR_NEITHER, errno.EACCES) for place, numbers in OPENS),
        *(Refusal(numbers, place, EMPTIED | 3, True, EMPTIED, errno.EACCES) for place, numbers in OPENS),
        Refusal(SET_LIMITS_OF, 0, ALL, False, 0, errno.EPERM),
        Refusal(CLONE, 0, THREAD | NEW_WORLD, False, THREAD, errno.EPERM),
        Refusal(PAIR, 1, OF_KIND, False, STREAM, errno.EPERM),
        OneOf(CONTROL, 1, CONTROLS, errno.ENOTTY),
        OneOf(CONTROL_FILE, 1, FILE_ORDERS, errno.EPERM),
        OneOf(CONTROL_PROCESS, 0, PROCESS_ORDERS, errno.EINVAL),
    ]
