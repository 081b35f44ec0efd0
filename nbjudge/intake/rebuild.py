"""Builds the notebook that is graded: the instructor's cells, with the text of the student's in its places."""

import re
from collections import deque
from dataclasses import replace

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from nbjudge.course import notebooks
from nbjudge.course.graded import Repair
from nbjudge.intake.reading import SubmittedCell
from nbjudge.pages.markup import clean_markdown
from nbjudge.sandbox.step import UNGRADED

CLASS, FUNCTION = (re.compile(rf"^{word}[ \t]+(\w+)", re.MULTILINE) for word in ("class", "def"))
"""Lines, and no parsed code: the cell may be unfinished, or so large that a parser takes all memory."""
MAX_MARKDOWN = 100_000
"""Characters in all text cells of a notebook that are rendered; further ones show as they were written."""
START = -1
"""The place before the first cell of the source."""


class RebuiltNotebook:
    """One submission, built afresh.

    A cell of the source is known by its *place* there, a submitted cell by its *number* in the submission.

    Attributes
    ----------
    notebook : the instructor's cells in their order, with the student's text, and the cells that were added
    repairs : one for each thing that wasn't as it should be
    """

    def __init__(self, source: NotebookNode, submitted: list[SubmittedCell], stubs: dict[str, str]) -> None:
        """
        Parameters
        ----------
        source
            The instructor's notebook; its cells become those of the new one.
        submitted
            The student's cells.
        stubs
            The text that each graded cell had when students got it, by ``grade_id``.
        """
        self.repairs: list[Repair] = []
        self._stubs, self._markdown_left = stubs, MAX_MARKDOWN
        self._submitted = self._joined(submitted, set(notebooks.graded_cells(source)))
        self._places: dict[int, int] = {}  # where in the source a submitted cell belongs
        self._dropped: set[int] = set()  # copies of a cell, and the like
        self._extra_lines: dict[int, str] = {}  # what was added to a cell that only the instructor writes
        for place, cell in enumerate(source.cells):
            cell.source = self._text(place, cell)
            if cell.cell_type == "code":
                cell.outputs, cell.execution_count = [], None
        places = [self._places[number] for number in sorted(self._places)]
        if places != sorted(places):
            self._report("Cells were in another order; they were run in the original one.")
        self.notebook = new_notebook(metadata=dict(source.metadata))
        added = self._added_cells()
        self.notebook.cells += added.get(START, [])
        for place, cell in enumerate(source.cells):
            self.notebook.cells += [cell, *added.get(place, [])]

    def _report(self, sentence: str) -> None:
        self.repairs.append(Repair(sentence))  # it tells of the instructor's cells, and nothing of the student's own

    def _joined(self, submitted: list[SubmittedCell], names: set[str]) -> list[SubmittedCell]:
        """The submitted cells; the halves of one that was split are joined. JupyterLab gives both the same mark."""
        cells: list[list[SubmittedCell]] = []
        for cell in submitted:
            before = cells[-1][-1] if cells else None
            is_same = before and cell.is_code and cell.grade_id and cell.grade_id == before.grade_id
            if is_same and cell.text[:1] in (" ", "\t"):
                cells[-1].append(cell)
                if cell.grade_id in names:  # else it isn't ours, and could be any text
                    self._report(f"The cell {cell.grade_id} had been split; its parts were joined.")
            else:
                cells.append([cell])
        return [replace(parts[-1], text="\n\n".join(part.text for part in parts)) for parts in cells]

    def _text(self, place: int, cell: NotebookNode) -> str:
        """The text that a cell of the source gets, which is the student's where the student was to write."""
        grading = cell.metadata.get("nbgrader", {})
        if grading.get("solution") or grading.get("task"):
            return self._answer(place, cell, grading.get("grade_id", ""))
        self._match_instructors_cell(place, cell, grading.get("grade_id", ""))
        return cell.source

    def _answer(self, place: int, cell: NotebookNode, name: str) -> str:
        """The text of the student's answer in the place of a solution; the stub, if there is no answer."""
        stub, numbers = self._stubs.get(name, ""), self._numbers_with_mark(name)
        worked_on = [number for number in numbers if self._submitted[number].text.strip() != stub.strip()]
        if len(numbers) > 1:
            self._report(f"The cell {name} was there {len(numbers)} times; the last one with an answer counts.")
            self._dropped |= set(numbers) - set(worked_on)
        if not numbers:
            numbers = self._numbers_without_mark(cell)
            if not numbers:
                self._report(f"The cell {name} is missing; it counts as not implemented.")
                return stub
            self._report(f"The cell {name} had lost its mark; it was recognised by what it holds.")
        number = (worked_on or numbers)[-1]
        self._dropped.discard(number)
        self._places[number] = place
        answer = self._submitted[number]
        if answer.is_code != (cell.cell_type == "code"):
            self._report(f"The cell {name} had become a cell of another kind; its text was taken as it was meant.")
        is_ours = cell.cell_type == "code" or answer.text == stub
        return answer.text if is_ours else self._cleaned(answer.text)

    def _numbers_with_mark(self, name: str) -> list[int]:
        return [number for number, cell in enumerate(self._submitted) if name and cell.grade_id == name]

    def _numbers_without_mark(self, cell: NotebookNode) -> list[int]:
        """Submitted cells with the same id; else the one that defines the same names, if it is the only one."""
        free = [number for number in self._free_numbers() if not self._submitted[number].grade_id]
        same_id = [number for number in free if self._submitted[number].id == cell.id]
        names = _defined_names(cell.source)
        alike = [number for number in free if names and _defined_names(self._submitted[number].text) == names]
        return same_id or (alike if len(alike) == 1 else [])

    def _free_numbers(self) -> list[int]:
        return [number for number in range(len(self._submitted)) if number not in self._places]

    def _match_instructors_cell(self, place: int, cell: NotebookNode, name: str) -> None:
        """Find the student's copy of a cell that only the instructor writes, and report if it was changed."""
        shown, free = notebooks.HIDDEN.sub("", cell.source).strip(), self._free_numbers()
        numbers = (
            self._numbers_with_mark(name)
            or [number for number in free if self._submitted[number].id == cell.id]
            or [number for number in free if self._submitted[number].text.strip() == shown][:1]
        )
        if not numbers:
            if name:
                self._report(f"The cell {name} was missing; it was put back.")
            return
        self._places[numbers[-1]] = place
        self._dropped |= set(numbers[:-1])
        text = self._submitted[numbers[-1]].text.strip()
        if text == shown or cell.cell_type != "code" or UNGRADED in cell.metadata.get("tags", []):
            return
        extra = "" if name else _lines_beyond(text, shown)
        if extra:
            self._extra_lines[place] = extra
        then = ", and after it the lines that were added" if extra else ""
        self._report(f"The cell {name or cell.id} was changed; the original was run{then}.")

    def _added_cells(self) -> dict[int, list[NotebookNode]]:
        """The student's own cells, by the place of the cell that they follow."""
        added = {place: [new_code_cell(text, id=f"more-{place}")] for place, text in self._extra_lines.items()}
        place = START
        for number, cell in enumerate(self._submitted):
            if number in self._places:
                place = self._places[number]
            elif number not in self._dropped and cell.text.strip():
                added.setdefault(place, []).append(self._added_cell(cell, f"added-{number}"))
        return added

    def _added_cell(self, cell: SubmittedCell, name: str) -> NotebookNode:
        return (
            new_code_cell(cell.text, id=name) if cell.is_code else new_markdown_cell(self._cleaned(cell.text), id=name)
        )

    def _cleaned(self, markdown: str) -> str:
        left, self._markdown_left = self._markdown_left, max(self._markdown_left - len(markdown), 0)
        return clean_markdown(markdown, at_most=left)


def _lines_beyond(text: str, shown: str) -> str:
    """The lines of ``text`` beyond those of ``shown``, such as an import; "" if these aren't all there in order."""
    expected, beyond = deque(shown.splitlines()), []
    for line in text.splitlines():
        if expected and line.rstrip() == expected[0].rstrip():
            expected.popleft()
        else:
            beyond.append(line)
    return "" if expected else "\n".join(beyond).strip("\n")


def _defined_names(text: str) -> list[str]:
    """Names of the classes that a cell defines; of its functions, if it defines no class."""
    return CLASS.findall(text) or FUNCTION.findall(text)
