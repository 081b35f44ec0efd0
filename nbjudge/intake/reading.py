"""Reads the notebook of a submission. Only the kind, the text and the names of its cells are kept."""

import errno
import os
import re
import stat
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from nbjudge.course.errors import CourseError
from nbjudge.course.opening import opened
from nbjudge.sandbox import untrusted_json

MAX_BYTES = 20 * 2**20
MAX_STRUCTURE = 10 * 2**20
"""Bytes outside of strings. They bound how much memory the parsed file takes."""
MAX_CELLS = 1000
LINE_END = re.compile("\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")
"""Where ``str.splitlines`` ends a line, and nbformat with it."""
MAX_LINES = 100_000
"""In all cells together. nbformat writes each as a text of its own, so that an empty one takes several bytes."""
SMALLER = "Clear its outputs (Edit, Clear Outputs of All Cells), save it and hand it in again."
AGAIN = "Save the notebook in JupyterLab, download it with File, Download, and hand that file in."


class RefusedError(CourseError):
    """The file can't be graded. The sentence is for the student."""


@dataclass(frozen=True)
class SubmittedCell:
    """What counts of one cell. ``grade_id`` and ``id`` are "" where there is none.

    Attributes
    ----------
    attachments : what was pasted into a text, by name; anything
    """

    is_code: bool
    text: str
    grade_id: str = ""
    id: str = ""
    attachments: dict[str, Any] = field(default_factory=dict, compare=False)


def read_cells(path: Path) -> list[SubmittedCell]:
    """The cells of the notebook at ``path``, of any version of the format.

    Raises
    ------
    RefusedError
        If the file is no notebook, can't be read or is too large.
    """
    text = _decoded(_bytes(path))
    if not text.strip():
        raise RefusedError(f"The file is empty. {AGAIN}")
    if untrusted_json.structure(text.encode(errors="replace")) > MAX_STRUCTURE:
        raise RefusedError(f"The file has too many parts. {SMALLER}")
    try:
        document = untrusted_json.parsed(text)
    except (ValueError, RecursionError):
        if "\n<<<<<<< " in text and "\n>>>>>>> " in text:
            raise RefusedError(
                "The file holds the marks of a merge conflict (<<<<<<<), so it is no notebook any more. Take one of "
                "the two versions, open it in JupyterLab, and hand that in."
            ) from None
        raise RefusedError(
            f"The file isn't a notebook, or only a part of one: it holds no valid JSON. {AGAIN}"
        ) from None
    cells = _cells(document)
    if cells is None:
        raise RefusedError(f"The file isn't a notebook: it has no list of cells. {AGAIN}")
    if len(cells) > MAX_CELLS:
        raise RefusedError(f"The notebook has {len(cells)} cells, and at most {MAX_CELLS} are read. Delete some.")
    known = [_cell(raw) for raw in cells if isinstance(raw, dict)]
    ends = (end for cell in known for end in LINE_END.finditer(cell.text))
    if next(islice(ends, MAX_LINES, None), None) is not None:
        raise RefusedError(f"The cells have more than {MAX_LINES} lines together. Delete those that nobody needs.")
    return known


def _bytes(path: Path) -> bytes:
    try:
        descriptor = opened(path)
    except OSError as error:
        trouble = "is a link" if error.errno == errno.ELOOP else f"can't be opened ({error.strerror})"
        raise RefusedError(f"The file {trouble}. Hand in the notebook itself.") from None
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise RefusedError("This is no ordinary file. Hand in the notebook itself.")
        data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise RefusedError(f"The file is larger than {MAX_BYTES // 2**20} MB. {SMALLER}")
    return data


def _decoded(data: bytes) -> str:
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        if data.lstrip()[:1] == b"{":
            raise RefusedError(f"The file isn't stored as UTF-8, as notebooks are. {AGAIN}") from None
        raise RefusedError(f"The file isn't a notebook: it isn't text. {AGAIN}") from None


def _cells(document: Any) -> list | None:
    """The cells of a notebook; format 3 kept them in worksheets."""
    if not isinstance(document, dict):
        return None
    if isinstance(document.get("cells"), list):
        return document["cells"]
    sheets = document.get("worksheets")
    if isinstance(sheets, list) and all(isinstance(sheet, dict) for sheet in sheets):
        return [cell for sheet in sheets for cell in _as_list(sheet.get("cells"))]
    return None


def _as_list(value: Any) -> list:
    return value if isinstance(value, list) else []


def _cell(raw: dict[str, Any]) -> SubmittedCell:
    is_code = raw.get("cell_type") == "code"
    metadata = raw.get("metadata")
    nbgrader = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    grade_id = nbgrader.get("grade_id") if isinstance(nbgrader, dict) else ""
    text = _text(raw["source"] if "source" in raw else raw.get("input"))
    attachments = raw.get("attachments")
    pasted = attachments if isinstance(attachments, dict) and not is_code else {}
    return SubmittedCell(is_code, text, _text(grade_id), _text(raw.get("id")), pasted)


def _text(value: Any) -> str:
    """A text, also in the form of a list of lines; "" for anything else."""
    lines = value if isinstance(value, list) else [value]
    text = "".join(line for line in lines if isinstance(line, str))
    return text.replace("\r\n", "\n").replace("\r", "\n").encode(errors="replace").decode()
