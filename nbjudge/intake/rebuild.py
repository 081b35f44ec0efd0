"""Builds the notebook that is graded: the instructor's cells, with the text of the student's in its places."""

import re
from collections.abc import Iterable, Iterator, Sequence

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from nbgrader.utils import is_grade, is_solution

from nbjudge.course import notebooks
from nbjudge.course.cells import UNGRADED
from nbjudge.course.delimiters import USUAL, Delimiters, split, withheld_of
from nbjudge.course.graded import Repair
from nbjudge.intake.additions import additions
from nbjudge.intake.alignment import aligned
from nbjudge.intake.definitions import all_defined_names, defined_names
from nbjudge.intake.halves import joined
from nbjudge.intake.reading import SubmittedCell
from nbjudge.pages.attachments import Pictures, with_pictures
from nbjudge.pages.markup import clean_markdown

MAX_MARKDOWN = 100_000
"""Characters in all text cells of a notebook that are rendered; further ones show as they were written."""
START = -1
"""The place before the first cell of the source."""
BEFORE, IN, AFTER = -1, 0, 1
"""Sides of a cell of the source."""
DEFAULT = withheld_of(USUAL)
ELSEWHERE = "# The answer stands in another cell."

Position = tuple[int, int]
"""Where a text runs: a place, and a side of it."""


