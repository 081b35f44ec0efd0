"""Compares what a student's functions returned with what the instructor's returned, and gives points for it.

Knows nothing of notebooks: it takes the raw evidence of one test cell and gives a verdict.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nbprobe.errors import FormError
from nbprobe.evidence import Evidence, Raw, read_evidence
from nbprobe.reasons import ATOL, RTOL, Reason, as_array, explain

RIGHT, WRONG, REMARK = KINDS = ("right", "wrong", "remark")

CHANGED = Reason(
    "An array was changed in place, although others may still need it. It costs nothing here; a new array is safer."
)
VOID = Reason("Right, but it counts only together with the main probe.")
NOT_REACHED = Reason("This was not reached: the cell stopped before it.")
SEVERAL = Reason("There is more than one result for this, so none of them counts.")
UNREADABLE = Reason("The result can't be read.")


@dataclass(frozen=True)
class Row:
    """The judgement on one probe. ``kind`` is one of ``KINDS``."""

    name: str
    kind: str
    points: float
    maximum: float
    reason: Reason | None = None


@dataclass(frozen=True)
class Verdict:
    """The judgement on one task. ``diagnosis`` is the sentence of a misconception that was recognised, or ""."""

    rows: list[Row]
    score: float
    maximum: float
    diagnosis: str = ""

    def as_data(self) -> dict[str, Any]:
        """The verdict as it is stored in a notebook: plain values that JSON knows."""
        rows = [
            {
                "name": row.name,
                "kind": row.kind,
                "points": float(row.points),
                "maximum": float(row.maximum),
                "reason": row.reason.as_data() if row.reason else None,
            }
            for row in self.rows
        ]
        points = {"score": float(self.score), "maximum": float(self.maximum)}
        return {**points, "diagnosis": self.diagnosis, "rows": rows}

    @classmethod
    def from_data(cls, data: Any) -> "Verdict":
        """The verdict that was stored.

        Raises
        ------
        FormError
            If this is none.
        """
        if not isinstance(data, dict) or not isinstance(data.get("rows"), list):
            raise FormError("a verdict must have rows")
        rows = [_row(row) for row in data["rows"]]
        return cls(rows, _number(data, "score"), _number(data, "maximum"), _text(data, "diagnosis"))


def _row(data: Any) -> Row:
    if not isinstance(data, dict) or data.get("kind") not in KINDS:
        raise FormError("a row of a verdict must be of a known kind")
    reason = None if data.get("reason") is None else Reason.from_data(data["reason"])
    return Row(_text(data, "name"), data["kind"], _number(data, "points"), _number(data, "maximum"), reason)


def _number(data: dict[str, Any], key: str) -> float:
    value = data.get(key)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not abs(value) < 1e9:  # NaN isn't either
        raise FormError(f"{key} must be a number")
    return float(value)


def _text(data: dict[str, Any], key: str) -> str:
    value = data.get(key)
    if not isinstance(value, str):
        raise FormError(f"{key} must be a text")
    return value


def judge(
    expected: Raw,
    got: Raw,
    maximum: float,
    misconceptions: list[tuple[str, Raw]],
    stopped: Reason | None = None,
) -> Verdict:
    """Judge the evidence ``got`` of a test cell by the solution's evidence ``expected``.

    A score comes from this comparison alone. Missing evidence earns nothing, and neither does evidence that is there
    more than once. ``stopped`` says why the cell ended early, if it did.
    """
    rows, core_failed, changed = [], False, False
    for right, evidence in zip(expected, _matched(expected, got, stopped), strict=True):
        reason = evidence.trouble or compare(evidence.value, read_evidence(right).value, right.get("rtol", RTOL))
        changed |= evidence.changed
        if reason is None:
            rows.append(Row(right["name"], RIGHT, right["points"], right["points"]))
        elif right["points"]:
            rows.append(Row(right["name"], WRONG, 0.0, right["points"], reason))
            core_failed |= right["core"]
        elif not evidence.trouble:
            advice = Reason(right["advice"]) if right["advice"] else reason
            rows.append(Row(right["name"], REMARK, 0.0, 0.0, advice))
    if changed:
        rows.append(Row("leaves its inputs alone", REMARK, 0.0, 0.0, CHANGED))
    if core_failed:
        rows = [_void(row) for row in rows if row.maximum]
    score = round(min(sum(row.points for row in rows), maximum), 6)
    diagnosis = _diagnosis(expected, got, misconceptions) if score < maximum else ""
    return Verdict(rows, score, maximum, diagnosis)


def _void(row: Row) -> Row:
    if row.kind != RIGHT or not row.maximum:
        return row
    return Row(row.name, WRONG, 0.0, row.maximum, VOID)


def _matched(expected: Raw, got: Raw, stopped: Reason | None = None) -> list[Evidence]:
    """For each expected probe the evidence of that name among ``got``."""
    by_name: dict[str, Raw] = {}
    for raw in got:
        by_name.setdefault(str(raw.get("name")), []).append(raw)
    return [_single(by_name.get(right["name"], []), stopped) for right in expected]


def _single(raws: Raw, stopped: Reason | None = None) -> Evidence:
    """The evidence of a probe; where there is none that counts, its ``trouble`` says why."""
    if not raws:
        return Evidence(trouble=stopped or NOT_REACHED, error="missing")
    if len(raws) > 1:
        return Evidence(trouble=SEVERAL, error="several")
    try:
        return read_evidence(raws[0])
    except FormError:
        return Evidence(trouble=UNREADABLE, error="unreadable")


def compare(value: Any, expected: Any, rtol: float = RTOL) -> Reason | None:
    """The reason why ``value`` isn't ``expected`` within the tolerance, or None if it is.

    Its sentence holds no number of ``expected``.
    """
    with np.errstate(all="ignore"):  # the numbers may be anything
        return _compare(value, expected, rtol)


def _compare(value: Any, expected: Any, rtol: float) -> Reason | None:
    wanted = as_array(expected)
    if wanted is None or isinstance(expected, (bool, str)):
        return None if _alike(value, expected, rtol) else Reason("The result is another one.")
    array = as_array(value)
    if value is None:
        return explain(None, wanted)
    if array is None or _is_bool(value):
        return Reason(f"The result must be an array of numbers; it is {_kind(value)}.")
    if array.shape == wanted.shape and _equal(array, wanted, rtol):
        return None
    return explain(array, wanted) or Reason("The values are wrong.")


def _alike(value: Any, expected: Any, rtol: float) -> bool:
    """Whether two values are the same that aren't numbers throughout."""
    if type(value) is not type(expected):
        return False
    if isinstance(expected, list):
        return len(value) == len(expected) and not any(
            compare(a, b, rtol) for a, b in zip(value, expected, strict=True)
        )
    if isinstance(expected, dict):
        return value.keys() == expected.keys() and not any(compare(value[key], expected[key], rtol) for key in expected)
    return bool(value == expected)


