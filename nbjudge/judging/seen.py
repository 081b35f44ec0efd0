"""What is judged of one test: what its probes saw in a submission. It can be kept, and judged again another day."""

import json
from dataclasses import dataclass
from math import fsum
from typing import Any, Self

from nbjudge.judging.oracle import Answers
from nbprobe.answers import Answers as TestAnswers
from nbprobe.errors import FormError
from nbprobe.evidence import Raw
from nbprobe.judge import judge
from nbprobe.reason import Reason
from nbprobe.verdict import REMARK, Verdict
from nbprobe.wire import MAX_MESSAGE, MAX_NAME, MAX_NAMES, MAX_NOTES, digest_of_text

PROBES = {"name", "points", "core", "rtol", "advice", "sentences", "given", "visible", "inputs", "rule"}
"""What evidence says of its probe. Of a submission's, only the name is read: the instructor's own says it."""
LONGEST = {"error": MAX_NAME, "message": MAX_MESSAGE, "names": MAX_NAMES, "notes": MAX_NOTES}
"""How much is read of these."""
EQUAL = "equal"
TWICE = 2
"""Evidence of one probe that is kept: that there is more than one piece says that none counts."""


@dataclass(frozen=True)
class Seen:
    """What the probes of one test saw in a submission. It comes from a student's process, so it is nothing but data.

    Attributes
    ----------
    expected : a sum over what the solution gave under the same probes
    hidden : evidence of the hidden probes that were reached
    stopped : why there isn't more, if there isn't
    visible : evidence of the visible probes, for people who read
    """

    expected: str
    hidden: Raw
    stopped: Reason | None
    visible: Raw

    @classmethod
    def of(cls, test: str, answers: Answers, hidden: Raw, stopped: Reason | None, visible: Raw) -> Self:
        """What is there, without what is known not to be read."""
        own = answers.visible.get(test)
        return cls(
            sum_of(test, answers),
            _read(answers.solution.get(test, []), hidden),
            stopped,
            _read(own.solution, visible) if own else [],
        )

    def verdict(self, test: str, answers: Answers) -> Verdict:
        """The verdict by these answers on the hidden probes, beside the numbers of the visible ones."""
        verdict = judge(
            answers.solution.get(test, []),
            self.hidden,
            answers.points.get(test, 0.0),
            answers.misconceptions.get(test, []),
            self.stopped,
            fragile=answers.fragile.get(test, []),
        )
        return verdict.beside(_visible(answers.visible.get(test), self.visible))

    def is_of(self, test: str, answers: Answers) -> bool:
        """Whether these answers are to the same probes."""
        return self.expected == sum_of(test, answers)

    def as_data(self) -> dict[str, Any]:
        """The same as plain data, shorter: a second call that gave what the first one did is said to be its equal."""
        stopped = self.stopped.as_data() if self.stopped else None
        hidden, visible = (list(map(_folded, raws)) for raws in (self.hidden, self.visible))
        return {"expected": self.expected, "hidden": hidden, "stopped": stopped, "visible": visible}

    @classmethod
    def from_data(cls, data: Any) -> Self:
        """What was kept.

        Raises
        ------
        FormError
            If this isn't of its form. What the pieces of evidence hold is looked at when they are judged.
        """
        if not isinstance(data, dict) or not isinstance(data.get("expected"), str):
            raise FormError("what is kept of a test must say what was expected")
        for raws in (data.get("hidden"), data.get("visible")):
            if not isinstance(raws, list) or not all(isinstance(raw, dict) for raw in raws):
                raise FormError("what is kept of a test must be pieces of evidence")
        stopped = None if data.get("stopped") is None else Reason.from_data(data["stopped"])
        hidden, visible = (list(map(_unfolded, data[key])) for key in ("hidden", "visible"))
        return cls(data["expected"], hidden, stopped, visible)


def sum_of(test: str, answers: Answers) -> str:
    """A sum over what the solution gives under the probes of a test."""
    return digest_of_text(json.dumps([answers.solution.get(test), answers.points.get(test)], sort_keys=True))


def depends_on_catalogue(verdict: Verdict, test: str, answers: Answers) -> bool:
    """Whether another catalogue could mean another verdict: something is wrong, or right enough."""
    probes = {raw["name"] for raw in answers.solution.get(test, []) if raw["points"]}
    return not verdict.is_full or any(row.kind == REMARK and row.name in probes for row in verdict.rows)


def _visible(right: TestAnswers | None, raws: Raw) -> Verdict:
    """What the visible probes of a test say: for people who read, and never for the points."""
    if right is None:
        return Verdict([], 0.0, 0.0)
    possible = fsum(raw["points"] for raw in right.solution)
    return judge(right.solution, raws, possible, [], fragile=right.fragile, visible=True)


def _read(expected: Raw, raws: Raw) -> Raw:
    """Of the evidence, what a judgement reads: that of the probes that there are."""
    left = {raw["name"]: TWICE for raw in expected}
    kept = []
    for raw in raws:
        name = str(raw.get("name"))
        if left.get(name, 0):
            left[name] -= 1
            kept.append({"name": name, **_call(raw)})
    return kept


def _call(raw: dict[str, Any], depth: int = 0) -> dict[str, Any]:
    without = PROBES | {"otherwise"} | ({"value"} if "error" in raw else set())
    kept = {key: _beginning(value, LONGEST.get(key)) for key, value in raw.items() if key not in without}
    second = raw.get("otherwise")
    return kept | ({"otherwise": _call(second, 1)} if isinstance(second, dict) and not depth else {})


def _first(raw: dict[str, Any]) -> dict[str, Any]:
    """The first call alone."""
    return {key: value for key, value in raw.items() if key not in ("name", "otherwise")}


def _folded(raw: dict[str, Any]) -> dict[str, Any]:
    return {**raw, "otherwise": EQUAL} if raw.get("otherwise") == _first(raw) else raw


def _unfolded(raw: dict[str, Any]) -> dict[str, Any]:
    return {**raw, "otherwise": _first(raw)} if raw.get("otherwise") == EQUAL else raw


def _beginning(value: Any, most: int | None) -> Any:
    return value[:most] if most is not None and isinstance(value, (str, list)) else value
