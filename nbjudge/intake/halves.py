"""Joins the halves of a cell that was split: JupyterLab gives both the same mark, other editors only the first."""

import re
from collections.abc import Collection, Iterator
from dataclasses import replace

from nbjudge.intake.definitions import defined_names, methods
from nbjudge.intake.reading import SubmittedCell

OF_A_METHOD = re.compile(r"\b(self|return)\b")
"""Words that mean nothing outside of a method."""


def joined(submitted: list[SubmittedCell], answers: Collection[str]) -> tuple[list[SubmittedCell], list[str]]:
    """The submitted cells, with halves joined; and the marks of those that were.

    Parameters
    ----------
    answers
        The ``grade_id`` of each cell in which students write.
    """
    cells: list[list[SubmittedCell]] = []
    for cell in submitted:
        if cells and _is_second_half(cell, cells[-1], answers):
            cells[-1].append(cell)
        else:
            cells.append([cell])
    return [_whole(parts) for parts in cells], list(_marks(cells))


def _is_second_half(cell: SubmittedCell, before: list[SubmittedCell], answers: Collection[str]) -> bool:
    """Whether a cell can only have been a part of the one before it. A scratch cell may be indented, too."""
    first = before[0]
    if not cell.is_code or not cell.text.lstrip("\n").startswith((" ", "\t")):
        return False
    if cell.grade_id:
        return cell.grade_id == first.grade_id
    text = "\n".join(part.text for part in before)
    is_ours = first.grade_id in answers or (not first.grade_id and defined_names(text))
    if not is_ours or not first.is_code:
        return False
    new = methods(cell.text)
    if new and not new & methods(text):
        return True  # the methods that the class doesn't have yet
    depth = _indent(cell.text)
    is_deeper = depth > min(map(_indent, _lines_of_methods(text)), default=depth)
    return not new and is_deeper and bool(OF_A_METHOD.search(cell.text)) and _is_cut_off(text, depth)


def _is_cut_off(text: str, depth: int) -> bool:
    """Whether a line of this depth could be the next one, inside of the last method."""
    last = next((line for line in reversed(text.splitlines()) if line.strip()), "")
    return not last.lstrip().startswith(("return", "raise")) and (
        _indent(last) >= depth or last.rstrip().endswith((":", ",", "(", "\\"))
    )


def _lines_of_methods(text: str) -> Iterator[str]:
    return (line for line in text.splitlines() if line[:1] in (" ", "\t") and line.lstrip().startswith("def "))


def _indent(text: str) -> int:
    line = text.lstrip("\n").expandtabs(4)
    return len(line) - len(line.lstrip(" "))


def _whole(parts: list[SubmittedCell]) -> SubmittedCell:
    grade_id = next((part.grade_id for part in parts if part.grade_id), "")
    return replace(parts[-1], text="\n\n".join(part.text for part in parts), grade_id=grade_id, id=parts[0].id)


def _marks(cells: list[list[SubmittedCell]]) -> Iterator[str]:
    return (_whole(parts).grade_id for parts in cells if len(parts) > 1)
