"""Takes away what macOS or Windows doesn't have, from the modules of this project and from no others.

Python reads this file by itself where its folder is on ``PYTHONPATH``. Libraries keep what they find, since they know
the systems that they run on; ours see ``sys.platform`` and the other modules as ``TESTS_SYSTEM`` says. So it shows
which calls ours make, and nothing of what another system would answer to them.
"""

import builtins
import os
import sys
import types
import warnings

OURS = {"nbjudge", "nbprobe", "exercise_code", "misconceptions", "sample_class"}
MODULES = {"darwin": set(), "win32": {"fcntl", "grp", "pty", "pwd", "resource", "termios", "tty"}}
"""That can't be imported there."""
LINUX = {
    "os": """CLONE_NEWNET CLONE_NEWNS CLONE_NEWPID CLONE_NEWUSER EFD_CLOEXEC MFD_CLOEXEC O_DIRECT O_NOATIME O_PATH
        O_RSYNC O_TMPFILE P_PIDFD copy_file_range eventfd fdatasync getrandom getresuid getxattr listxattr memfd_create
        pidfd_open posix_fadvise posix_fallocate removexattr sched_getaffinity sched_setaffinity sched_setscheduler
        setns setresuid setxattr splice unshare""",
    "select": "epoll EPOLLIN EPOLLOUT",
    "signal": "SIGPWR SIGRTMAX SIGRTMIN SIGSTKFLT pidfd_send_signal sigtimedwait sigwaitinfo",
    "socket": "AF_ALG AF_NETLINK AF_PACKET AF_VSOCK SOCK_CLOEXEC SOCK_NONBLOCK SOCK_SEQPACKET SO_PEERCRED",
}
UNIX = {
    "os": """O_ASYNC O_CLOEXEC O_DIRECTORY O_DSYNC O_NDELAY O_NOCTTY O_NOFOLLOW O_NONBLOCK O_SYNC WCOREDUMP
        WEXITSTATUS WIFEXITED WIFSIGNALED WNOHANG WTERMSIG chown chroot ctermid fchdir fchmod fchown fork forkpty fwalk
        getegid geteuid getgid getgrouplist getgroups getlogin_r getpgid getpgrp getpriority getsid getuid initgroups
        killpg lchown lockf major minor mkfifo mknod nice openpty pathconf posix_spawn pread preadv pwrite readv
        register_at_fork sched_yield sendfile setegid seteuid setgid setgroups setpgid setpriority setregid setreuid
        setsid setuid statvfs sync sysconf tcgetpgrp ttyname uname wait wait3 wait4 waitid writev""",
    "select": "poll",
    "signal": """ITIMER_PROF ITIMER_REAL ITIMER_VIRTUAL SIGALRM SIGCHLD SIGCONT SIGHUP SIGIO SIGKILL SIGPIPE SIGPROF
        SIGQUIT SIGSTOP SIGTSTP SIGUSR1 SIGUSR2 SIGXCPU alarm getitimer pause pthread_kill pthread_sigmask setitimer
        siginterrupt sigpending sigwait""",
    "socket": "AF_UNIX recv_fds send_fds",
}
BY_DESCRIPTOR = ("link", "mkdir", "open", "readlink", "remove", "rename", "rmdir", "stat", "symlink", "unlink", "utime")
"""That know no ``dir_fd`` on Windows."""


def _without_descriptors(function):
    def refuses(*arguments, **options):
        if any(name.endswith("dir_fd") and value is not None for name, value in options.items()):
            raise NotImplementedError("dir_fd unavailable on this platform")
        return function(*arguments, **options)

    return refuses


def _of_paths(function):
    def refuses(path=".", *arguments, **options):
        if isinstance(path, int):
            raise TypeError("path should be string, bytes or os.PathLike, not int")
        return function(path, *arguments, **options)

    return refuses


class Elsewhere(types.ModuleType):
    """A module as it is on another system."""

    def __init__(self, module, lacks, other):
        super().__init__(module.__name__)
        self.__dict__.update(_module=module, _lacks=lacks, _other=other)

    def __getattr__(self, name):
        if name in self._lacks:
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r} on this system")
        return self._other[name] if name in self._other else getattr(self._module, name)

    def __setattr__(self, name, value):
        setattr(self._module, name, value)

    def __delattr__(self, name):
        delattr(self._module, name)


def _other(system):
    """What differs there, by module."""
    import ctypes
    import multiprocessing
    import shutil

    def library(name, *arguments, **options):
        if name is None and system == "win32":
            raise TypeError("argument of type 'NoneType' is not iterable")
        loaded = ctypes.CDLL(name, *arguments, **options)
        return types.SimpleNamespace() if name is None else loaded  # in which there is no prctl

    def context(method=None):
        if method in ("fork", "forkserver") and system == "win32":
            raise ValueError(f"cannot find context for {method!r}")
        return multiprocessing.get_context(method)

    found = {
        "sys": {"platform": system},
        "ctypes": {"CDLL": library},
        "multiprocessing": {"get_context": context},
    }
    if system == "win32":
        refusing = {name: _without_descriptors(getattr(os, name)) for name in BY_DESCRIPTOR}
        refusing |= {"scandir": _of_paths(os.scandir), "utime": _of_paths(os.utime), "listdir": _of_paths(os.listdir)}
        found["os"] = {"supports_dir_fd": set(), "supports_fd": {os.stat}, "name": "nt", **refusing}
        found["shutil"] = {"rmtree": _without_descriptors(shutil.rmtree)}
    return found


def take_away(system):
    import ctypes
    import multiprocessing
    import select
    import shutil
    import signal
    import socket

    lacks = {name: set(words.split()) for name, words in LINUX.items()}
    if system == "win32":
        lacks = {name: words | set(UNIX[name].split()) for name, words in lacks.items()}
    other = _other(system)
    modules = {module.__name__: module for module in (ctypes, multiprocessing, os, select, shutil, signal, socket, sys)}
    proxies = {name: Elsewhere(module, lacks.get(name, set()), other.get(name, {})) for name, module in modules.items()}
    original = builtins.__import__

    def is_ours(about):
        package = (about or {}).get("__package__") or (about or {}).get("__name__") or ""
        return package.partition(".")[0] in OURS

    def imported(name, names=None, own=None, fromlist=(), level=0):
        if level or not is_ours(names):
            return original(name, names, own, fromlist, level)
        if name.partition(".")[0] in MODULES[system]:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        module = original(name, names, own, fromlist, level)
        return proxies.get(module.__name__, module)

    def hear(event, arguments):
        if event != "open" or not str(arguments[0]).startswith(("/proc/", "/sys/", "/dev/shm", "/dev/stdin")):
            return
        frame = sys._getframe(1)
        while frame is not None and frame.f_globals.get("__name__") in ("pathlib", "pathlib._local", "io"):
            frame = frame.f_back
        if frame is not None and is_ours(frame.f_globals):
            raise FileNotFoundError(2, "No such file or directory", arguments[0])

    builtins.__import__ = imported
    sys.addaudithook(hear)
    # Windows reads and writes in an encoding of its own, unless one is named
    warnings.filterwarnings("ignore", category=EncodingWarning)
    warnings.filterwarnings("error", category=EncodingWarning, module=rf"({'|'.join(sorted(OURS))})\b")


if "TESTS_SYSTEM" in os.environ:
    take_away(os.environ["TESTS_SYSTEM"])
