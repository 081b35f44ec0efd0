"""Compares what a student's functions returned with what the instructor's returned, and gives points for it.

The same for a check and for a grade. Knows nothing of notebooks: it takes the raw evidence of one test and gives a
verdict.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from nbprobe.compare import agree, compare, holds_bool
from nbprobe.errors import FormError
from nbprobe.evidence import Evidence, Raw, read_evidence
from nbprobe.kinds import Code
from nbprobe.reason import Reason
from nbprobe.reasons import ATOL, RTOL, as_array
from nbprobe.shown import contrast, shown
from nbprobe.verdict import REMARK, RIGHT, VOID, WRONG, Contrast, Row, Verdict

CHANGED = Reason(
    "An array was changed in place, although others may still need it. It costs nothing here; a new array is safer."
)
NOT_REACHED = Reason("This was not reached: the cell stopped before it.")
ALTERED = "A {} that came in was changed in place, although others may still need it. It costs nothing here."
PRINTED = Reason("The result is None, and something is printed: `return` it; what is printed is gone.")
LIST = Reason("The result is a list. It counts as an array; make it one, because other code will rely on that.")
SEVERAL = Reason("There is more than one result for this, so none of them counts.")
UNREADABLE = Reason("The result can't be read.")

NO_RESULT = ("missing", "several", "unreadable")
"""In place of the name of an exception, where there is no result that could be shown."""

Known = Sequence[tuple[str, Raw]]
"""Sentences, each with the evidence of a way of writing the task that it is about."""


def judge(
    expected: Raw,
    got: Raw,
    maximum: float,
    misconceptions: Known,
    stopped: Reason | None = None,
    *,
    fragile: Known = (),
    visible: bool = False,
) -> Verdict:
    """Judge the evidence ``got`` of a test by the solution's evidence ``expected``.

    A score comes from this comparison alone. Missing evidence earns nothing, and neither does evidence that is there
    more than once.

    Parameters
    ----------
    misconceptions
        Wrong ways, to be recognised by what they give.
    stopped
        Why the cell ended early, if it did.
    fragile
        Ways that are right enough, with the remark that they get: whatever lies between the right result and that of
        such a way counts as right.
    visible
        Whether these are visible probes, so that inputs and results may be shown.
    """
    rows, remarks, guessed = [], dict[str, Row](), set[str]()
    core_failed = changed = listed = False
    altered = ""
    ways = [(remark, _matched(expected, raws)) for remark, raws in fragile]
    for place, (right, evidence) in enumerate(zip(expected, _matched(expected, got, stopped), strict=True)):
        own, rtol = read_evidence(right), right.get("rtol", RTOL)
        wanted = own.value
        reason = _reason(evidence, wanted, rtol)
        changed |= evidence.changed
        altered = altered or ("" if own.altered else evidence.altered)  # unless that is what is asked for
        listed |= isinstance(wanted, np.ndarray) and isinstance(evidence.value, list)
        if reason and right["points"]:
            remark = _excuse(evidence, own, right, [(remark, way[place].value) for remark, way in ways])
            if remark is not None:
                reason = None
                remarks |= {remark: Row(right["name"], REMARK, 0.0, 0.0, Reason(remark))} if remark else {}
        if reason is None:
            rows.append(Row(right["name"], RIGHT, right["points"], right["points"]))
        elif right["points"]:
            noted = [] if evidence.error == "RecursionError" else _notes(evidence, right)  # that one goes before all
            reason = Reason(right["sentences"][noted[0]]) if noted else _advised(reason, evidence, right)
            guessed |= {right["name"]} if not noted and not evidence.trouble else set()
            shown = _contrast(evidence, wanted, right, rtol) if visible else None
            rows.append(Row(right["name"], WRONG, 0.0, right["points"], reason, shown))
            core_failed |= right["core"]
        elif not evidence.trouble:
            remarks[right["name"]] = Row(right["name"], REMARK, 0.0, 0.0, Reason(right["advice"] or reason.text))
    if core_failed:
        rows = [_void(row) for row in rows]
    score = round(min(sum(row.points for row in rows), maximum), 6)
    if score < maximum:  # what is wrong comes first
        diagnosis = _diagnosis(expected, got, misconceptions)
        remarks = {}
        if diagnosis:  # who knows the cause needs no guess
            rows = [replace(row, reason=None) if row.name in guessed else row for row in rows]
    else:
        diagnosis = ""
    rows += remarks.values()
    if listed and score == maximum:
        rows.append(Row("returns arrays", REMARK, 0.0, 0.0, LIST))
    if changed and not core_failed:
        rows.append(Row("leaves its inputs alone", REMARK, 0.0, 0.0, CHANGED))
    elif altered and not core_failed:
        rows.append(Row("leaves its inputs alone", REMARK, 0.0, 0.0, Reason(ALTERED.format(altered))))
    return Verdict(rows, score, maximum, diagnosis)


def _reason(evidence: Evidence, wanted: Any, rtol: float) -> Reason | None:
    reason = evidence.trouble or compare(evidence.value, wanted, rtol)
    return PRINTED if reason and evidence.printed else reason


def _excuse(evidence: Evidence, own: Evidence, right: dict[str, Any], ways: Sequence[tuple[str, Any]]) -> str | None:
    """The remark with which a result counts as right that isn't the solution's ``own``; None if it doesn't count."""
    if evidence.otherwise and not _reason(evidence.otherwise, own.value, right["rtol"]):
        return str(right["advice"])
    if evidence.trouble or evidence.parts != own.parts:
        return None
    return next((remark for remark, limit in ways if _lies_between(evidence.value, own.value, limit)), None)


