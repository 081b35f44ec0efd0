"""A sample class for an exercise that has none of its own: made from its solution, its stubs and its misconceptions."""

from collections.abc import Iterator

from nbgrader.utils import is_solution

from nbjudge.authoring.exercise import Exercise
from nbjudge.authoring.sample_class import SampleClass, Student, without_delimiters
from nbjudge.course.delimiters import split
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
    first, *others = solutions.values() or [""]
    students = [Student("", "everything right"), Student("", "the untouched release", blank=True)]
    if others:
        undone: dict[str, str] = {}
        for text in others:
            undone |= _with_answer(text, exercise.stub.code, exercise)
        students.append(Student("", "the first answer only", undone))
    if first:
        students.append(Student("", "a syntax error in the first answer", _with_answer(first, "(", exercise)))
        students.append(Student("", "an error in the first answer", _with_answer(first, "1 / 0", exercise)))
    mistaken = list(_mistaken(exercise, solutions, set(cells)))
    students = [
        Student(name, student.what, student.replaced, student.blank)
        for name, student in zip(NAMES, [*students, *mistaken], strict=False)
    ]
    shown = len(students) - len(mistaken) if 0 < len(mistaken) <= len(NAMES) - 5 else -1
    return SampleClass(exercise.assignment, students, students[shown].name)


def _with_answer(text: str, answer: str, exercise: Exercise) -> dict[str, str]:
    """A solution cell, and the same with another answer in the place of what students don't get."""
    changed, found = split(text, exercise.delimiters, answer)
    return {without_delimiters(text): changed if found else answer}


def _mistaken(exercise: Exercise, solutions: dict[str, str], tests: set[str]) -> Iterator[Student]:
    """The first misconception of each task of this notebook."""
    seen: set[str] = set()
    for known in catalogue(exercise.course.misconceptions(exercise.assignment)):
        if known.test in tests - seen and not known.fragile:
            seen.add(known.test)
            changed = known.applied_to(solutions).items()
            replaced = {without_delimiters(solutions[name]): without_delimiters(text) for name, text in changed}
            yield Student("", f"a known mistake in {known.test}", replaced)
