"""What the warm process does when a submission has ended."""

import json
import os
import socket
import sys
from types import SimpleNamespace
from typing import Any

import pytest

if sys.platform != "linux":
    pytest.skip("walls are Linux's", allow_module_level=True)

from nbjudge.sandbox.inside import forkserver


class Wall:
    """One behind which a program runs that ends soon, when it was looked at."""

    def __init__(self, end: socket.socket, error: Exception | None) -> None:
        self._end, self._error = end, error
        self.heard = b""

    def watch(self, limits: dict[str, Any]) -> Any:
        watch = {"look": lambda: "", "end": lambda: None, "is_too_long": False}
        return SimpleNamespace(**watch, processor=0.0, delayed=0.0)

    def begin(self, *_: Any) -> int:
        return os.posix_spawn(sys.executable, [sys.executable, "-c", "import time; time.sleep(0.3)"], {})

    def clean(self) -> None:
        while b"ended" not in self.heard:
            try:
                self.heard = self._end.recv(4096, socket.MSG_DONTWAIT)
            except BlockingIOError:
                break
        if self._error is not None:
            raise self._error


@pytest.mark.parametrize("error", [None, OSError("it can't be removed")])
def test_what_a_submission_left_is_removed_before_its_end_is_told(error: Exception | None) -> None:
    """Else the next one would wait for it, in its own time."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with ours, theirs:
        wall, raised = Wall(ours, error), None
        try:
            forkserver._serve(theirs, wall, None, {"job": 1}, SimpleNamespace(close=lambda: None))  # type: ignore[arg-type]
        except OSError as seen:
            raised = seen
        assert raised is error
        assert b"ended" not in wall.heard
        assert json.loads(ours.recv(4096))["ended"] == 0