def _lies_between(value: Any, right: Any, limit: Any) -> bool:
    """Whether every number lies between the right one and the limit, both included."""
    got, one, other = (None if holds_bool(each) else as_array(each) for each in (value, right, limit))
    if got is None or one is None or other is None or not got.shape == one.shape == other.shape:
        return False
    if not all(np.isfinite(array).all() for array in (got, one, other)):
        return False
    slack = ATOL + RTOL * np.abs(one)
    return bool(((got >= np.minimum(one, other) - slack) & (got <= np.maximum(one, other) + slack)).all())


def _advised(reason: Reason, evidence: Evidence, right: dict[str, Any]) -> Reason:
    """Why a rule isn't kept, with what its author says of that."""
    if "rule" not in right or not right["advice"] or evidence.trouble:
        return reason
    return Reason(f"{reason.text} {right['advice']}", f"{reason.general} {right['advice']}")


def _notes(evidence: Evidence, right: dict[str, Any]) -> list[str]:
    """What stand-ins noted, as far as the instructor's probe has a sentence for it."""
    return [note for note in evidence.notes if note in right.get("sentences", {})]


def _contrast(evidence: Evidence, wanted: Any, right: dict[str, Any], rtol: float) -> Contrast | None:
    if evidence.error in NO_RESULT or isinstance(wanted, Code):
        return None
    if evidence.trouble:
        return Contrast("", shown(wanted), evidence.error)
    return Contrast(*contrast(evidence.value, wanted, right.get("given", ()), rtol))


def _void(row: Row) -> Row:
    if row.kind != RIGHT or not row.maximum:
        return row
    return Row(row.name, WRONG, 0.0, row.maximum, VOID)


def _matched(expected: Raw, got: Raw, stopped: Reason | None = None) -> list[Evidence]:
    """For each expected probe the evidence of that name among ``got``."""
    by_name: dict[str, Raw] = {}
    for raw in got:
        by_name.setdefault(str(raw.get("name")), []).append(raw)
    return [_single(by_name.get(right["name"], []), "otherwise" in right, stopped) for right in expected]


def _single(raws: Raw, has_second: bool, stopped: Reason | None = None) -> Evidence:
    """The evidence of a probe; where there is none that counts, its ``trouble`` says why."""
    if not raws:
        return Evidence(trouble=stopped or NOT_REACHED, error="missing")
    if len(raws) > 1:
        return Evidence(trouble=SEVERAL, error="several")
    try:
        return read_evidence(raws[0], has_second=has_second)
    except FormError:
        return Evidence(trouble=UNREADABLE, error="unreadable")


def _diagnosis(expected: Raw, got: Raw, misconceptions: Known) -> str:
    """The sentence of the misconception whose results these are, or ""."""
    own = results(expected, got)
    return next((sentence for sentence, raws in misconceptions if same(own, results(expected, raws))), "")


def results(expected: Raw, got: Raw) -> list[Evidence]:
    """What each probe that gives points saw; a misconception is recognised by these."""
    return _matched([right for right in expected if right["points"]], got)


def same(some: Sequence[Evidence], others: Sequence[Evidence]) -> bool:
    """Whether two lists of results can't be told apart."""
    return all(_same(a, b) for a, b in zip(some, others, strict=True))


def _same(a: Evidence, b: Evidence) -> bool:
    if a.error or b.error:
        return a.error == b.error and a.cause == b.cause
    if a.trouble or b.trouble:
        return bool(a.trouble) == bool(b.trouble)
    return a.parts == b.parts and agree(a.value, b.value)
