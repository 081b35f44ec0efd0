"""A sample class for an exercise that has none of its own: made from its solution, its stubs and its misconceptions."""

from collections.abc import Iterator

from nbgrader.utils import is_solution

from nbjudge.authoring.exercise import Exercise
from nbjudge.authoring.sample_class import SampleClass, Student, without_delimiters
from nbjudge.course import regions
from nbjudge.course.notebooks import graded_cells
from nbjudge.judging.misconception import catalogue

NAMES = ("amira", "ben", "carla", "deniz", "emil", "fatma", "goran", "hanna")
"""In the order of the alphabet, which is that of the table."""


def of(exercise: Exercise) -> SampleClass:
    """Everything right, nothing done, half done, an answer that breaks in two ways, and a few known mistakes.

    Raises
    ------
    CourseError
        If the notebook or the misconceptions can't be read.
    """
    cells = graded_cells(exercise.read_notebook(exercise.source_notebook))
    solutions = {name: cell.source for name, cell in cells.items() if is_solution(cell) and cell.cell_type == "code"}
    answers = [answer for text in solutions.values() if (answer := _answer(text, exercise))]
    students = [Student("", "everything right"), Student("", "the untouched release", blank=True)]
    if len(answers) > 1:
        students.append(Student("", "the first answer only", {text: _stub(text, exercise) for text in answers[1:]}))
    if answers:
        first, indent = answers[0], _indent(answers[0])
        students.append(Student("", "a syntax error in the first answer", {first: f"{indent}("}))
        students.append(Student("", "an error in the first answer", {first: f"{indent}1 / 0"}))
    mistaken = list(_mistaken(exercise, solutions))
    students = [
        Student(name, student.what, student.replaced, student.blank)
        for name, student in zip(NAMES, [*students, *mistaken], strict=False)
    ]
    shown = len(students) - len(mistaken) if 0 < len(mistaken) <= len(NAMES) - 5 else -1
    return SampleClass(exercise.assignment, students, students[shown].name)


def _answer(text: str, exercise: Exercise) -> str:
    """The lines of the first solution in a cell; all of them, if the whole cell is one."""
    _, found = regions.split(text, exercise.delimiters, exercise.stub)
    solutions = ["\n".join(region.lines) for region in found if region.what == "solution"]
    return next(iter(solutions), text)


def _stub(answer: str, exercise: Exercise) -> str:
    return "\n".join(f"{_indent(answer)}{line}" for line in exercise.stub.split("\n"))


def _indent(text: str) -> str:
    line = next((line for line in text.split("\n") if line.strip()), "")
    return line[: len(line) - len(line.lstrip())]


def _mistaken(exercise: Exercise, solutions: dict[str, str]) -> Iterator[Student]:
    """The first misconception of each task."""
    seen = set()
    for known in catalogue(exercise.course.misconceptions(exercise.assignment)):
        if known.test not in seen and not known.fragile:
            seen.add(known.test)
            changed = known.applied_to(solutions).items()
            replaced = {without_delimiters(solutions[name]): without_delimiters(text) for name, text in changed}
            yield Student("", f"a known mistake in {known.test}", replaced)
