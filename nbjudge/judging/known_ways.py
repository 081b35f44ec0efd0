"""Known ways of writing a task, wrong or right enough: each must be told from the others."""

import contextlib
import itertools
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from nbjudge.course.errors import CourseError
from nbjudge.judging.misconception import Misconception
from nbprobe.answers import Answers, without_messages
from nbprobe.errors import FormError
from nbprobe.evidence import Raw
from nbprobe.judge import judge, results, same
from nbprobe.wire import decode, encode

VISIBLE = "the visible probes of "
DIGITS = 9
"""Results beside the notebook have so many digits, so that they are the same on every machine."""


class OracleError(CourseError):
    """The source notebook can't serve as the measure for grading. One sentence for the instructor."""


class Known(NamedTuple):
    """A known way, and what the probes of its test give."""

    way: Misconception
    hidden: Raw
    visible: Raw


def check_known_ways(test: str, expected: Raw, ways: Sequence[tuple[Misconception, Raw]], under: str) -> None:
    """Make sure that each wrong way is wrong and can be recognised by its results, and that fragile ways are right.

    Raises
    ------
    OracleError
        If not.
    """
    where = f"{under}{test}"
    right = results(expected, expected)
    maximum = sum(raw["points"] for raw in expected)
    fragile = [(way.sentence, raws) for way, raws in ways if way.fragile]
    seen = [(way, raws, results(expected, raws)) for way, raws in ways]
    for way, raws, own in seen:
        if way.fragile and not judge(expected, raws, maximum, [], fragile=fragile).is_full:
            raise OracleError(f"a fragile way of {where} isn't right enough to be one: {way.sentence!r}.")
        if not way.fragile and (same(own, right) or judge(expected, raws, maximum, [], fragile=fragile).is_full):
            raise OracleError(f"a misconception of {where} gives the right results: {way.sentence!r}.")
        if all(evidence.error and not evidence.cause for evidence in own):
            raise OracleError(f"a misconception of {where} gives no result, only {own[0].error}: {way.sentence!r}.")
    wrong = [(way.sentence, own) for way, _, own in seen if not way.fragile]
    for (first, one), (second, other) in itertools.combinations(wrong, 2):
        if first != second and (same(one, other) or same(other, one)):
            raise OracleError(
                f"two misconceptions of {where} can't be told apart: {first!r} and {second!r}. "
                "Add a probe that they differ in, or give them one sentence."
            )


def visible_answers(solution: Raw, ways: Sequence[Known], points: float) -> Answers:
    """What may lie beside the notebook: data without messages of exceptions, rounded."""
    deciding = {raw["name"] for raw in solution if raw["points"]}
    pairs = [(one.way, [_result(raw) for raw in one.visible if raw["name"] in deciding]) for one in ways]
    return Answers(
        solution=[_rounded(raw) for raw in solution],
        misconceptions=[(way.sentence, raws) for way, raws in pairs if not way.fragile],
        fragile=[(way.sentence, raws) for way, raws in pairs if way.fragile],
        points=points,
    )


def _result(raw: dict[str, Any]) -> dict[str, Any]:
    kept = without_messages(raw)
    return _rounded({key: kept[key] for key in ("name", "value", "error", "cause") if key in kept})


def _rounded(raw: dict[str, Any]) -> dict[str, Any]:
    rounded = {**raw, **({"otherwise": True} if "otherwise" in raw else {})}  # that there are two ways to call
    if "value" in raw:
        with contextlib.suppress(FormError):  # no data: it is kept as it is
            rounded["value"] = encode(_round(decode(raw["value"])))
    return rounded


def _round(value: Any) -> Any:
    if isinstance(value, np.ndarray) and value.dtype.kind == "f":
        return np.array([float(f"{number:.{DIGITS}g}") for number in value.ravel()]).reshape(value.shape)
    if isinstance(value, float):
        return float(f"{value:.{DIGITS}g}")
    if isinstance(value, (list, tuple)):
        return type(value)(map(_round, value))
    return {key: _round(item) for key, item in value.items()} if isinstance(value, dict) else value
