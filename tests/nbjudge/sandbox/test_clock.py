"""How long a cell may go on. The clock stands where a test puts it."""

import time
from types import SimpleNamespace

import pytest

from nbjudge.sandbox import clock
from nbjudge.sandbox.clock import Span, Usage


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    now = SimpleNamespace(seconds=100.0)
    monkeypatch.setattr(clock, "time", SimpleNamespace(monotonic=lambda: now.seconds))
    assert time.monotonic() != 100
    return now


@pytest.mark.parametrize(
    ("what", "passed", "processor", "delayed", "left"),
    [
        ("nothing has happened", 0, 0, 0, 10),
        ("it waits", 10, 0, 0, 0),
        ("it computes, with nobody beside it", 10, 10, 0, 0),
        ("it computes, and others have three quarters of the processor", 10, 2.5, 7.5, 7.5),
        ("the same, four times as long", 40, 10, 30, 0),
        ("its processes compute beside each other, and wait for each other", 10, 20, 30, 0),
        ("they have computed for so long, but by the clock there is time", 4, 16, 0, 6),
        ("it waits, and something else of it was delayed for a moment", 10, 0, 0.5, 0.5),
    ],
)
def test_what_is_left(
    now: SimpleNamespace, what: str, passed: float, processor: float, delayed: float, left: float
) -> None:
    span = Span(10, Usage(7, 3))
    now.seconds += passed
    assert span.left(Usage(7 + processor, 3 + delayed)) == left, what
