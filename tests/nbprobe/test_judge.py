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


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (["the gradient of the FORWARD PASS"], ["the gradient of the loss vanishes"]),
        (("y" * 999 + "z",), ("y" * 1000,)),
        ({"words that end with z": 2}, {"words that end with a": 2}),
        ({"1.0": 2}, {1: 2}),
        ({"None": 2}, {None: 2}),
        ({"True": 2}, {True: 2}),
        ({1: 2}, {True: 2}),
        ({"nan": 2}, {float("nan"): 2}),
        ({1: {"deep": ["x" * 30 + "1"]}}, {1: {"deep": ["x" * 30 + "2"]}}),
    ],
)
def test_two_values_that_differ_anywhere_are_different(value: Any, expected: Any) -> None:
    assert judge([published(expected)], [published(expected)], 1, []).score == 1
    for one, other in ((value, expected), (expected, value)):
        verdict = judge([published(one)], [published(other)], 1, [], visible=True)
        assert verdict.score == 0
        assert len(verdict.rows[0].reason.text) < 150


def test_an_array_of_true_and_false_is_right_where_one_is_asked_for() -> None:
    mask = np.array([[True], [False]])
    assert compare(mask, mask) is None
    assert compare(~mask, mask)


def test_nothing_lies_between_true_and_false() -> None:
    def score(value: Any, right: Any, fragile: Any) -> float:
        return judge([published(right)], [published(value)], 1, [], fragile=[("!", [published(fragile)])]).score

    assert score(1.5, 1.0, 2.0) == 1
    for value, right, fragile in (
        (np.array([True, True]), np.array([0.0, 0.5]), np.array([1.0, 2.0])),
        (np.array([0.5, 0.5]), np.array([True, False]), np.array([False, True])),
        (0.5, True, False),
        ([[1.0], [1.0, 2.0]], [[1.0], [1.0, 3.0]], [[1.0], [1.0, 1.0]]),
    ):
        assert score(value, right, fragile) == 0
