"""A class that nobody has to teach: submissions that are the reference solution with some of its lines replaced."""

import runpy
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from nbformat import NotebookNode

from nbjudge.course.course import Course
from nbjudge.course.errors import CourseError
from nbjudge.course.notebooks import graded_cells, read, write


@dataclass(frozen=True)
class Student:
    """One submission: the reference solution, with some of its lines replaced; or the untouched release."""

    name: str
    what: str
    replaced: dict[str, str] = field(default_factory=dict)
    blank: bool = False


@dataclass(frozen=True)
class SampleClass:
    """What the module of a sample class defines as ``STUDENTS`` and ``SHOWN``.

    Attributes
    ----------
    assignment : name of the module
    shown : the student whose feedback page is worth a look
    """

    assignment: str
    students: Sequence[Student]
    shown: str


def assignment_to_show(course: Course) -> str:
    """The exercise that is shown if none is named: the first that has a sample class, else the first of all, or ""."""
    names = [path.stem for path in sorted(course.sample_classes.glob("*.py"))] or course.assignments()
    return names[0] if names else ""


def load(course: Course, assignment: str) -> SampleClass | None:
    """The sample class that a course has for an exercise, if any."""
    module = course.sample_classes / f"{assignment}.py"
    if not module.is_file():
        return None
    names = runpy.run_path(str(module))
    return SampleClass(assignment, names["STUDENTS"], names["SHOWN"])


def hand_in(students: Sequence[Student], source: Path, release: Path, folder_of: Callable[[str], Path]) -> None:
    """Write the submission of each student.

    Parameters
    ----------
    source, release
        The instructor's notebook and the students' one, made from it.
    folder_of
        The folder for the submission of a student.

    Raises
    ------
    CourseError
        If the reference solution lacks a line that a student replaces.
    """
    for student in students:
        write(submission_of(student, source, release), folder_of(student.name) / release.name)


def submission_of(student: Student, source: Path, release: Path) -> NotebookNode:
    """What a student hands in. For parameters and errors, see ``hand_in``."""
    notebook = read(release)
    if student.blank:
        return notebook
    solutions, missing = graded_cells(read(source)), set(student.replaced)
    for grade_id, cell in graded_cells(notebook).items():
        if not cell.metadata.nbgrader.solution:
            continue
        text = without_delimiters(solutions[grade_id].source)
        for line, replacement in student.replaced.items():
            if line in text:
                missing.discard(line)
                text = text.replace(line, replacement)
        cell.source = text
    if missing:
        raise CourseError(f"the solution in {source} has no line {missing.pop()!r}, which {student.name} replaces.")
    return notebook


def without_delimiters(text: str) -> str:
    """A solution as students would write it. Delimiters of a course's own stay, as comments that do nothing."""
    return "\n".join(line for line in text.split("\n") if "SOLUTION" not in line)