def _is_bool(value: Any) -> bool:
    return np.asarray(value).dtype.kind == "b"


def _kind(value: Any) -> str:
    """What ``value`` is, for a sentence."""
    if isinstance(value, (list, np.ndarray)):
        return f"{'an array' if isinstance(value, np.ndarray) else 'a list'} of something else"
    names: dict[type, str] = {bool: "True or False", str: "a text", dict: "a dict"}
    return names.get(type(value), "something else")


def _equal(a: NDArray, b: NDArray, rtol: float) -> bool:
    return a.shape == b.shape and bool(np.allclose(a, b, rtol=rtol, atol=ATOL, equal_nan=True))


def _diagnosis(expected: Raw, got: Raw, misconceptions: list[tuple[str, Raw]]) -> str:
    """The sentence of the misconception whose results these are, or ""."""
    own = results(expected, got)
    return next((sentence for sentence, raws in misconceptions if same(own, results(expected, raws))), "")


def results(expected: Raw, got: Raw) -> list[Evidence]:
    """What each probe that gives points saw; a misconception is recognised by these."""
    return _matched([right for right in expected if right["points"]], got)


def same(some: list[Evidence], others: list[Evidence]) -> bool:
    """Whether two lists of results can't be told apart."""
    return all(_same(a, b) for a, b in zip(some, others, strict=True))


def _same(a: Evidence, b: Evidence) -> bool:
    if a.error or b.error:
        return a.error == b.error
    return bool(a.trouble) == bool(b.trouble) and (bool(a.trouble) or not compare(a.value, b.value))
