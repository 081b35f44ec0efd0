"""How long a call may take, on a machine that others use, too."""

import time
from collections.abc import Iterator
from itertools import chain, repeat

import pytest

from nbprobe import probe
from nbprobe.probe import TooSlowError, time_limit


def others_took(monkeypatch: pytest.MonkeyPatch, *seconds: float) -> None:
    """The processors were taken away for so long, in all, at the begin and at each later look."""
    told: Iterator[float] = chain(seconds, repeat(seconds[-1]))
    monkeypatch.setattr(probe, "_kept_from_running", lambda: next(told))


def test_a_call_gets_back_what_others_took_from_it(monkeypatch: pytest.MonkeyPatch) -> None:
    others_took(monkeypatch, 100.0, 160.0)
    with time_limit(0.02):
        time.sleep(0.1)  # the clock, which had rung, is set to another minute
        with pytest.raises(TooSlowError), time_limit(0.02):
            time.sleep(60)


def test_a_call_that_does_not_end_is_stopped_also_where_others_went_on_taking(monkeypatch: pytest.MonkeyPatch) -> None:
    others_took(monkeypatch, 0.0, 0.02, 0.04, 0.06)
    with pytest.raises(TooSlowError), time_limit(0.02):
        time.sleep(60)


def test_where_nobody_knows_what_others_take_the_clock_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object, **__: object) -> None:
        raise PermissionError

    monkeypatch.setattr("builtins.open", refused)
    with pytest.raises(TooSlowError), time_limit(0.02):
        time.sleep(60)


def test_waiting_for_a_processor_is_told_by_the_system() -> None:
    time.sleep(0.01)  # waking up takes a moment
    before = probe._kept_from_running()
    assert 0 < before <= probe._kept_from_running()
