"""Compares what a student's functions returned with what the instructor's returned, and gives points for it.

The same for a check and for a grade. Knows nothing of notebooks: it takes the raw evidence of one test and gives a
verdict.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nbprobe.errors import FormError
from nbprobe.evidence import Evidence, Raw, read_evidence
from nbprobe.reasons import ATOL, RTOL, Reason, as_array, close, contrast, explain, holds_text, short
from nbprobe.verdict import REMARK, RIGHT, VOID, WRONG, Contrast, Row, Verdict

CHANGED = Reason(
    "An array was changed in place, although others may still need it. It costs nothing here; a new array is safer."
)
NOT_REACHED = Reason("This was not reached: the cell stopped before it.")
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
    ways = [(remark, _matched(expected, raws)) for remark, raws in fragile]
    for place, (right, evidence) in enumerate(zip(expected, _matched(expected, got, stopped), strict=True)):
        wanted, rtol = read_evidence(right).value, right.get("rtol", RTOL)
        reason = _reason(evidence, wanted, rtol)
        changed |= evidence.changed
        listed |= isinstance(wanted, np.ndarray) and isinstance(evidence.value, list)
        if reason and right["points"]:
            remark = _excuse(evidence, wanted, right, [(remark, way[place].value) for remark, way in ways])
            if remark is not None:
                reason = None
                remarks |= {remark: Row(right["name"], REMARK, 0.0, 0.0, Reason(remark))} if remark else {}
        if reason is None:
            rows.append(Row(right["name"], RIGHT, right["points"], right["points"]))
        elif right["points"]:
            noted = [] if evidence.error == "RecursionError" else _notes(evidence, right)  # that one goes before all
            reason = Reason(right["sentences"][noted[0]]) if noted else reason
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
    return Verdict(rows, score, maximum, diagnosis)


def _reason(evidence: Evidence, wanted: Any, rtol: float) -> Reason | None:
    return evidence.trouble or compare(evidence.value, wanted, rtol)


def _excuse(evidence: Evidence, wanted: Any, right: dict[str, Any], ways: Sequence[tuple[str, Any]]) -> str | None:
    """The remark with which a result counts as right that isn't the solution's; None if it doesn't count."""
    if evidence.otherwise and not _reason(evidence.otherwise, wanted, right["rtol"]):
        return str(right["advice"])
    if evidence.trouble:
        return None
    return next((remark for remark, limit in ways if _lies_between(evidence.value, wanted, limit)), None)


def _lies_between(value: Any, right: Any, limit: Any) -> bool:
    """Whether every number lies between the right one and the limit, both included."""
    got, one, other = (None if _is_bool(each) else as_array(each) for each in (value, right, limit))
    if got is None or one is None or other is None or not got.shape == one.shape == other.shape:
        return False
    if not all(np.isfinite(array).all() for array in (got, one, other)):
        return False
    slack = ATOL + RTOL * np.abs(one)
    return bool(((got >= np.minimum(one, other) - slack) & (got <= np.maximum(one, other) + slack)).all())


def _notes(evidence: Evidence, right: dict[str, Any]) -> list[str]:
    """What stand-ins noted, as far as the instructor's probe has a sentence for it."""
    return [note for note in evidence.notes if note in right.get("sentences", {})]


def _contrast(evidence: Evidence, wanted: Any, right: dict[str, Any], rtol: float) -> Contrast | None:
    if evidence.error in NO_RESULT:
        return None
    if evidence.trouble:
        return Contrast("", short(wanted), evidence.error)
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


def compare(value: Any, expected: Any, rtol: float = RTOL) -> Reason | None:
    """The reason why ``value`` isn't ``expected`` within the tolerance, or None if it is.

    Its sentence holds no number of ``expected``.
    """
    with np.errstate(all="ignore"):  # the numbers may be anything
        return _compare(value, expected, rtol)


