"""The forkserver: imports once, then forks for each submission.

Four processes, each with one job: this one waits for work; the first child moves into new namespaces; its child is
process 1 in there, and its end is the end of everything in there; the last one runs the student's cells.
"""

import base64
import contextlib
import gc
import importlib
import json
import os
import select
import selectors
import shutil
import signal
import socket
import sys
import tempfile
import threading
import time
import traceback
import warnings
from pathlib import Path
from typing import Any, NoReturn

from . import confinement, shell
from .shell import Output, Shell
from .watch import Watch

WARM_UP = "import matplotlib.pyplot as plt\nplt.plot([0, 1])\nplt.title('$x$')\nplt.show()\nprint(1)\n1"
CLOCK, AGAIN = 0.05, 0.01
"""Seconds between two looks at what it uses, and before the one that confirms what was seen."""
PART, LONGEST_PAUSE, LONGEST_LOOK = 4, 0.25, 0.5
"""A look that takes long is followed by a pause that takes so much longer. No honest notebook makes it take longest."""
FAILED = 70
"""Exit code of a submission that couldn't be started."""


def main(settings: dict[str, Any]) -> None:
    """Prepare, say "ready", and serve until the other end of the control socket closes.

    ``settings``: ``control`` (file descriptor), ``isolated`` (whether submissions are confined), ``modules`` to import,
    ``max_bytes`` of output per cell, ``places`` that a submission can write to (its home first).
    """
    control = socket.socket(fileno=settings["control"])
    for name in settings["modules"]:
        with contextlib.suppress(Exception):  # then the notebook's own import will say what is wrong
            importlib.import_module(name)
    interpreter = shell.new_shell(settings["max_bytes"])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        shell.run_cell(interpreter, WARM_UP, lambda: None)
    interpreter.reset(new_session=True)
    shell.refresh(interpreter)  # whatever it imports is imported here, where no file of a student's lies
    threads = threading.active_count()
    if threads != 1:
        raise RuntimeError(f"the warm process has {threads} threads, so it can't be forked safely")
    if settings["isolated"]:
        confinement.set_dumpable(False)
    gc.collect()
    gc.freeze()
    control.send(b'{"ready": true}')
    while True:
        message, descriptors, _, _ = socket.recv_fds(control, 4096, 2)
        if not message:
            return
        if len(descriptors) != 2:
            continue  # an order for a submission that has ended
        _serve(control, interpreter, {**json.loads(message), "places": settings["places"]}, *descriptors)


def _serve(control: socket.socket, interpreter: Shell, limits: dict[str, Any], job: int, out: int) -> None:
    """One submission, from fork to end. Tells the other side how it ended."""
    watch = Watch(limits) if limits["isolated"] else None  # or else nobody knows which processes are its own
    first = os.fork()
    if first == 0:
        _first(control, interpreter, limits, job, out)
    os.close(job)
    os.close(out)
    has_ended = os.pidfd_open(first)
    reason = seen = ""
    pause = CLOCK
    try:
        while True:
            ready, _, _ = select.select([control.fileno(), has_ended], [], [], pause)
            if has_ended in ready:
                break
            if control.fileno() in ready:
                message = control.recv(64)
                order = json.loads(message) if message else {"job": limits["job"], "order": "kill"}
                if order.get("job") == limits["job"]:
                    os.kill(first, signal.SIGINT if order["order"] == "interrupt" else signal.SIGTERM)
                if not message:
                    return
            elif watch and not reason:
                before, (seen, took) = seen, _look(watch)
                if seen and seen == before:  # once can be the moment in which a process starts another program
                    reason = seen
                    os.kill(first, signal.SIGTERM)
                pause = AGAIN if seen and not reason else min(max(CLOCK, PART * took), LONGEST_PAUSE)
                _tell(control, {"job": limits["job"], **_usage(watch)})
    finally:
        os.close(has_ended)
        _, status = os.waitpid(first, 0)
    end = {"job": limits["job"], "ended": os.waitstatus_to_exitcode(status), "reason": reason}
    control.send(json.dumps({**end, **_usage(watch)}).encode())


def _look(watch: Watch) -> tuple[str, float]:
    """What it has too much of, or ""; and how much processor time it took to find out."""
    begin = time.process_time()
    try:
        seen = watch.look()
    except Exception:  # nobody knows what it does
        _complain()
        seen = "unseen"
    took = time.process_time() - begin
    return ("unseen" if took > LONGEST_LOOK and not seen else seen), took


def _usage(watch: Watch | None) -> dict[str, float]:
    return {"processor": watch.processor, "delayed": watch.delayed} if watch else {}


def _tell(control: socket.socket, message: dict[str, Any]) -> None:
    """Say it to the other side, unless that one has no ear for it now."""
    with contextlib.suppress(BlockingIOError):
        control.send(json.dumps(message).encode(), socket.MSG_DONTWAIT)


