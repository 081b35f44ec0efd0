"""The process from which those that grade are forked, ready before a command begins.

``multiprocessing`` starts it as a Python of its own, which needs a second for its imports. The processes in which tests
run commands have imported the same, so such a process can be forked from them, as long as it has one thread and has
done nothing. From then on it is what it would be.
"""

import fcntl
import json
import os
import signal
import socket
from collections.abc import Sequence
from multiprocessing import util
from typing import Any, NoReturn

HIGH = 500
"""File descriptors from here on are nobody's."""


def prepare() -> None:
    """Fork it for the command that this process is about to become. If it isn't wanted, it ends with the command."""
    ours, theirs = socket.socketpair()
    waiting = os.fork()
    if waiting == 0:
        ours.close()
        _wait(theirs)
    theirs.close()
    start, left = util.spawnv_passfds, [waiting]

    def become(path: Any, words: Sequence[str], descriptors: Sequence[int]) -> int:
        if "multiprocessing.forkserver" not in words[-1] or not left:
            return start(path, words, descriptors)
        about = {"code": words[-1], "numbers": list(descriptors), "cwd": os.getcwd(), "environment": dict(os.environ)}
        with ours:
            socket.send_fds(ours, [b"!"], descriptors)
            ours.sendall(json.dumps(about).encode())
        return left.pop()

    util.spawnv_passfds = become


def _wait(orders: socket.socket) -> NoReturn:
    """Until it is said what multiprocessing wants to be run, and with which files. Then be that."""
    code = 1
    try:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # as multiprocessing's own does
        wanted, descriptors, _, _ = socket.recv_fds(orders, 1, 16)
        if wanted:
            about = json.loads(b"".join(iter(lambda: orders.recv(65536), b"")))
            orders.close()
            _put(descriptors, about["numbers"])
            os.chdir(about["cwd"])
            os.environ.clear()
            os.environ.update(about["environment"])
            exec(about["code"], {"__name__": "__main__"})
        code = 0
    except SystemExit:
        code = 0
    finally:
        os._exit(code)


def _put(descriptors: Sequence[int], numbers: Sequence[int]) -> None:
    """Give open files the numbers by which they are known."""
    copies = [fcntl.fcntl(descriptor, fcntl.F_DUPFD, HIGH) for descriptor in descriptors]
    for descriptor in descriptors:
        os.close(descriptor)
    for copy, number in zip(copies, numbers, strict=True):
        os.dup2(copy, number)
        os.close(copy)