def _agree(value: Any, expected: Any) -> bool:
    """Whether ``compare`` finds no difference. Much quicker where there is one: nothing has to be explained."""
    array, wanted = as_array(value), as_array(expected)
    if array is None or wanted is None or isinstance(expected, (bool, str, list, tuple)) or _is_bool(value):
        return compare(value, expected) is None
    with np.errstate(all="ignore"):
        return _equal(array, wanted, RTOL)


def _compare(value: Any, expected: Any, rtol: float) -> Reason | None:
    if value is None and expected is not None:
        return explain(None, np.zeros(1))
    wanted = as_array(expected)
    if wanted is None or isinstance(expected, (bool, str)):
        return _compare_data(value, expected, rtol)
    array = as_array(value)
    if array is not None and (not _is_bool(value) or _is_bool(expected)) and _equal(array, wanted, rtol):
        return None
    if isinstance(expected, (list, tuple)) and isinstance(value, (list, tuple)):
        return _compare_data(value, expected, rtol)
    if array is not None and _is_bool(value) and not _is_bool(expected):
        return Reason(f"The result must be an array of numbers; it is {_kind(value)}.")
    return explain(value, wanted) or Reason("The values are wrong.")


def _compare_data(value: Any, expected: Any, rtol: float) -> Reason | None:
    """The same for what isn't numbers throughout: texts, bools, None, and lists, tuples and dicts of anything."""
    if isinstance(expected, (list, tuple)):
        if not isinstance(value, (list, tuple)):
            return Reason(f"The result must be {_kind(expected)}; it is {_kind(value)}.")
        if len(value) != len(expected):
            return Reason.with_numbers("The number of entries is wrong: it is {}.", len(value))
        pairs = enumerate(zip(value, expected, strict=True))
        return _first_difference([(f"Entry {place}", a, b) for place, (a, b) in pairs], rtol)
    if isinstance(expected, dict):
        if not isinstance(value, dict):
            return Reason(f"The result must be {_kind(expected)}; it is {_kind(value)}.")
        own, wanted = _by_kind(value), _by_kind(expected)
        if own.keys() != wanted.keys():
            strange = sorted(short(key) for _, key in own.keys() - wanted.keys())
            if not strange:
                return Reason("A key of the dict is missing.")
            return Reason.with_numbers("The dict has a key that doesn't belong there: {}.", strange[0])
        return _first_difference([(f"The entry {short(key[1])}", own[key], wanted[key]) for key in wanted], rtol)
    if type(value) is type(expected) and value == expected:
        return None
    if type(value) is not type(expected):
        return Reason(f"The result must be {_kind(expected)}; it is {_kind(value)}.")
    return Reason("The text is another one." if isinstance(expected, str) else f"The result is {value}.")


def _by_kind(items: dict[Any, Any]) -> dict[tuple[type, Any], Any]:
    """The same by keys of which True and 1 are different ones."""
    return {(type(key), key): item for key, item in items.items()}


def _first_difference(parts: Sequence[tuple[str, Any, Any]], rtol: float) -> Reason | None:
    """The reason why the first part that differs does, with the part's name."""
    for name, value, expected in parts:
        if reason := _compare(value, expected, rtol):
            return Reason(f"{name}: {reason.text}", f"An entry is wrong: {reason.general}")
    return None


def _is_bool(value: Any) -> bool:
    try:
        return not holds_text(value) and np.asarray(value).dtype.kind == "b"
    except ValueError:  # lists of unequal length
        return False


def _kind(value: Any) -> str:
    """What ``value`` is, for a sentence."""
    if isinstance(value, np.ndarray):
        return "an array of True and False" if value.dtype.kind == "b" else "an array"
    names: dict[type, str] = {bool: "True or False", str: "a text", dict: "a dict", list: "a list", tuple: "a tuple"}
    return "None" if value is None else names.get(type(value), "a number")


def _equal(a: NDArray, b: NDArray, rtol: float) -> bool:
    return close(a, b, rtol, equal_nan=True)


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
    return bool(a.trouble) == bool(b.trouble) and (bool(a.trouble) or _agree(a.value, b.value))
