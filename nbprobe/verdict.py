"""The judgement on one task, as data: what a check shows, what a grade is, and what is told of either later."""

from dataclasses import asdict, dataclass, replace
from typing import Any

from nbprobe.errors import FormError
from nbprobe.reason import Reason

RIGHT, WRONG, REMARK = KINDS = ("right", "wrong", "remark")
VOID = Reason("Right, but it counts only together with the main probe.")
"""Why a probe earns nothing though its result is right."""


@dataclass(frozen=True)
class Contrast:
    """One input of a visible probe in words, the right result, and the student's."""

    given: str
    right: str
    yours: str


@dataclass(frozen=True)
class Row:
    """The judgement on one probe.

    Attributes
    ----------
    kind : one of ``KINDS``
    contrast : numbers of a visible probe, where it is wrong
    hidden : whether nobody but the grade knows the inputs with which this came out
    """

    name: str
    kind: str
    points: float
    maximum: float
    reason: Reason | None = None
    contrast: Contrast | None = None
    hidden: bool = False


@dataclass(frozen=True)
class Verdict:
    """The judgement on one task.

    Attributes
    ----------
    diagnosis : the sentence of a misconception that was recognised, or ""
    plain : whether a test without probes gave the points, in the process of the submission
    """

    rows: list[Row]
    score: float
    maximum: float
    diagnosis: str = ""
    plain: bool = False

    @property
    def is_full(self) -> bool:
        """Whether nothing is wrong."""
        return self.score >= self.maximum

    def as_data(self) -> dict[str, Any]:
        """The verdict as it is stored in a notebook: plain values that JSON knows."""
        rows = [
            {
                "name": row.name,
                "kind": row.kind,
                "points": float(row.points),
                "maximum": float(row.maximum),
                "reason": row.reason.as_data() if row.reason else None,
                "contrast": asdict(row.contrast) if row.contrast else None,
                "hidden": row.hidden,
            }
            for row in self.rows
        ]
        points = {"score": float(self.score), "maximum": float(self.maximum)}
        return {**points, "diagnosis": self.diagnosis, "plain": self.plain, "rows": rows}

    def beside(self, visible: "Verdict") -> "Verdict":
        """This verdict on hidden probes, with the numbers of the ``visible`` probes of the same names."""
        partners = {row.name: row for row in visible.rows}
        rows = []
        for row in self.rows:
            partner = partners.get(row.name)
            shown = partner.contrast if partner and row.kind == WRONG else None
            rows.append(replace(row, contrast=shown, hidden=row.kind != REMARK and _is_hidden(row, partner)))
        return replace(self, rows=rows)

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
        numbers = _number(data, "score"), _number(data, "maximum")
        return cls(rows, *numbers, _text(data, "diagnosis"), data.get("plain") is True)


def _is_hidden(row: Row, partner: Row | None) -> bool:
    """Whether a student can't have seen this: it was tried by the grade alone, or was right in the check."""
    return partner is None or (row.kind == WRONG and row.reason != VOID and partner.kind == RIGHT)


def _row(data: Any) -> Row:
    if not isinstance(data, dict) or data.get("kind") not in KINDS:
        raise FormError("a row of a verdict must be of a known kind")
    reason = None if data.get("reason") is None else Reason.from_data(data["reason"])
    numbers = _number(data, "points"), _number(data, "maximum")
    shown = data.get("contrast")  # it isn't there in notebooks of version 1.0
    contrast = (
        Contrast(*(_text(shown, key) for key in ("given", "right", "yours"))) if isinstance(shown, dict) else None
    )
    return Row(_text(data, "name"), data["kind"], *numbers, reason, contrast, data.get("hidden") is True)


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
