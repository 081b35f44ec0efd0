"""A verdict as people read it: as text and as HTML. The one table of checks and of formgrader."""

import html
import re
from collections.abc import Callable
from dataclasses import replace

from nbprobe.palette import BEHIND, MARKS, WORDS
from nbprobe.verdict import REMARK, Row, Verdict

CELL = "text-align:left;vertical-align:top;padding:2px 12px 2px 0"
AS_ABOVE = "As above."
HIDDEN = "hidden"
"""Said of what was tried with inputs that no student sees."""
NARROW = 27
"""What is this short, such as a shape, isn't broken into two lines."""


def joined(verdict: Verdict) -> list[Row]:
    """The rows of the verdict, those in one that came out alike for the same reason. Numbers are those of the first."""
    alike: dict[tuple[str, ...], list[Row]] = {}
    for row in verdict.rows:
        own = (row.name,) if row.kind == REMARK else ()
        alike.setdefault((row.kind, row.reason.text if row.reason else "", *own), []).append(row)
    return [_one(rows) for rows in alike.values()]


def _one(rows: list[Row]) -> Row:
    return replace(
        rows[0],
        name="; ".join(row.name for row in rows),
        points=sum(row.points for row in rows),
        maximum=sum(row.maximum for row in rows),
        contrast=next((row.contrast for row in rows if row.contrast), None),
        hidden=all(row.hidden for row in rows),
    )


def as_text(verdict: Verdict, heading: str = "") -> str:
    """The table as lines of text. ``heading`` stands above that of a check, in place of the points of a grade."""
    lines = [heading or points_of(verdict)]
    lines += [verdict.diagnosis] if verdict.diagnosis else []
    for row in _with_reasons_once(verdict.rows) if heading else joined(verdict):
        hidden = f" ({HIDDEN})" if row.hidden else ""
        lines.append(f"  {MARKS[row.kind]} {row.name}{hidden}{'' if heading else _points(row)}")
        if row.contrast:
            given = f"given {row.contrast.given}: " if row.contrast.given else ""
            lines.append(f"      {given}right is {row.contrast.right}, yours {row.contrast.yours}")
        lines += [f"      {row.reason.text}"] if row.reason else []
    return "\n".join(lines)


def as_html(
    verdict: Verdict,
    escape: Callable[[str], str] = html.escape,
    heading: str = "",
) -> str:
    """The table as HTML.

    Parameters
    ----------
    escape
        Makes HTML of a reason or a result, which may quote a student. Everything else is the instructor's.
    heading
        HTML that stands above the table of a check, in place of the points of a grade.
    """
    rows = _with_reasons_once(verdict.rows) if heading else joined(verdict)
    columns = [name for name, text in COLUMNS.items() if any(text(row) for row in rows)]
    columns = [name for name in columns if name != "points" or not heading]
    head = "".join(f'<th scope="col" style="{CELL}">{name}</th>' for name in ("is", "tried", *columns))
    lines = [f'<tr style="background:none">{head}</tr>']
    for row in rows:
        hidden = f" <i>({HIDDEN})</i>" if row.hidden else ""
        cells = [
            _cell(_mark(row.kind)),
            _cell(SHAPE.sub(_unbroken, html.escape(row.name)) + hidden),
        ]
        for name in columns:
            text = COLUMNS[name](row)
            narrow = name != "why" and len(text) <= NARROW
            cells.append(_cell((escape if name in QUOTING else html.escape)(text), NO_BREAK if narrow else ""))
        lines.append(f'<tr style="background:none">{"".join(cells)}</tr>')
    diagnosis = f"<p><b>{html.escape(verdict.diagnosis)}</b></p>" if verdict.diagnosis else ""
    table = f'<table style="margin:4px 0 0 0">{"".join(lines)}</table>'
    return f"<div><p>{heading or points_of(verdict)}</p>{diagnosis}{table}</div>"


def _mark(kind: str) -> str:
    style = f"background:{BEHIND[kind]};color:white;padding:0 3px;border-radius:3px"
    return f'<b role="img" aria-label="{WORDS[kind]}" style="{style}">{MARKS[kind]}</b>'


SHAPE = re.compile(r"\[[^\[\]]{1,20}\]")
"""Of an array, such as [N, 1]: it isn't broken into two lines."""


def _unbroken(shape: re.Match[str]) -> str:
    return shape[0].replace(" ", "&nbsp;")


NO_BREAK = ";white-space:nowrap"


def _cell(content: str, style: str = "") -> str:
    return f'<td style="{CELL}{style}">{content}</td>'


def points_of(verdict: Verdict) -> str:
    """Its score, and the most that there was to get, in words."""
    return f"{verdict.score:g} of {verdict.maximum:g} points"


def _with_reasons_once(rows: list[Row]) -> list[Row]:
    """The rows, but a reason that was given before isn't given again."""
    given: set[str] = set()
    shown = []
    for row in rows:
        again = row.reason is not None and row.reason.text in given
        shown.append(replace(row, reason=replace(row.reason, text=AS_ABOVE)) if again and row.reason else row)
        given |= {row.reason.text} if row.reason else set()
    return shown


def _points(row: Row) -> str:
    return f" {row.points:g}/{row.maximum:g}" if row.maximum else ""


COLUMNS: dict[str, Callable[[Row], str]] = {
    "points": lambda row: _points(row).strip(),
    "given": lambda row: row.contrast.given if row.contrast else "",
    "right": lambda row: row.contrast.right if row.contrast else "",
    "yours": lambda row: row.contrast.yours if row.contrast else "",
    "why": lambda row: row.reason.text if row.reason else "",
}
"""What a column shows of a row. One in which there is nothing isn't shown."""
QUOTING = ("yours", "why")
