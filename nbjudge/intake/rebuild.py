"""Builds the notebook that is graded: the instructor's cells, with the text of the student's in its places."""

import os
import re
import shutil
from collections import deque
from dataclasses import replace
from pathlib import Path
from typing import Any

from nbconvert.exporters import NotebookExporter
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from nbgrader.api import Gradebook
from nbgrader.preprocessors import NbGraderPreprocessor

from nbjudge.course import notebooks
from nbjudge.course.course import directory_of, source_of
from nbjudge.course.graded import UNFINISHED, is_unfinished
from nbjudge.intake import submission_folder
from nbjudge.intake.reading import RefusedError, SubmittedCell, read_cells
from nbjudge.pages.clean import clean_markdown
from nbjudge.sandbox.step import UNGRADED

CLASS, FUNCTION = (re.compile(rf"^{word}[ \t]+(\w+)", re.MULTILINE) for word in ("class", "def"))
"""Lines, and no parsed code: the cell may be unfinished, or so large that a parser takes all memory."""
MAX_MARKDOWN = 100_000
"""Characters in all text cells of a notebook that are rendered; further ones show as they were written."""

UNSAFE = re.compile(r'[<>"&*?\[\]]')
UNSAFE_ID = "a student's id can't hold < > \" & * ? [ ]. Rename the folder."
"""formgrader would put the first of these into its pages as they are, and nbgrader looks for files by the others."""


class SubmissionExporter(NotebookExporter):
    """Reads submissions by our own rules; else nbgrader would stop at a file that isn't as it should be."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        converter: Any = self.parent  # nbgrader's, which is about to start
        for submitted in list(getattr(converter, "assignments", {})):
            student, assignment = Path(submitted).parent.name, Path(submitted).name
            if UNSAFE.search(student):
                self.log.error("%r isn't graded: %s", student, UNSAFE_ID)
                del converter.assignments[submitted]
                continue
            course = converter.coursedir
            graded = Path(course.format_path(course.autograded_directory, student, assignment))
            is_left = graded.is_dir() and is_unfinished(graded)
            if is_left and not submission_folder.is_being_graded(Path(submitted)):
                self.log.warning("%s: an earlier grading was interrupted; it starts anew.", student)
                shutil.rmtree(graded)

    def from_filename(self, filename: str, resources: Any = None, **kwargs: Any) -> tuple[Any, Any]:
        if not any(isinstance(each, Intake) for each in self._preprocessors):
            return super().from_filename(filename, resources, **kwargs)  # it comes from our own hands
        path, said = Path(filename), list(submission_folder.notes.get(os.path.dirname(filename), []))
        notebook = new_notebook()
        try:
            notebook["submitted"] = read_cells(path)
        except RefusedError as error:
            notebook["submitted"] = []
            notebook.metadata["intake"] = {"refused": str(error)}
        notebook.metadata.setdefault("intake", {})["repaired"] = said
        resources["metadata"] = {"name": path.stem, "path": str(path.parent)}
        return self.from_notebook_node(notebook, resources, **kwargs)


class Intake(NbGraderPreprocessor):
    """Replaces what was read by a notebook that is built afresh."""

    def preprocess(self, nb: NotebookNode, resources: dict[str, Any]) -> tuple[NotebookNode, dict[str, Any]]:
        course, about = directory_of(self), resources["nbgrader"]
        path = source_of(course, about)
        source = notebooks.read_again(path)
        stored = _stored(about)
        for grade_id, cell in notebooks.graded_cells(source).items():
            if cell.metadata.nbgrader.locked and stored.get(grade_id, cell.source) != cell.source:
                destination = course.format_path(course.autograded_directory, about["student"], about["assignment"])
                shutil.rmtree(destination, ignore_errors=True)
                raise SystemExit(
                    f"Nothing was graded: {grade_id} in {path} has changed since the students' version was made; "
                    f"run course release {about['assignment']} first."
                )
        report = nb.metadata.intake
        made = Rebuilt(source, nb["submitted"], stored)
        if "refused" not in report:
            report["repaired"] = list(dict.fromkeys([*report["repaired"], *made.repaired]))
        for sentence in [*report["repaired"], *([report["refused"]] if "refused" in report else [])]:
            self.log.warning("%s: %s", about["student"], sentence)
        if report["repaired"] or "refused" in report:
            made.notebook.metadata["intake"] = report
            made.notebook.cells.insert(0, _notice(report))
        made.notebook.metadata[UNFINISHED] = True
        return made.notebook, resources


def _stored(about: dict[str, str]) -> dict[str, str]:
    """The text of each graded cell when the students' version was made: with hidden tests, without solutions."""
    with Gradebook(about["db_url"]) as gradebook:
        cells = gradebook.find_notebook(about["notebook"], about["assignment"]).source_cells
        return {cell.name: cell.source for cell in cells}


