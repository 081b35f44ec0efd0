"""A verdict as people read it: as text and as HTML."""

import html
from collections.abc import Callable

from nbprobe.judge import Row, Verdict
from nbprobe.palette import MARKS, ON_PAPER

CELL = "text-align:left;vertical-align:top;padding:2px 12px 2px 0"


def as_text(verdict: Verdict) -> str:
    """The table as lines of text."""
    lines = [points_of(verdict)]
    lines += [verdict.diagnosis] if verdict.diagnosis else []
    for row, reason in zip(verdict.rows, _reasons(verdict), strict=True):
        lines.append(f"  {MARKS[row.kind]} {row.name}{_points(row)}")
        lines += [f"      {reason}"] if reason else []
    return "\n".join(lines)


def as_html(verdict: Verdict, escape: Callable[[str], str] = html.escape) -> str:
    """The table as HTML.

    Parameters
    ----------
    escape
        Makes HTML of a reason, which may quote a student. Everything else is the instructor's.
    """
    rows = "".join(
        f'<tr><td style="{CELL};color:{ON_PAPER[row.kind]}"><b>{MARKS[row.kind]}</b></td>'
        f'<td style="{CELL}">{html.escape(row.name)}</td><td style="{CELL};white-space:nowrap">{_points(row)}</td>'
        f'<td style="{CELL}">{escape(reason)}</td></tr>'
        for row, reason in zip(verdict.rows, _reasons(verdict), strict=True)
    )
    diagnosis = f"<p>{html.escape(verdict.diagnosis)}</p>" if verdict.diagnosis else ""
    return f"<div><p><b>{points_of(verdict)}</b></p>{diagnosis}<table>{rows}</table></div>"


def points_of(verdict: Verdict) -> str:
    """Its score, and the most that there was to get, in words."""
    return f"{verdict.score:g} of {verdict.maximum:g} points"


def _reasons(verdict: Verdict) -> list[str]:
    """The reason of each row; what the row above says already isn't said again."""
    reasons = [row.reason.text if row.reason else "" for row in verdict.rows]
    return [now if now != before else "" for before, now in zip(["", *reasons], reasons, strict=False)]


def _points(row: Row) -> str:
    return f" {row.points:g}/{row.maximum:g}" if row.maximum else ""
