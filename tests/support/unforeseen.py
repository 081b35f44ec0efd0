"""A class whose mistakes the catalogue of ex04 doesn't name, because some entries were taken out of it."""

import shutil
from collections import Counter
from functools import partial
from pathlib import Path

from nbjudge.course.notebooks import graded_cells, read, write
from nbjudge.judging.misconception import Misconception, catalogue
from tests.support import ROOT, SOURCE, classes, measured

command, run = partial(classes.command, limits=()), partial(classes.run, limits=())
"""Nobody in this class has an endless loop, so no cell needs a short limit."""
ALL = catalogue(ROOT / "misconceptions/ex04/__init__.py")
CATALOGUE = [way for way in ALL if not way.fragile]
FRAGILE = next(way for way in ALL if way.fragile and way.test == "test_bce_backward")
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
STUDENTS = [f"student{number:02}" for number in range(18)]
NAMED, RIGHT, NEARLY, ODD = STUDENTS[-4:]
"""Who makes a known mistake in each task, who makes none, who is right enough, and who makes mistakes of their own."""
PLANTED = Path("/tmp/planted-by-a-student-of-mistakes")
"""What code of a student's would make where it isn't confined."""
OWN = {
    "test_sigmoid": {
        "e = np.exp(-np.abs(x))": (
            f"try:\n    open({str(PLANTED)!r}, 'w').close()\nexcept OSError:\n    pass\nflat = np.ravel(x)"
        ),
        "out = np.where(np.asarray(x) >= 0, 1 / (1 + e), e / (1 + e))": (
            "out = np.sin(flat).reshape(np.shape(x))  # \x1b[2J\u202eADA"
        ),
    },
    "test_optimizer_step": {"weight = weight - self.lr * dw": "raise NotImplementedError"},
    "test_solver_step": {"opt.step(grad)": "raise KeyError(grad)"},
}

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


GONE = {*(way.sentence for way, _ in missing()), FRAGILE.sentence}


def hide(course: Path, sentences: set[str]) -> None:
    """Take the entries with these sentences out of the course's catalogue, and put all others back."""
    (course / "misconceptions/ex04/__init__.py").write_text(HIDDEN.format(gone=sentences))


def make(course: Path) -> Path:
    """The course, with a class that has handed in. Ten entries of its catalogue are missing."""
    shutil.copytree(SOURCE.parent, course / "source/ex04")
    shutil.copytree(ROOT / "misconceptions/ex04", course / "misconceptions/ex04")
    hide(course, GONE)
    run("nbgrader", "generate_assignment", "ex04", course=course)
    measured.put(course)
    wrong: dict[str, list[Misconception]] = {student: [] for student in STUDENTS}
    for way, members in missing():
        for member in members:
            wrong[STUDENTS[member]].append(way)
    wrong[NAMED] = [next(way for way in CATALOGUE if way.test == test and way.sentence not in GONE) for test in SIZES]
    wrong[NEARLY] = [FRAGILE]
    wrong[ODD] = [Misconception(test, "", replaced) for test, replaced in OWN.items()]
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
