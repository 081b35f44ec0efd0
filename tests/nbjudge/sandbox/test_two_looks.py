"""The warm process looks at what a submission has, and ends it."""

import json
import os
import signal
import socket
from collections.abc import Iterator
from itertools import chain, repeat
from typing import Any

import pytest

from nbjudge.sandbox.inside import forkserver


class Watch:
    """Sees one thing after the other."""

    processor = delayed = 0.0
    is_too_long = False

    def __init__(self, seen: Iterator[str]) -> None:
        self._seen = seen

    def look(self) -> str:
        return next(self._seen)

    def end(self) -> None:
        pass


class Wall:
    """Around a process that would go on for a minute."""

    def __init__(self, seen: Iterator[str]) -> None:
        self._seen = seen

    def watch(self, limits: dict[str, Any]) -> Watch:
        return Watch(self._seen)

    def begin(self, *_: Any) -> int:
        return os.posix_spawnp("sleep", ["sleep", "60"], os.environ)

    def kill(self, first: int) -> None:
        os.kill(first, signal.SIGKILL)

    def clean(self) -> None:
        pass


class Job:
    def close(self) -> None:
        pass


def ended_for(*seen: str) -> str:
    """Why a submission ended in which the watch sees this, and nothing from then on until it is killed by order."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    looks = 0

    def looked() -> Iterator[str]:
        nonlocal looks
        for each in chain(seen, repeat("", 3)):
            looks += 1
            yield each
        ours.send(json.dumps({"job": 1, "order": "kill"}).encode())
        yield from repeat("")

    with ours, theirs:
        forkserver._serve(theirs, Wall(looked()), None, {"job": 1}, Job())
        while "ended" not in (end := json.loads(ours.recv(4096))):
            pass
    return str(end["reason"])


@pytest.mark.parametrize(
    ("seen", "reason"),
    [
        (["memory", "memory"], "memory"),
        (["kernel", "memory", "kernel", "memory"], "memory"),
        (["kernel", "disk"], "disk"),
        (["processes", "", "memory", "", "memory", ""], ""),
    ],
)
def test_who_has_too_much_twice_in_a_row_ends_whatever_it_is(seen: list[str], reason: str) -> None:
    """Or one thing hides another at every second look."""
    assert ended_for(*seen) == reason
