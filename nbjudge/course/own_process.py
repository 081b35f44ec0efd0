"""Processes of our own: what each does first, and steps that run in a process of their own.

A step is a function that runs code of the course, such as a source notebook. Whatever that does (print, change modules,
never end, die) can't reach the process that decides by the step's result.
"""

import ctypes
import gc
import importlib
import io
import json
import multiprocessing
import os
import signal
import subprocess
import sys
import tempfile
import traceback
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NoReturn, cast

from nbjudge.course.errors import CourseError

SECONDS = 600
"""What is still running then is ended. The sentence says "ten minutes"."""

CHILD = """
import json, sys
sys.path[:] = json.loads(sys.argv[1])
from nbjudge.course import own_process
own_process.child(*sys.argv[2:])
"""

PR_SET_PDEATHSIG = 1

Ended = subprocess.CompletedProcess[str]


class StepError(CourseError):
    """A step didn't give its result."""


def begin() -> None:
    """What our processes do before they import anything that reads notebooks.

    jsonschema, by which notebooks are validated, would use ``rfc3987_syntax`` to check international addresses, if it
    can be imported. That builds a grammar and takes a second in each process; no notebook holds such an address. It is
    for processes that belong to us: who imports nbjudge as a library may need the package.
    """
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]


@contextmanager
def importing() -> Iterator[None]:
    """Within it, modules are imported whose objects stay until the process ends: nobody looks for garbage among them.

    A seventh of the time that it takes to import nbgrader would go into that.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def run(
    function: str,
    arguments: Mapping[str, Any],
    name: str,
    error: type[CourseError] = StepError,
    environment: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    bounded: bool = True,
    seconds: float | None = None,
) -> Any:
    """Call a function in a fresh Python, which finds the same modules as this one.

    Parameters
    ----------
    function
        ``package.module:function``. What it prints goes nowhere.
    arguments
        Its arguments, plain data as in JSON; so is what it returns.
    name
        What runs, for sentences that say that it didn't come to its end.
    error
        What to raise, with one sentence.
    environment
        Variables to be set beside those of this process.
    cwd
        Where it runs, if not here.
    bounded
        Whether its time is limited; or else it has as long as it likes.
    seconds
        How long it has, if not ten minutes.

    Raises
    ------
    CourseError
        An ``error``: with the sentence of the CourseError that the function raised, or because it took too long or its
        process died.
    RuntimeError
        If the function raised anything else, which is a bug.
    """
    paths = json.dumps([os.path.abspath(path) for path in sys.path])
    words = [sys.executable, "-P", "-c", CHILD, paths, function, json.dumps(arguments)]
    done = finish(words, name, error, environment, cwd, bounded, seconds)
    try:
        answer = json.loads(done.stdout)
    except ValueError:  # it died
        lines = done.stderr.strip().splitlines() or ["no message."]
        raise error(f"{name} can't be run: {lines[-1]}") from None
    if "sentence" in answer:
        raise error(answer["sentence"])
    if "bug" in answer:
        raise RuntimeError(f"{function} failed in its own process.\n{answer['bug']}")
    return answer["result"]


def finish(
    words: Sequence[str],
    name: str,
    error: type[CourseError] = StepError,
    environment: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    bounded: bool = True,
    seconds: float | None = None,
) -> Ended:
    """Run a command to its end, with all that it puts out. Nothing of it goes on afterwards; parameters as in ``run``.

    Raises
    ------
    CourseError
        An ``error``, if it takes longer than it may.
    """
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as messages:  # a pipe could be held open
        process = subprocess.Popen(
            words,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=messages,
            env={**os.environ, **(environment or {})},
            cwd=cwd,
            process_group=0,
        )
        try:
            code = process.wait((seconds or SECONDS) if bounded else None)
        except subprocess.TimeoutExpired:
            limit = f"{seconds:g} seconds" if seconds else "ten minutes"
            raise error(f"{name} didn't come to an end within {limit}.") from None
        finally:
            if hasattr(os, "killpg"):
                with suppress(ProcessLookupError, PermissionError):  # which macOS says of a group that has ended
                    os.killpg(process.pid, signal.SIGKILL)
            else:
                process.kill()
            process.wait()
        texts = []
        for file in (output, messages):
            file.seek(0)
            texts.append(file.read().decode(errors="replace"))
    return subprocess.CompletedProcess(words, code, *texts)


def finish_copy(function: Callable[[], object], name: str, error: type[CourseError] = StepError) -> Ended:
    """Call a function in a copy of this process, with all that is imported here; else like ``finish``. Only on Linux.

    Raises
    ------
    CourseError
        An ``error``, if it takes longer than ten minutes.
    """
    with tempfile.TemporaryFile() as messages:
        copy = multiprocessing.get_context("fork").Process(target=_as_copy, args=(function, messages.fileno()))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # threads of libraries in C, which wait for work
            copy.start()
        try:
            copy.join(SECONDS)
            if copy.is_alive():
                raise error(f"{name} didn't come to an end within ten minutes.")
        finally:
            copy.kill()
            with suppress(ProcessLookupError):  # of its group nobody is left
                os.killpg(cast(int, copy.pid), signal.SIGKILL)
            copy.join()
        messages.seek(0)
        return subprocess.CompletedProcess([name], copy.exitcode or 0, "", messages.read().decode(errors="replace"))


def _as_copy(function: Callable[[], object], messages: int) -> None:
    os.setpgrp()
    for stream in (1, 2):
        os.dup2(messages, stream)
    sys.stdin = open(os.devnull)  # noqa: SIM115 (until this process ends)
    sys.stdout = sys.stderr = io.TextIOWrapper(io.FileIO(1, "w", closefd=False), "utf-8", write_through=True)
    function()


def child(function: str, arguments: str) -> NoReturn:
    """Runs in the fresh Python: calls the function, and gives its result to ``run``."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)  # it doesn't outlive who waits for it
    begin()
    with os.fdopen(os.dup(1), "w", encoding="utf-8") as output:
        os.dup2(2, 1)  # what code of the course prints is no result
        output.write(json.dumps(_answer(function, json.loads(arguments))))
    sys.exit()


def _answer(function: str, arguments: dict[str, Any]) -> dict[str, Any]:
    module, _, name = function.partition(":")
    try:
        with importing():
            imported = importlib.import_module(module)
        answer = {"result": getattr(imported, name)(**arguments)}
        json.dumps(answer)
    except CourseError as error:
        return {"sentence": " ".join(str(error).split())}
    except BaseException:
        return {"bug": traceback.format_exc()}
    return answer
