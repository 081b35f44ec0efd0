"""A class whose mistakes the catalogue of ex04 doesn't name, because ten entries were taken out of it."""

import shutil
from collections import Counter
from pathlib import Path

from nbjudge.course.notebooks import graded_cells, read, write
from nbjudge.judging.misconception import Misconception, catalogue
from tests.support import ROOT, SOURCE, measured
from tests.support.classes import run

CATALOGUE = [way for way in catalogue(ROOT / "misconceptions/ex04/__init__.py") if not way.fragile]
ALONE = {sentence for sentence, times in Counter(way.sentence for way in CATALOGUE).items() if times == 1}

SIZES = {
    # test: the first student and the number of those who share a mistake, for each of the mistakes
    "test_bce_forward": [(0, 6), (6, 4)],
    "test_bce_backward": [(1, 5), (6, 3)],
    "test_sigmoid": [(0, 6)],
    "test_classifier_forward": [(2, 5), (7, 3)],
    "test_classifier_backward": [(10, 4)],
    "test_optimizer_step": [(3, 4)],
    "test_solver_step": [(4, 3)],
}
STUDENTS = [f"student{number:02}" for number in range(16)]
RIGHT, NAMED = STUDENTS[-1], STUDENTS[-2]

HIDDEN = """
from . import bce, classifier, optimizer, sigmoid, solver

GONE = {gone!r}
CATALOGUE = [
    way
    for part in (bce.FORWARD, bce.BACKWARD, sigmoid.SIGMOID, classifier.FORWARD, classifier.BACKWARD)
    for way in part
    if way.sentence not in GONE
]
CATALOGUE += [way for part in (optimizer.STEP, solver.STEP) for way in part if way.sentence not in GONE]
"""


def missing() -> list[tuple[Misconception, range]]:
    """Ten entries, and who makes each mistake."""
    found = []
    for test, sizes in SIZES.items():
        ways = (way for way in CATALOGUE if way.test == test and way.sentence in ALONE)
        found += [(way, range(first, first + size)) for way, (first, size) in zip(ways, sizes, strict=False)]
    return found


def make(course: Path) -> Path:
    """The course, with a class that has handed in. Ten entries of its catalogue are missing."""
    shutil.copytree(SOURCE.parent, course / "source/ex04")
    shutil.copytree(ROOT / "misconceptions/ex04", course / "misconceptions/ex04")
    (course / "misconceptions/ex04/__init__.py").write_text(HIDDEN.format(gone={way.sentence for way, _ in missing()}))
    run("nbgrader", "generate_assignment", "ex04", course=course)
    measured.put(course)
    wrong: dict[str, list[Misconception]] = {student: [] for student in STUDENTS}
    for way, members in missing():
        for member in members:
            wrong[STUDENTS[member]].append(way)
    gone = {way.sentence for way, _ in missing()}
    wrong[NAMED] = [next(way for way in CATALOGUE if way.test == test and way.sentence not in gone) for test in SIZES]
    for student, ways in wrong.items():
        hand_in(course, student, ways)
    return course


def hand_in(course: Path, student: str, ways: list[Misconception]) -> None:
    """The solution with these mistakes in it, as a student's text."""
    notebook = read(SOURCE)
    cells = graded_cells(notebook)
    for way in ways:
        solutions = {name: cell.source for name, cell in cells.items() if cell.metadata.nbgrader.solution}
        for name, text in way.applied_to(solutions).items():
            cells[name].source = text
    for cell in cells.values():
        if cell.metadata.nbgrader.solution:
            cell.source = "\n".join(line for line in cell.source.split("\n") if "SOLUTION" not in line)
    write(notebook, course / "submitted" / student / "ex04" / SOURCE.name)