class RebuiltNotebook:
    """One submission, built afresh.

    A cell of the source is known by its *place* there, a submitted cell by its *number* in the submission.

    Attributes
    ----------
    notebook : the instructor's cells in their order, with the student's text, and the cells that were added
    repairs : one for each thing that wasn't as it should be
    """

    def __init__(
        self,
        source: NotebookNode,
        submitted: list[SubmittedCell],
        stubs: dict[str, str],
        withheld: Sequence[Delimiters] = DEFAULT,
    ) -> None:
        """
        Parameters
        ----------
        source
            The instructor's notebook; its cells become those of the new one.
        submitted
            The student's cells.
        stubs
            The text that each graded cell had when students got it, by ``grade_id``.
        withheld
            Around what of the instructor's cells students don't get.
        """
        self.repairs: list[Repair] = []
        self._cells, self._stubs, self._markdown_left = source.cells, stubs, MAX_MARKDOWN
        self._pictures = Pictures()
        self._untouched = {stub.strip() for stub in stubs.values()}
        graded = notebooks.graded_cells(source)
        self._submitted, halves = joined(submitted, [name for name, cell in graded.items() if is_solution(cell)])
        for name in halves:
            if name in graded:  # else it isn't ours, and could be any text
                self._report(f"The cell {name} had been split; its parts were joined.")
        self._shown = [split(cell.source, withheld, "")[0].strip() for cell in source.cells]
        self._aligned = aligned(source.cells, self._shown, self._submitted)
        self._places: dict[int, int] = {}  # where in the source a submitted cell belongs
        self._dropped: set[int] = set()  # copies of a cell, and the like
        self._more: dict[Position, str] = {}  # what was added to a cell that only the instructor writes
        self._answered = False  # whether an answer stands in another cell
        self._open: dict[int, tuple[list[str], str]] = {}  # answers not in their cells: their names, and what is there
        for place, cell in enumerate(source.cells):
            cell.source = self._text(place, cell)
            if cell.cell_type == "code":
                cell.outputs, cell.execution_count = [], None
        for place, (names, what) in self._open.items():
            self._look_elsewhere(place, names, what)
        if submitted and not self._holds_a_task(graded):
            self.repairs = []
            self._report("This is another notebook: none of the tasks of this assignment is in it.")
        places = [self._places[number] for number in sorted(self._places)]
        if places != sorted(places):
            self._report("Cells were in another order; they were run in the original one.")
        self.notebook = new_notebook(metadata=dict(source.metadata))
        added = self._added_cells()
        self.notebook.cells += added.get((START, AFTER), [])
        for place, cell in enumerate(source.cells):
            self.notebook.cells += [*added.get((place, BEFORE), []), cell, *added.get((place, AFTER), [])]

    def _holds_a_task(self, graded: dict[str, NotebookNode]) -> bool:
        """Whether the submission has any of the graded cells, or an answer to one of them."""
        tasks = {place for place, cell in enumerate(self._cells) if "nbgrader" in cell.metadata}
        return not graded or bool(tasks & set(self._places.values())) or self._answered

    def _report(self, sentence: str) -> None:
        self.repairs.append(Repair(sentence))  # it tells of the instructor's cells, and nothing of the student's own

    def _text(self, place: int, cell: NotebookNode) -> str:
        """The text that a cell of the source gets, which is the student's where the student was to write."""
        grading = cell.metadata.get("nbgrader", {})
        if grading.get("solution"):
            return self._answer(place, cell, grading.get("grade_id", ""))
        return self._instructors_text(place, cell, grading.get("grade_id", ""))

    def _answer(self, place: int, cell: NotebookNode, name: str) -> str:
        """The text of the student's answer in the place of a solution; the stub, if there is no answer."""
        stub, numbers = self._stubs.get(name, ""), self._numbers_with_mark(name)
        names = defined_names(cell.source) if cell.cell_type == "code" else []
        worked_on = [number for number in numbers if self._submitted[number].text.strip() != stub.strip()]
        if len(numbers) > 1:
            self._report(f"The cell {name} was there {len(numbers)} times; the last one with an answer counts.")
            self._dropped |= set(numbers) - set(worked_on)
        if not numbers:
            numbers = self._numbers_without_mark(cell)
            if not numbers:
                self._open[place] = names, "is missing"
                return stub
            self._report(f"The cell {name} had lost its mark; it was recognised by what it holds.")
        number = (worked_on or numbers)[-1]
        self._dropped.discard(number)
        self._places[number] = place
        answer = self._submitted[number]
        if answer.is_code != (cell.cell_type == "code"):
            self._report(f"The cell {name} had become a cell of another kind; its text was taken as it was meant.")
        if answer.text.strip() == stub.strip():
            self._open[place] = names, "is as it came"
        elif names and not all_defined_names(answer.text) & set(names):
            self._open[place] = names, "holds something else"
        if cell.cell_type == "code" or answer.text == stub:
            return answer.text
        text, attachments = self._cleaned(answer)
        if attachments:
            cell.attachments = attachments
        return text

    def _numbers_with_mark(self, name: str) -> list[int]:
        return [number for number, cell in enumerate(self._submitted) if name and cell.grade_id == name]

    def _numbers_without_mark(self, cell: NotebookNode) -> list[int]:
        """Submitted cells with the same id; else the one that defines the same names, if it is the only one."""
        free = [number for number in self._free_numbers() if not self._submitted[number].grade_id]
        same_id = [number for number in free if self._submitted[number].id == cell.id]
        names = defined_names(cell.source)
        alike = [number for number in free if names and defined_names(self._submitted[number].text) == names]
        return same_id or (alike if len(alike) == 1 else [])

    def _free_numbers(self) -> list[int]:
        return [number for number in range(len(self._submitted)) if number not in self._places]

    def _instructors_text(self, place: int, cell: NotebookNode, name: str) -> str:
        """The text of a cell that only the instructor writes. What the student added to it is kept beside it."""
        shown, free = self._shown[place], self._free_numbers()
        numbers = (
            self._numbers_with_mark(name)
            or [number for number in free if self._submitted[number].id == cell.id]
            or [number for number in free if self._submitted[number].text.strip() == shown][:1]
            or [number for number in free if number == self._aligned.get(place)]
        )
        if not numbers:
            if name:
                self._report(f"The cell {name} was missing; it was put back.")
            return cell.source
        self._places[numbers[-1]] = place
        self._dropped |= set(numbers[:-1])
        text = self._submitted[numbers[-1]].text.strip()
        if text == shown or cell.cell_type != "code":
            return cell.source
        found = additions(text, shown)
        if UNGRADED in cell.metadata.get("tags", []) and not found.is_whole and not is_grade(cell):
            return text  # it doesn't run, but it is shown
        sides = (("before", BEFORE, found.before), ("after", AFTER, found.after))
        self._more |= {(place, side): more for _, side, more in sides if more}
        added = {word: more for word, _, more in sides if more}
        changed = f"The cell {name or cell.id} was changed; the original was run"
        if self._aligned.get(place) == numbers[-1]:
            return cell.source  # a field to be filled in, as old notebooks have: nothing had to be put right
        if added:
            changed += f", and {' and '.join(added)} it what was added"
            self.repairs.append(Repair(f"{changed} ({_in_short(added.values())}).", f"{changed}."))
        else:
            self._report(f"{changed}.")
        return cell.source

    def _look_elsewhere(self, place: int, names: list[str], what: str) -> None:
        """Let an answer count that stands in another cell. If that is below its test, it runs here, too.

        Where no other cell defines one of its ``names``, the stub stays.
        """
        cell = self._cells[place]
        tests = (later for later in range(place, len(self._cells)) if _is_test(self._cells[later]))
        test: Position = (next(tests, len(self._cells)), IN)
        found: dict[str, None] = {}
        moved: dict[str, None] = {}
        for name in names:
            others = [
                (position, text)
                for position, text in self._texts()
                if position != (place, IN) and text.strip() not in self._untouched and name in all_defined_names(text)
            ]
            if others:
                found[name] = None
                if not any(position < test for position, _ in others):
                    _, last = sorted(others, key=lambda other: other[0])[-1]
                    moved[last] = None
        own = cell.metadata.nbgrader.grade_id
        if not found:
            if what == "is missing":
                self._report(f"The cell {own} is missing; it counts as not implemented.")
            return
        self._answered = True
        kept = [cell.source] if what == "holds something else" else []
        cell.source = "\n\n".join([*kept, *moved]) or ELSEWHERE
        counts = "counts" if len(found) == 1 else "count"
        self._report(f"The cell {own} {what}; {' and '.join(found)} in another cell {counts}.")

    def _texts(self) -> Iterator[tuple[Position, str]]:
        """All that students may have written code into, and where it runs."""
        yield from self._more.items()
        for place, cell in enumerate(self._cells):
            if is_solution(cell) and cell.cell_type == "code":
                yield (place, IN), cell.source
        for number, after in self._added():
            if self._submitted[number].is_code:
                yield (after, AFTER), self._submitted[number].text

    def _added(self) -> Iterator[tuple[int, int]]:
        """Numbers of the student's own cells, and for each the place of the cell that it follows."""
        place = START
        for number, cell in enumerate(self._submitted):
            if number in self._places:
                place = self._places[number]
            elif number not in self._dropped and cell.text.strip() not in {"", *self._untouched}:
                yield number, place

    def _added_cells(self) -> dict[Position, list[NotebookNode]]:
        """What the student added, by where it runs."""
        names = {BEFORE: "before", AFTER: "more"}
        added = {
            (place, side): [new_code_cell(text, id=f"{names[side]}-{place}")]
            for (place, side), text in self._more.items()
        }
        for number, place in self._added():
            added.setdefault((place, AFTER), []).append(self._added_cell(self._submitted[number], f"added-{number}"))
        return added

    def _added_cell(self, cell: SubmittedCell, name: str) -> NotebookNode:
        if cell.is_code:
            return new_code_cell(cell.text, id=name)
        text, attachments = self._cleaned(cell)
        return new_markdown_cell(text, id=name, **({"attachments": attachments} if attachments else {}))

    def _cleaned(self, cell: SubmittedCell) -> tuple[str, dict[str, dict[str, str]]]:
        """A student's text without anything alive, and the pictures in it."""
        return with_pictures(cell.text, cell.attachments, self._cleaned_text, self._pictures)

    def _cleaned_text(self, markdown: str) -> str:
        left, self._markdown_left = self._markdown_left, max(self._markdown_left - len(markdown), 0)
        return clean_markdown(markdown, at_most=left)


def _is_test(cell: NotebookNode) -> bool:
    return bool(is_grade(cell) and not is_solution(cell))


def _in_short(texts: Iterable[str]) -> str:
    """What a student added, in a form that can do no harm anywhere."""
    text = "\n".join(texts)
    names, lines = sorted(all_defined_names(text)), [line for line in text.splitlines() if line.strip()]
    if not names and len(lines) > 1:
        return f"{len(lines)} lines"
    return re.sub(r"[^\w .()+=,'\"-]", "?", ", ".join(names) or lines[0].strip())[:80]
