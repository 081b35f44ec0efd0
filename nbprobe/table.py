"""A verdict as people read it: as text and as HTML. The one table of checks, formgrader and feedback pages."""

import html
from collections.abc import Callable, Mapping

from nbprobe.palette import MARKS, ON_PAPER
from nbprobe.verdict import Row, Verdict

CELL = "text-align:left;vertical-align:top;padding:2px 12px 2px 0"
HEADINGS = ("", "", "given", "right", "yours", "why")
AS_ABOVE = "As above."
NARROW = 27
"""What is this short, such as a shape, isn't broken into two lines."""


def as_text(verdict: Verdict, heading: str = "") -> str:
    """The table as lines of text. ``heading`` stands above it, in place of the points."""
    lines = [heading or points_of(verdict)]
    lines += [verdict.diagnosis] if verdict.diagnosis else []
    for row, reason in zip(verdict.rows, _reasons(verdict), strict=True):
        lines.append(f"  {MARKS[row.kind]} {row.name}{'' if heading else _points(row)}")
        if row.contrast:
            given = f"given {row.contrast.given}: " if row.contrast.given else ""
            lines.append(f"      {given}right is {row.contrast.right}, yours {row.contrast.yours}")
        lines += [f"      {reason}"] if reason else []
    return "\n".join(lines)


def as_html(
    verdict: Verdict,
    escape: Callable[[str], str] = html.escape,
    heading: str = "",
    colours: Mapping[str, str] = ON_PAPER,
) -> str:
    """The table as HTML.

    Parameters
    ----------
    escape
        Makes HTML of a reason, which may quote a student. Everything else is the instructor's.
    heading
        HTML that stands above it, in place of the points.
    colours
        Of the marks, by the kind of a row.
    """
    contrasts = [row.contrast for row in verdict.rows if row.contrast]
    reasons = _reasons(verdict)
    empty = {"given": not any(contrast.given for contrast in contrasts), "why": not any(reasons)}
    titles = ["" if empty.get(title) else title for title in HEADINGS] if contrasts else []
    head = "".join(f'<th scope="col" style="{CELL}">{title}</th>' for title in titles)
    rows = f'<tr style="background:none">{head}</tr>' if contrasts else ""
    for row, reason in zip(verdict.rows, reasons, strict=True):
        mark = f'<td style="{CELL};color:{colours[row.kind]}"><b>{MARKS[row.kind]}</b></td>'
        cells = [_cell(html.escape(row.name))]
        if row.contrast:
            shown = (row.contrast.given, row.contrast.right, row.contrast.yours)
            cells += [_cell(html.escape(text), narrow=len(text) <= NARROW) for text in shown]
        elif not heading:
            cells.append(_cell(_points(row), narrow=True))
        wide = ' colspan="4"' if contrasts and not row.contrast else ""
        cells.append(_cell(escape(reason), wide))
        rows += f'<tr style="background:none">{mark}{"".join(cells)}</tr>'
    diagnosis = f"<p>{html.escape(verdict.diagnosis)}</p>" if verdict.diagnosis else ""
    title = heading or f"<b>{points_of(verdict)}</b>"
    return f'<div><p>{title}</p>{diagnosis}<table style="margin:4px 0 0 0">{rows}</table></div>'


def _cell(content: str, attributes: str = "", narrow: bool = False) -> str:
    return f'<td{attributes} style="{CELL}{";white-space:nowrap" if narrow else ""}">{content}</td>'


def points_of(verdict: Verdict) -> str:
    """Its score, and the most that there was to get, in words."""
    return f"{verdict.score:g} of {verdict.maximum:g} points"


def _reasons(verdict: Verdict) -> list[str]:
    """The reason of each row. One that was given before isn't given again."""
    given: set[str] = set()
    reasons = []
    for row in verdict.rows:
        reason = row.reason.text if row.reason else ""
        reasons.append(AS_ABOVE if reason in given else reason)
        given |= {reason} if reason else set()
    return reasons


def _points(row: Row) -> str:
    return f" {row.points:g}/{row.maximum:g}" if row.maximum else ""
