"""Runs commands as a shell would, but in processes that have imported their libraries already.

`python -m nbgrader …` needs more than a second for its imports, and the tests run hundreds. So one process imports what
every command needs and forks for each: its child has the arguments, folder and environment of the command, and ends as
it does. What a course holds (``exercise_code``, its configuration) is imported anew by each.

Not for commands that are about how Python starts, and not for what runs beside the test.
"""

import atexit
import json
import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from unittest import mock

import nbgrader.api
from sqlalchemy import Engine, event

from tests.support import ROOT, forkservers

FORM = "TESTS_FORM_OF_GRADEBOOKS"
"""Variable that tells the process that forks what alembic said. Its children don't have it."""

_servers: dict[int, subprocess.Popen] = {}


def run(
    words: Sequence[str],
    cwd: Path,
    env: Mapping[str, str] | None = None,
    timeout: float = 300,
) -> subprocess.CompletedProcess:
    """Run ``[sys.executable, "-m", module, …]``: as ``subprocess.run`` does, with the output as text."""
    assert words[:2] == [sys.executable, "-m"], words
    with tempfile.TemporaryDirectory() as folder:
        job = {
            "module": words[2],
            "arguments": list(map(str, words[3:])),
            "cwd": str(cwd),
            "environment": dict(os.environ if env is None else env),
            "timeout": timeout,
            "stdout": f"{folder}/stdout",
            "stderr": f"{folder}/stderr",
        }
        server = _server()
        assert server.stdin is not None
        assert server.stdout is not None
        server.stdin.write(f"{json.dumps(job)}\n")
        server.stdin.flush()
        answer = server.stdout.readline()
        assert answer, "the process that runs commands has ended"
        out, err = (Path(job[name]).read_text(encoding="utf-8", errors="replace") for name in ("stdout", "stderr"))
        code = json.loads(answer)
        if code is None:
            raise subprocess.TimeoutExpired(words, timeout, out, err)
        return subprocess.CompletedProcess(words, code, out, err)


def _server() -> subprocess.Popen:
    """The process that forks, one for each process of the tests."""
    if os.getpid() not in _servers:
        words = [sys.executable, "-m", "tests.support.commands"]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        environment = {**os.environ, FORM: remember_form_of_gradebooks()}
        server = subprocess.Popen(words, cwd=ROOT, env=environment, text=True, **pipes)  # type: ignore[call-overload]
        _servers[os.getpid()] = server
        atexit.register(_end, server)
    return _servers[os.getpid()]


def _end(server: subprocess.Popen) -> None:
    server.communicate()  # it ends when there is nothing more to come


def remember_form_of_gradebooks() -> str:
    """Ask alembic once how new gradebooks look, and not in a process of its own for each one."""
    version = os.environ.get(FORM)
    if version is None:
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"  # alembic is called by name
        with mock.patch.dict(os.environ, PATH=path):
            version = nbgrader.api.get_alembic_version()
    nbgrader.api.get_alembic_version = lambda: version
    return version


def keep_gradebooks_without_waiting() -> None:
    """SQLite waits for the disk after each change, of which a submission makes some thirty. No test cuts the power."""

    @event.listens_for(Engine, "connect")
    def wait_for_no_disk(connection: Any, _: Any) -> None:
        if isinstance(connection, sqlite3.Connection):
            connection.execute("PRAGMA synchronous = OFF")


def serve() -> None:
    """Fork for each job that comes in, and say how it ended."""
    import nbgrader.apps  # noqa: F401

    import nbjudge.batch.worker
    import nbjudge.cli  # noqa: F401

    remember_form_of_gradebooks()
    keep_gradebooks_without_waiting()
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    for line in sys.stdin:
        job = json.loads(line)
        child = os.fork()
        if child == 0:
            answers.close()
            _become(job)
        print(json.dumps(_ended(child, job["timeout"])), file=answers, flush=True)


def _ended(child: int, timeout: float) -> int | None:
    """The exit code as subprocess gives it; None if the time was over."""

    def ring(*_: Any) -> None:
        os.killpg(child, signal.SIGKILL)

    signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, timeout)
    _, status = os.waitpid(child, 0)
    is_over = signal.setitimer(signal.ITIMER_REAL, 0)[0] == 0
    return None if is_over else os.waitstatus_to_exitcode(status)


def _become(job: dict[str, Any]) -> None:
    """Be the command, and end."""
    import runpy

    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    os.setpgid(0, 0)
    for name, number in (("stdout", 1), ("stderr", 2)):
        os.dup2(os.open(job[name], os.O_WRONLY | os.O_CREAT | os.O_TRUNC), number)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    sys.stdin, sys.stdout, sys.stderr = os.fdopen(0), os.fdopen(1, "w"), os.fdopen(2, "w", errors="backslashreplace")
    os.chdir(job["cwd"])
    os.environ.clear()
    os.environ.update(job["environment"])
    paths = job["environment"].get("PYTHONPATH", "").split(os.pathsep)
    sys.path[:] = [job["cwd"], *filter(None, paths), *(path for path in sys.path if path not in ("", str(ROOT)))]
    sys.argv = [job["module"], *job["arguments"]]
    if sys.argv[:2] == ["nbjudge", "autograde"]:
        forkservers.prepare()
    code = 0
    try:
        runpy.run_module(job["module"], run_name="__main__", alter_sys=True)
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 0 if end.code is None else 1
        if isinstance(end.code, str):
            print(end.code, file=sys.stderr)
    except BaseException:
        sys.excepthook(*sys.exc_info())
        code = 1
    finally:
        atexit._run_exitfuncs()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    serve()
