"""Joins the halves of a cell that was split: JupyterLab gives both the same mark, other editors only the first."""

import re
from collections.abc import Collection
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
    wholes: list[_Whole] = []
    for cell in submitted:
        if wholes and wholes[-1].goes_on_in(cell, answers):
            wholes[-1].add(cell)
        else:
            wholes.append(_Whole(cell))
    return [whole.cell() for whole in wholes], [whole.grade_id for whole in wholes if len(whole.parts) > 1]


class _Whole:
    """A cell as it was before it was split. What is known of its text grows with each part, which is read once."""

    def __init__(self, first: SubmittedCell) -> None:
        self.parts: list[SubmittedCell] = []
        self._defines, self._methods, self._depths, self._last = False, set[str](), set[int](), ""
        self.add(first)

    def add(self, part: SubmittedCell) -> None:
        self.parts.append(part)
        lines = part.text.splitlines()
        self._defines |= bool(defined_names(part.text))
        self._methods |= methods(part.text)
        self._depths |= {
            _indent(line) for line in lines if line[:1] in (" ", "\t") and line.lstrip().startswith("def ")
        }
        self._last = next((line for line in reversed(lines) if line.strip()), self._last)

    @property
    def grade_id(self) -> str:
        return next((part.grade_id for part in self.parts if part.grade_id), "")

    def cell(self) -> SubmittedCell:
        text = "\n\n".join(part.text for part in self.parts)
        return replace(self.parts[-1], text=text, grade_id=self.grade_id, id=self.parts[0].id)

    def goes_on_in(self, cell: SubmittedCell, answers: Collection[str]) -> bool:
        """Whether the cell after it can only have been a part of it. A scratch cell may be indented, too."""
        first = self.parts[0]
        if not cell.is_code or not cell.text.lstrip("\n").startswith((" ", "\t")):
            return False
        if cell.grade_id:
            return cell.grade_id == first.grade_id
        is_ours = first.grade_id in answers or (not first.grade_id and self._defines)
        if not is_ours or not first.is_code:
            return False
        new = methods(cell.text)
        if new:
            return not new & self._methods  # the methods that the class doesn't have yet
        depth = _indent(cell.text)
        is_deeper = depth > min(self._depths, default=depth)
        return is_deeper and bool(OF_A_METHOD.search(cell.text)) and self._is_cut_off(depth)

    def _is_cut_off(self, depth: int) -> bool:
        """Whether a line of this depth could be the next one, inside of the last method."""
        last = self._last
        return not last.lstrip().startswith(("return", "raise")) and (
            _indent(last) >= depth or last.rstrip().endswith((":", ",", "(", "\\"))
        )


def _indent(text: str) -> int:
    line = text.lstrip("\n").split("\n", 1)[0].expandtabs(4)
    return len(line) - len(line.lstrip(" "))
