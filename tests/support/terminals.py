"""Runs `course …` where a person reads it, in a terminal of some width, and where a program does, in a pipe.

Each command runs once for each place: what is tried here changes nothing.
"""

import os
import pty
import subprocess
import sys
import termios
from functools import cache
from pathlib import Path
from typing import NamedTuple

from tests.support import ROOT

COMMAND = [sys.executable, "-m", "nbjudge"]
WITHOUT = ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "LINES", "TTY_COMPATIBLE", "TTY_INTERACTIVE")


class Said(NamedTuple):
    out: str
    err: str
    code: int


def environment_with(more: dict[str, str]) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in WITHOUT}
    return {**kept, "PYTHONPATH": str(ROOT), "TERM": "xterm-256color", **more}


@cache
def in_a_pipe(*words: str, cwd: Path, **environment: str) -> Said:
    done = subprocess.run(
        [*COMMAND, *words], cwd=cwd, env=environment_with(environment), capture_output=True, text=True, timeout=300
    )
    return Said(done.stdout, done.stderr, done.returncode)


@cache
def in_a_terminal(*words: str, cwd: Path, width: int = 80, typed: str = "", **environment: str) -> Said:
    """What is seen, as it is written to the terminal; both streams are one there. ``typed`` waits to be read."""
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (40, width))
    process = subprocess.Popen(
        [*COMMAND, *words], cwd=cwd, env=environment_with(environment), stdin=theirs, stdout=theirs, stderr=theirs
    )
    os.close(theirs)
    os.write(ours, typed.encode())
    seen = b""
    while True:
        try:
            part = os.read(ours, 65536)
        except OSError:  # as Linux says that nobody writes any more
            break
        if not part:
            break
        seen += part
    os.close(ours)
    return Said(seen.decode().replace("\r\n", "\n"), "", process.wait(timeout=300))
