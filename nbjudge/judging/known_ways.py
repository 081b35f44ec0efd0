"""Known ways of writing a task, wrong or right enough: each must be told from the others."""

import contextlib
import itertools
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from nbjudge.judging.misconception import Misconception
from nbjudge.judging.trouble import Trouble
from nbprobe.answers import Answers, without_messages
from nbprobe.errors import FormError
from nbprobe.evidence import Kept, Raw
from nbprobe.judge import judge, results, same
from nbprobe.wire import decode, encode

VISIBLE = "the visible probes of "
DIGITS = 9
"""Results beside the notebook have so many digits, so that they are the same on every machine."""


class Known(NamedTuple):
    """A known way, and what the probes of its test give."""

    way: Misconception
    hidden: Raw
    visible: Raw


def troubles_of(test: str, expected: Raw, ways: Sequence[tuple[Misconception, Raw]], under: str) -> Iterator[Trouble]:
    """Where a wrong way isn't wrong, or can't be recognised by its results, and where a fragile one isn't right."""
    where = f"{under}{test}"
    right = results(expected, expected)
    maximum = sum(raw["points"] for raw in expected)
    fragile = [(way.sentence, raws) for way, raws in ways if way.fragile]
    seen = [(way, raws, results(expected, raws)) for way, raws in ways]
    wrong = []
    for way, raws, own in seen:
        clause = ""
        if way.fragile and not judge(expected, raws, maximum, [], fragile=fragile).is_full:
            clause = f"a fragile way of {where} isn't right enough to be one"
        elif not way.fragile and (same(own, right) or judge(expected, raws, maximum, [], fragile=fragile).is_full):
            clause = f"a misconception of {where} gives the right results"
        elif all(evidence.error and not evidence.cause for evidence in own):
            clause = f"a misconception of {where} gives no result, only {own[0].error}"
        if clause:
            yield Trouble(f"{clause}: {way.sentence!r}.", test, place=way.place)
        elif not way.fragile:
            wrong.append((way, own))
    for (first, one), (second, other) in itertools.combinations(wrong, 2):
        if first.sentence != second.sentence and (same(one, other) or same(other, one)):
            yield Trouble(
                f"two misconceptions of {where} can't be told apart: {first.sentence!r} and {second.sentence!r}. "
                "Add a probe that they differ in, or give them one sentence.",
                test,
                place=second.place,
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
    # keys, and what is in a set, are found by all of their digits
    return {key: _round(item) for key, item in value.items()} if isinstance(value, dict) else value


def read_once(of_tests: dict[str, list[tuple[str, Raw]]]) -> dict[str, list[tuple[str, Raw]]]:
    """What ways give, as evidence that is looked through once in this process."""
    return {test: [(said, list(map(Kept, raws))) for said, raws in pairs] for test, pairs in of_tests.items()}