def _first(control: socket.socket, interpreter: Shell, limits: dict[str, Any], job: int, out: int) -> NoReturn:
    """Move into new namespaces; forward orders to process 1 in there, and its exit code to outside."""
    code = FAILED
    try:
        control.close()
        home = limits["places"][0]
        if limits["isolated"]:
            confinement.enter_namespaces()
        else:
            home = tempfile.mkdtemp(prefix="submission-")
        child = os.fork()
        if child == 0:
            _second(interpreter, limits, job, out, home)
        os.close(job)
        os.close(out)
        signal.signal(signal.SIGINT, lambda *_: os.kill(child, signal.SIGINT))
        signal.signal(signal.SIGTERM, lambda *_: _end(child, limits))
        _, status = os.waitpid(child, 0)
        code = abs(os.waitstatus_to_exitcode(status))
        if not limits["isolated"]:
            _end(child, limits)
            shutil.rmtree(home, ignore_errors=True)
    except BaseException:
        _complain()
    finally:
        os._exit(code)


def _complain() -> None:
    """Say why in the log, which the trusted side reads. No process in which a student's code may run has it."""
    os.write(2, traceback.format_exc().encode())


def _end(child: int, limits: dict[str, Any]) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        (os.kill if limits["isolated"] else os.killpg)(child, signal.SIGKILL)


def _second(interpreter: Shell, limits: dict[str, Any], job: int, out: int, home: str) -> NoReturn:
    """Process 1: confine what is to come, start the runner, reap what ends, and end with the runner."""
    code = FAILED
    try:
        os.setsid()
        if limits["isolated"]:
            confinement.mount_scratch(limits["places"], limits["disk"])
            confinement.drop_privileges()
        confinement.leave_log()  # here: the runner can look at what this process has open
        runner = os.fork()
        if runner == 0:
            _runner(interpreter, limits, job, out, home)
        if limits["isolated"]:
            confinement.set_dumpable(False)
        os.close(job)
        os.close(out)
        signal.signal(signal.SIGINT, lambda *_: os.kill(runner, signal.SIGINT))
        while True:
            pid, status = os.wait()
            if pid == runner:
                exit_code = os.waitstatus_to_exitcode(status)
                code = exit_code if exit_code >= 0 else 128 - exit_code
                break
    except BaseException:
        _complain()
    finally:
        os._exit(code)


def _runner(interpreter: Shell, limits: dict[str, Any], job: int, out: int, home: str) -> NoReturn:
    """Run the cells of one job and write a line of JSON before and after each, or one that says why none runs."""
    try:
        _ignore_interrupts()
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        confinement.own_descriptors({job, out})
        with os.fdopen(job, "rb") as file:
            task = json.loads(file.read())
        os.chdir(home)
        os.environ["HOME"] = home
        for name, data in task["files"].items():
            path = Path(home, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(bytes.fromhex(data))
        captured = os.open(home, os.O_TMPFILE | os.O_RDWR | os.O_APPEND, 0o600)
        nothing = os.open("/dev/null", os.O_RDONLY)
        confinement.set_limits(limits["address_space"], limits["processes"], limits["file"], limits["cpu"])
        if limits["isolated"]:
            confinement.set_dumpable(True)
            confinement.deny_calls()
            selectors.DefaultSelector = selectors.PollSelector  # type: ignore[misc, assignment] # epoll is gone
        interpreter.collected.watch(captured)
        shell.refresh(interpreter)
        for place, cell in enumerate(task["cells"]):
            for descriptor in (0, 1, 2):
                os.dup2(captured if descriptor else nothing, descriptor)
            _send(out, {"start": cell["index"]})
            if place == 0:  # not before: what lies beside the notebook would be imported while no cell is to blame
                sys.path.insert(0, "")
            signal.signal(signal.SIGINT, signal.default_int_handler)
            outputs, number = shell.run_cell(interpreter, cell["source"], _ignore_interrupts, cell["mend"])
            _send(out, {"cell": cell["index"], "outputs": outputs, "count": number})
        _send(out, {"end": True})
        os._exit(0)
    except BaseException:
        _send(out, {"complaint": traceback.format_exc()[-1000:]})  # nobody hears it if a cell has begun
    finally:
        os._exit(FAILED)


def _ignore_interrupts() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _send(out: int, message: dict[str, Any]) -> None:
    try:
        line = json.dumps(message, default=_as_text, allow_nan=False).encode() + b"\n"
    except (TypeError, ValueError, RecursionError) as error:
        line = json.dumps({**message, "outputs": [_unfit(error)]}).encode() + b"\n"
    while line:
        line = line[os.write(out, line) :]


def _unfit(error: Exception) -> Output:
    text = f"The outputs of this cell can't be stored: {type(error).__name__}: {error}"
    return {"output_type": "stream", "name": "stderr", "text": text[:500]}


def _as_text(value: Any) -> str:
    """Pictures come as bytes; the notebook format wants base64. Anything else isn't for a notebook."""
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    return str(value)[:1000]
