"""A student's method as it stands in the graded notebook, beside the one of the solution."""

import textwrap
from dataclasses import dataclass
from difflib import SequenceMatcher

from nbjudge.course import notebooks
from nbjudge.course.cells import is_solution
from nbjudge.course.course import Course
from nbjudge.course.delimiters import Delimiters, split
from nbjudge.course.graded import OWN, read_graded
from nbjudge.course.regions import delimiters_of
from nbjudge.judging.oracle import Answers
from nbjudge.pages.definition import definition_of

MOST, MOST_LINES = 50_000, 400
"""Characters of a cell that are looked at, and lines of a method that are compared with the solution's."""


@dataclass(frozen=True)
class Method:
    """A method, or all of a cell where the check names none.

    Attributes
    ----------
    name : such as "Classifier.forward"
    solution : its text in the source notebook, without the delimiters of regions
    answer : its text in a submission; "" if it isn't there
    region : of the answer, what stands in the place that was to be filled
    """

    name: str
    solution: str
    answer: str
    region: str


class Source:
    """The instructor's notebook, in which the methods of tests are looked up."""

    def __init__(self, course: Course, assignment: str, notebook: str, answers: Answers) -> None:
        self._course, self._assignment, self._notebook = course, assignment, notebook
        self._names = {test: name for test, (_, name) in answers.headings.items()}
        path = course.source(assignment) / f"{notebook}.ipynb"
        cells = notebooks.graded_cells(notebooks.read_again(path))
        self._delimiters = delimiters_of(course.config)
        self._solutions = {name: cell.source for name, cell in cells.items() if _is_answer(cell)}
        self._above: dict[str, str] = {}
        above = ""
        for name in cells:
            above = name if name in self._solutions else above
            self._above[name] = above

    @property
    def solutions(self) -> dict[str, str]:
        """Text of each solution cell, by ``grade_id``."""
        return self._solutions

    def method(self, test: str, student: str) -> Method:
        """The method that a test is about, in a student's submission and in the solution."""
        path = self._course.autograded(student, self._assignment) / f"{self._notebook}.ipynb"
        graded = read_graded(path)
        answers = {name: text[:MOST] for (_, name), text in graded.answers.items()} if graded else {}
        name = self._names.get(test, "")
        if not name:
            cell = self._above.get(test, "")
            return self._found(cell, self._solutions.get(cell, ""), answers.get(cell, ""))
        of_solution = [definition_of(text, name) for text in self._solutions.values()]
        own = [answers.get(OWN, ""), *(text for cell, text in answers.items() if cell != OWN)][::-1]  # the last counts
        of_student = [definition_of(text, name) for text in own]
        solution, answer = (next((one.text for one in found if one), "") for found in (of_solution, of_student))
        return self._found(name, solution, answer)

    def _found(self, name: str, solution: str, answer: str) -> Method:
        marks = [mark for pair in self._delimiters for mark in (pair.begin, pair.end)]
        lines = [line for line in solution.split("\n") if not any(mark in line for mark in marks)]
        return Method(name, "\n".join(lines), answer, _region(solution, answer, self._delimiters))


def _is_answer(cell: notebooks.NotebookNode) -> bool:
    return is_solution(cell) and cell.cell_type == "code"


def _region(solution: str, answer: str, delimiters: list[Delimiters]) -> str:
    """Of an answer, from the first line to the last that students weren't given; all of it, if that is not to be found.

    What they were given is the solution without its regions.
    """
    given, lines = split(solution, delimiters, "")[0].split("\n"), answer.split("\n")
    if len(lines) > MOST_LINES:
        return textwrap.dedent(answer)
    matcher = SequenceMatcher(None, given, lines, autojunk=False)
    own = [
        place for kind, _, _, first, last in matcher.get_opcodes() if kind != "equal" for place in range(first, last)
    ]
    own = [place for place in own if lines[place].strip()]
    if not own or not any(line.strip() for line in given):
        return textwrap.dedent(answer).strip("\n")
    return textwrap.dedent("\n".join(lines[own[0] : own[-1] + 1]))
