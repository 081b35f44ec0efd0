"""CSV files that a spreadsheet can open: quoted, in UTF-8, and without formulas of a stranger's making."""

import csv
import io
import re
from collections.abc import Iterable, Sequence

from nbjudge.course.characters import printable

FORMULA = re.compile(r'(^|[;,])([\s"]*)(?=[=+\-@＝＋－＠])')
"""Where a spreadsheet could begin to read a formula: at the start, and behind a ``;``, if it takes that for the end of
a cell, as Excel does in some countries. A quote there is the beginning of a cell, and no part of it."""


def text_cell(value: object) -> str:
    """A cell of text, in one line. An apostrophe defuses what a spreadsheet would take for a formula."""
    return FORMULA.sub(r"\1\2'", printable(str(value or "")))


def number_cell(value: float | None) -> str:
    """A cell with a number, or an empty one. Numbers are never defused: -1 stays -1."""
    if value is None:
        return ""
    rounded = round(float(value), 6) + 0.0  # no -0.0
    return str(int(rounded)) if rounded.is_integer() else repr(rounded)


def encode(rows: Iterable[Sequence[str]], bom: bool = False) -> bytes:
    """The bytes of the file; the same rows give the same bytes."""
    file = io.StringIO(newline="")
    csv.writer(file).writerows(rows)  # ends lines with \r\n, as RFC 4180 and Excel want it
    return file.getvalue().encode("utf-8-sig" if bom else "utf-8", "backslashreplace")
