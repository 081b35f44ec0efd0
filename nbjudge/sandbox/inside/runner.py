"""The process that runs the cells of one submission."""

import base64
import fcntl
import json
import os
import signal
import sys
import tempfile
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from . import confinement, shell
from .needed import is_needed
from .outputs import Output
from .shell import Shell

FAILED = 70
"""Exit code of a submission that couldn't be started."""


@dataclass(frozen=True)
class Job:
    """Two open files: where it is to be read what is to be done, and where the results go."""

    task: int
    out: int

    def close(self) -> None:
        os.close(self.task)
        os.close(self.out)


def run(
    interpreter: Shell, limits: dict[str, Any], job: Job, home: str, confine: Callable[[dict[str, Any]], None]
) -> NoReturn:
    """Run the cells of one job and write a line of JSON before and after each, or one that says why none runs.

    Parameters
    ----------
    home
        The folder in which they run.
    confine
        The last step before them: from then on, this process has no more rights than a student's code may have.
    """
    try:
        _ignore_interrupts()
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        confinement.own_descriptors({job.task, job.out})
        with os.fdopen(job.task, "rb") as file:
            task = json.loads(file.read())
        os.chdir(home)
        os.environ["HOME"] = home
        for name, data in task["files"].items():
            path = Path(home, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(bytes.fromhex(data))
        captured = _unnamed_file(home)
        nothing = os.open("/dev/null", os.O_RDONLY)
        confine(limits)
        interpreter.collected.watch(captured)
        shell.refresh(interpreter)
        for place, cell in enumerate(task["cells"]):
            for descriptor in (0, 1, 2):
                os.dup2(captured if descriptor else nothing, descriptor)
            _send(job.out, {"start": cell["index"]})
            if place == 0:  # not before: what lies beside the notebook would be imported while no cell is to blame
                sys.path.insert(0, "")
            signal.signal(signal.SIGINT, signal.default_int_handler)
            outputs, number = shell.run_cell(interpreter, cell["source"], _ignore_interrupts, cell["mend"])
            _send(job.out, {"cell": cell["index"], "outputs": outputs, "count": number})
        _send(job.out, {"end": True})
        os._exit(0)
    except BaseException:
        _send(job.out, {"complaint": traceback.format_exc()[-1000:]})  # nobody hears it if a cell has begun
    finally:
        os._exit(FAILED)


def complain() -> None:
    """Say why in the log, which the trusted side reads. No process in which a student's code may run has it."""
    os.write(2, traceback.format_exc().encode())


def _unnamed_file(folder: str) -> int:
    with tempfile.TemporaryFile(dir=folder) as file:
        number = os.dup(file.fileno())
    fcntl.fcntl(number, fcntl.F_SETFL, os.O_APPEND)
    return number


def _ignore_interrupts() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _send(out: int, message: dict[str, Any]) -> None:
    try:
        line = json.dumps(message, default=_as_text, allow_nan=False).encode() + b"\n"
    except (TypeError, ValueError, RecursionError) as error:
        needed = [output for output in message.get("outputs", []) if is_needed(output)]
        line = json.dumps({**message, "outputs": [*needed, _unfit(error)]}, default=_as_text).encode() + b"\n"
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
