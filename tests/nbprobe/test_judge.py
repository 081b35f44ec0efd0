"""How a value is compared with the expected one."""

from typing import Any

import numpy as np
import pytest

from nbprobe.judge import compare, judge
from nbprobe.wire import encode


def published(value: Any, **more: Any) -> dict[str, Any]:
    """What a probe worth a point publishes."""
    return {"name": "p", "points": 1.0, "core": True, "rtol": 1e-5, "advice": "!", "value": encode(value), **more}


def test_results_that_hold_several_arrays_are_compared() -> None:
    expected = [np.arange(3.0), {"shape": "column", "values": np.ones((2, 1))}, None]
    assert compare([np.arange(3.0), {"shape": "column", "values": np.ones((2, 1))}, None], expected) is None
    assert compare([np.arange(3.0), {"shape": "column", "values": np.zeros((2, 1))}, None], expected)
    assert compare([np.arange(3.0), {"values": np.ones((2, 1))}, None], expected)
    assert compare([np.arange(3.0), None, None], expected)
    assert compare([np.arange(3.0)], expected)
    assert compare(np.arange(3.0), expected)
    assert compare([np.ones((2, 1))], [None])


@pytest.mark.parametrize(("calls_twice", "score"), [(False, 0), (True, 1)])
def test_a_second_result_counts_only_where_the_instructors_probe_calls_twice(calls_twice: bool, score: float) -> None:
    second = {"value": encode(True), "changed": False}
    marks: list[Any] = [second, True] if calls_twice else [None]  # the oracle's, and what lies beside a notebook
    for mark in marks:
        right = published(True, **({"otherwise": mark} if mark else {}))
        assert judge([right], [published(False, otherwise=second)], 1, []).score == score
        assert judge([right], [published(True, otherwise=published(False))], 1, []).score == 1