def _notice(report: dict[str, Any]) -> NotebookNode:
    if "refused" in report:
        sentences = [f"**This submission could not be graded.** {report['refused']}", *report["repaired"]]
    else:
        sentences = ["**Repaired before grading:**", *(f"- {each}" for each in report["repaired"])]
    return new_markdown_cell("\n\n".join(sentences), id="intake")


class Rebuilt:
    """One submission, built afresh.

    Attributes
    ----------
    notebook : the instructor's cells in their order, with the student's text, and the cells that were added
    repaired : one sentence for each thing that wasn't as it should be
    """

    def __init__(self, source: NotebookNode, submitted: list[SubmittedCell], stubs: dict[str, str]) -> None:
        self.repaired: list[str] = []
        self._submitted, self._stubs = self._whole(submitted), stubs
        self._markdown_left = MAX_MARKDOWN
        self._place: dict[int, int] = {}  # of a submitted cell in the source
        self._dropped: set[int] = set()
        self._more: dict[int, str] = {}  # lines that were added to a cell of the source
        texts = {place: self._text(place, cell) for place, cell in enumerate(source.cells)}
        places = [self._place[number] for number in sorted(self._place)]
        if places != sorted(places):
            self.repaired.append("Cells were in another order; they were run in the original one.")
        added = self._added()
        self.notebook = new_notebook(metadata={each: source.metadata[each] for each in source.metadata})
        self.notebook.cells += added.get(-1, [])
        for place, cell in enumerate(source.cells):
            cell.source = texts[place]
            if cell.cell_type == "code":
                cell.outputs, cell.execution_count = [], None
            self.notebook.cells += [cell, *added.get(place, [])]

    def _whole(self, submitted: list[SubmittedCell]) -> list[SubmittedCell]:
        """The submitted cells; the halves of one that was split are joined. JupyterLab gives both the same mark."""
        cells: list[SubmittedCell] = []
        for cell in submitted:
            before = cells[-1] if cells else None
            same = before and cell.is_code and cell.grade_id and cell.grade_id == before.grade_id
            if before and same and cell.text[:1] in (" ", "\t"):
                cells[-1] = replace(cell, text=f"{before.text}\n\n{cell.text}")
                self.repaired.append(f"The cell {cell.grade_id} had been split; its parts were joined.")
            else:
                cells.append(cell)
        return cells

    def _text(self, place: int, cell: NotebookNode) -> str:
        """The text that a cell of the source gets, which is the student's where the student was to write."""
        about = cell.metadata.get("nbgrader", {})
        name = about.get("grade_id", "")
        numbers = [n for n, each in enumerate(self._submitted) if name and each.grade_id == name]
        if not (about.get("solution") or about.get("task")):
            self._instructors(place, cell, numbers)
            return cell.source
        stub = self._stubs.get(name, "")
        worked_on = [n for n in numbers if self._submitted[n].text.strip() != stub.strip()]
        if len(numbers) > 1:
            self.repaired.append(f"The cell {name} was there {len(numbers)} times; the last one with an answer counts.")
            self._dropped |= set(numbers) - set(worked_on)
        if not numbers:
            numbers = self._recognised(cell)
            if not numbers:
                self.repaired.append(f"The cell {name} is missing; it counts as not implemented.")
                return stub
            self.repaired.append(f"The cell {name} had lost its mark; it was recognised by what it holds.")
        number = (worked_on or numbers)[-1]
        self._dropped.discard(number)
        self._place[number] = place
        answer = self._submitted[number]
        if answer.is_code != (cell.cell_type == "code"):
            self.repaired.append(
                f"The cell {name} had become a cell of another kind; its text was taken as it was meant."
            )
        return answer.text if cell.cell_type == "code" or answer.text == stub else self._cleaned(answer.text)

    def _cleaned(self, markdown: str) -> str:
        left, self._markdown_left = self._markdown_left, max(self._markdown_left - len(markdown), 0)
        return clean_markdown(markdown, at_most=left)

    def _recognised(self, cell: NotebookNode) -> list[int]:
        """Submitted cells with the same id; else the one that defines the same names, if it is the only one."""
        free = [(n, each) for n, each in enumerate(self._submitted) if n not in self._place and not each.grade_id]
        same = [n for n, each in free if each.id == cell.id]
        names = _defined(cell.source)
        alike = [n for n, each in free if names and _defined(each.text) == names]
        return same or (alike if len(alike) == 1 else [])

    def _instructors(self, place: int, cell: NotebookNode, numbers: list[int]) -> None:
        """Find the student's copy of a cell that only the instructor writes, and say if it was changed."""
        shown = notebooks.HIDDEN.sub("", cell.source).strip()
        free = [n for n in range(len(self._submitted)) if n not in self._place]
        numbers = (
            numbers
            or [n for n in free if self._submitted[n].id == cell.id]
            or [n for n in free if self._submitted[n].text.strip() == shown][:1]
        )
        name = cell.metadata.get("nbgrader", {}).get("grade_id", "")
        if numbers:
            self._place[numbers[-1]] = place
            self._dropped |= set(numbers[:-1])
            text = self._submitted[numbers[-1]].text.strip()
            if text != shown and cell.cell_type == "code" and UNGRADED not in cell.metadata.get("tags", []):
                more = "" if name else _more(text, shown)
                self._more |= {place: more} if more else {}
                then = (
                    "the original was run, and after it the lines that were added" if more else "the original was run"
                )
                self.repaired.append(f"The cell {name or cell.id} was changed; {then}.")
        elif name:
            self.repaired.append(f"The cell {name} was missing; it was put back.")

    def _added(self) -> dict[int, list[NotebookNode]]:
        """The student's own cells, by the place of the cell that they follow."""
        found = {place: [new_code_cell(text, id=f"more-{place}")] for place, text in self._more.items()}
        place = -1
        for number, cell in enumerate(self._submitted):
            if number in self._place:
                place = self._place[number]
            elif number not in self._dropped and cell.text.strip():
                name = f"added-{number}"
                if cell.is_code:
                    made = new_code_cell(cell.text, id=name)
                else:
                    made = new_markdown_cell(self._cleaned(cell.text), id=name)
                found.setdefault(place, []).append(made)
        return found


def _more(text: str, shown: str) -> str:
    """The lines of ``text`` beyond those of ``shown``, such as an import; "" if these aren't all there in order."""
    expected, more = deque(shown.splitlines()), []
    for line in text.splitlines():
        if expected and line.rstrip() == expected[0].rstrip():
            expected.popleft()
        else:
            more.append(line)
    return "" if expected else "\n".join(more).strip("\n")


def _defined(text: str) -> list[str]:
    """Names of the classes that a cell defines; of its functions, if it defines no class."""
    return CLASS.findall(text) or FUNCTION.findall(text)
