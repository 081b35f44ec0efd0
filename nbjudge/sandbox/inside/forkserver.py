"""The forkserver: imports once, then forks for each submission.

How a submission is walled in is told by ``namespaces`` and ``one_process``. This process waits for work, starts it,
watches it, passes orders on to it, and tells how it ended.
"""

import contextlib
import gc
import importlib
import json
import os
import select
import socket
import threading
import time
from typing import Any, Protocol

from . import confinement, large_pages, practice, runner, shell
from .asking import KeptWaitingError
from .namespaces import Namespaces
from .one_process import OneProcess
from .runner import Job
from .shell import Shell
from .watch import CalledError, Watch

MANY = 12
"""Submissions after which it pays to spend a tenth of a second on what saves each later one some milliseconds."""
OF_TRACEBACKS = "stack_data"
"""What IPython imports when it shows the first one."""
CLOCK, AGAIN = 0.05, 0.01
"""Seconds between two looks at what it uses, and before the one that confirms what was seen."""
MOST_UNSEEN = 2
"""Looks of a submission that may come to nothing, but not two of them in a row."""
PART, LONGEST_PAUSE = 4, 0.25
"""A look that takes long is followed by a pause that takes so much longer."""


class Wall(Protocol):
    """How submissions start and end."""

    def watch(self, limits: dict[str, Any]) -> Watch: ...

    def begin(self, interpreter: Shell, limits: dict[str, Any], job: Job) -> int: ...

    def interrupt(self, first: int) -> None: ...

    def kill(self, first: int) -> None: ...

    def clean(self) -> None: ...

    def end(self) -> None: ...


def main(settings: dict[str, Any]) -> None:
    """Prepare, say "ready", and serve until the other end of the control socket closes.

    ``settings``: ``control`` (file descriptor), ``wall`` ("namespaces" or "landlock"), ``modules`` to import,
    ``max_bytes`` of output per cell, ``places`` that a submission can write to (its home first); behind the second
    wall also ``landlock`` (see ``outer_wall``).
    """
    control = socket.socket(fileno=settings["control"])
    for name in settings["modules"]:
        _import(name)  # if that fails, the notebook's own import will say what is wrong
    interpreter = shell.new_shell(settings["max_bytes"])
    # whatever it imports is imported here, where no file of a student's lies
    practice.practise(interpreter)
    threads = threading.active_count()
    if threads != 1:
        raise RuntimeError(f"the warm process has {threads} threads, so it can't be forked safely")
    confinement.set_dumpable(False)
    wall = _wall(settings, control)
    _freeze()
    control.send(b'{"ready": true}')
    served = 0
    try:
        while True:
            message, descriptors, _, _ = socket.recv_fds(control, 4096, 2)
            if not message:
                return
            if descriptors:  # or else it is an order for a submission that has ended
                _serve(control, wall, interpreter, json.loads(message), Job(*descriptors))
                served += 1
                if served == MANY:
                    _import(OF_TRACEBACKS)
                    _freeze()
                    large_pages.gather()
    finally:
        wall.end()


def _import(name: str) -> None:
    with contextlib.suppress(Exception):
        importlib.import_module(name)


def _freeze() -> None:
    """What is here now stays as it is, so that the collector has no look at it."""
    gc.unfreeze()
    gc.collect()
    gc.freeze()


def _wall(settings: dict[str, Any], control: socket.socket) -> Wall:
    if settings["wall"] == "landlock":
        return OneProcess(settings["places"], control, settings["landlock"])
    return Namespaces(settings["places"], control)


def _serve(control: socket.socket, wall: Wall, interpreter: Shell, limits: dict[str, Any], job: Job) -> None:
    """One submission, from fork to end. Tells the other side how it ended."""
    watch = wall.watch(limits)
    first = watch.pid = wall.begin(interpreter, limits, job)
    job.close()
    has_ended = os.pidfd_open(first)
    reason = seen = ""
    unseen = 0
    has_come_to_an_end = False
    pause = CLOCK
    watch.is_called = lambda: bool(select.select([control.fileno()], [], [], 0)[0])
    try:
        while True:
            ready, _, _ = select.select([control.fileno(), has_ended], [], [], pause)
            if has_ended in ready:
                has_come_to_an_end = True
                break
            if control.fileno() in ready:
                message = control.recv(64)
                order = json.loads(message) if message else {"job": limits["job"], "order": "kill"}
                if order.get("job") == limits["job"]:
                    (wall.interrupt if order["order"] == "interrupt" else wall.kill)(first)
                if not message:
                    return
            elif not reason:
                before, (seen, took) = seen, _look(watch)
                unseen += seen == "unseen"
                # once can be the moment in which a process starts another program
                if seen and (before or unseen > MOST_UNSEEN):
                    reason = seen
                    wall.kill(first)
                pause = AGAIN if seen and not reason else min(max(CLOCK, PART * took), LONGEST_PAUSE)
                _tell(control, {"job": limits["job"], **_usage(watch)})
    finally:
        if not has_come_to_an_end:
            wall.kill(first)
        os.close(has_ended)
        _, status = os.waitpid(first, 0)
        watch.end()
    code = os.waitstatus_to_exitcode(status)
    end = {"job": limits["job"], "ended": code if code >= 0 else 128 - code, "reason": reason}
    try:
        wall.clean()  # before the end is told: what it takes is time of this submission, and not of the next one
    finally:
        control.send(json.dumps({**end, **_usage(watch)}).encode())


def _look(watch: Watch) -> tuple[str, float]:
    """What it has too much of, or ""; and how much processor time it took to find out."""
    begin = time.process_time()
    try:
        seen = watch.look()
    except CalledError:
        seen = ""
    except KeptWaitingError:
        seen = "unseen"
    except Exception:  # nobody knows what it does
        runner.complain()
        seen = "unseen"
    took = time.process_time() - begin
    was_too_long, watch.is_too_long = watch.is_too_long, False
    return ("unseen" if was_too_long and not seen else seen), took


def _usage(watch: Watch) -> dict[str, float]:
    return {"processor": watch.processor, "delayed": watch.delayed}


def _tell(control: socket.socket, message: dict[str, Any]) -> None:
    """Say it to the other side, unless that one has no ear for it now."""
    with contextlib.suppress(BlockingIOError):
        control.send(json.dumps(message).encode(), socket.MSG_DONTWAIT)
