"""Many submissions to ex04: the sample class over and over, no two alike, with some that are damaged."""

import copy
import random
import runpy
from pathlib import Path

from nbjudge.authoring import sample_class
from nbjudge.course.notebooks import graded_cells, read, write

STUDENTS = runpy.run_path(str(Path(__file__).parents[1] / "sample_class/ex04.py"))["STUDENTS"]
EVERY = 20
"""One submission of this many is damaged."""


def hand_in(count: int, source: Path, release: Path, submitted: Path) -> list[str]:
    """Write ``count`` submissions to ``submitted/<student>/<assignment>/`` and return the students."""
    random.seed(4)
    folder = submitted.with_name("patterns")
    sample_class.hand_in(STUDENTS, source, release, folder.joinpath)
    patterns = [read(path) for path in sorted(folder.rglob("*.ipynb"))]
    students = [f"student{number:05}" for number in range(count)]
    for number, student in enumerate(students):
        notebook = copy.deepcopy(patterns[number % len(patterns)])
        for cell in graded_cells(notebook).values():
            if cell.metadata.nbgrader.solution:
                cell.source += f"\n\n# {student}, after {random.randrange(1, 99)} tries"
        path = submitted / student / release.parent.name / release.name
        if number % EVERY == 7:
            del notebook.cells[next(i for i, cell in enumerate(notebook.cells) if cell.get("id") == "test-sigmoid")]
        write(notebook, path)
        if number % EVERY == 17:
            path.write_bytes(path.read_bytes()[: random.randrange(1000, 20000)])
    return students
