"""How a value is compared with the expected one."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import nbprobe.judge as judging
from nbprobe.compare import agree, number_of_parts
from nbprobe.judge import compare, judge
from nbprobe.probe import probe
from nbprobe.rules import uses
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


@pytest.mark.parametrize("make", [lambda: probe("a", abs, 1, core=True), lambda: uses(abs, loops=False, core=True)])
def test_a_main_probe_needs_points(make: Callable) -> None:
    """Or it would decide nothing, and nobody would see it."""
    with pytest.raises(ValueError, match=r"the main probe of a task \(core=True\) needs points"):
        make()


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
        ([True, 2.05], [1.0, 2.0], [1.1, 2.1]),
        ([[1.0], [1.0, 2.0]], [[1.0], [1.0, 3.0]], [[1.0], [1.0, 1.0]]),
    ):
        assert score(value, right, fragile) == 0


LARGE: list[Any] = [None] * 2000
EMPTY = [[], {}, set(), (), np.zeros(0), np.zeros((3, 0))]


@pytest.mark.parametrize(
    "value",
    [
        *(LARGE, [LARGE], tuple(LARGE), {"a": LARGE}, [1, [2, LARGE]], [[1], LARGE]),
        *([1.0, 2.0, *[nothing] * 2000] for nothing in EMPTY),
    ],
)
def test_a_result_of_another_size_is_compared_with_no_known_way(value: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """There are dozens of these, and what a process published may be long."""
    compared: list[Any] = []
    monkeypatch.setattr(judging, "agree", lambda one, other: compared.append(other))
    right = published([1.0, 2.0])
    ways = [("You did this.", [published([2.0, 1.0])]), ("You did that.", [published([3.0])])]
    assert judge([right], [published(value)], 1, ways, fragile=ways).score == 0
    assert not compared
    judge([right], [published([4.0, 5.0])], 1, ways)
    assert compared == [[2.0, 1.0]]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (np.array([1, 0]), np.array([True, False])),
        (np.array([1.0, 0.0]), np.array([True, False])),
        ([True, 2], np.array([1, 2])),
        (np.array([True, False]), np.array([1, 0])),
        (np.array([True, False]), np.array([True, False])),
        ([1, 2], np.array([1, 2])),
        (np.array([]), np.array([], dtype=bool)),
        ([2**60 + 50, 1.0], [2**60, 1]),
        ({(1, True)}, {(1, 1)}),
    ],
)
def test_what_agrees_is_what_has_no_reason(value: Any, expected: Any) -> None:
    assert agree(value, expected) == (compare(value, expected) is None)


LEAVES = st.none() | st.booleans() | st.integers(0, 2) | st.sampled_from([0.0, 1.0]) | st.sampled_from(["", "a"])
VALUES = st.recursive(LEAVES, lambda own: st.lists(own, max_size=3) | st.dictionaries(st.sampled_from("ab"), own))


@given(VALUES, VALUES)
def test_values_that_agree_have_as_many_parts(one: Any, other: Any) -> None:
    for a in forms(one):
        for b in [*forms(one), *forms(other)]:
            assert agree(a, b) == (compare(a, b) is None)
            if agree(a, b):
                assert number_of_parts(a) == number_of_parts(b)


def forms(value: Any) -> Iterator[Any]:
    yield value
    if isinstance(value, list):
        yield tuple(value)
        with suppress(ValueError):  # lists of unequal length
            array = np.array(value)
            yield from [array, array.reshape(-1, 1)] if array.dtype.kind in "buif" else []
