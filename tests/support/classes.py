"""A small class with one of each kind, and what its grading left behind. For the tests of `course autograde`."""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook
from sqlalchemy import text

from nbjudge.course.notebooks import graded_cells, read, write
from tests.support import ROOT, SOURCE, commands, measured
from tests.support.sample import hand_in

STUDENTS = ["amira", "ben", "deniz", "mehmet", "kofi"]

# worked out by hand from what each student hands in: points of tasks 1 to 7
EXPECTED = {
    "amira": [3, 3, 2, 3, 4, 2, 3],
    "ben": [0, 0, 0, 0, 0, 0, 0],
    "carla": [3, 3, 2, 0, 0, 0, 0],
    "deniz": [0, 3, 2, 3, 4, 2, 3],
    "emil": [3, 0, 2, 3, 4, 2, 3],
    "fatma": [3, 3, 0, 3, 4, 2, 3],
    "goran": [3, 3, 2, 0, 4, 2, 3],
    "hanna": [3, 3, 2, 3, 0, 2, 3],
    "ivan": [3, 3, 2, 3, 4, 0, 3],
    "jana": [3, 3, 2, 3, 4, 2, 0],
    "kofi": [3, 3, 2, 0, 4, 2, 3],
    "lea": [3, 3, 2, 3, 4, 2, 3],
    "mehmet": [0, 3, 2, 3, 4, 2, 0],
}

QUICK = ("--SandboxedExecute.cell_seconds=4",)
"""For the class with an endless loop. It is the solution's limit, too, which a busy machine may reach."""

ROWS = {
    "students": "SELECT id FROM student ORDER BY id",
    "submissions": "SELECT student_id, timestamp FROM submitted_assignment ORDER BY student_id",
    "grades": """
        SELECT submitted_assignment.student_id, base_cell.name, auto_score, manual_score, needs_manual_grade
        FROM grade JOIN submitted_notebook ON grade.notebook_id = submitted_notebook.id
        JOIN submitted_assignment ON submitted_notebook.assignment_id = submitted_assignment.id
        JOIN base_cell ON grade.cell_id = base_cell.id ORDER BY 1, 2""",
    "comments": """
        SELECT submitted_assignment.student_id, base_cell.name, auto_comment, manual_comment
        FROM comment JOIN submitted_notebook ON comment.notebook_id = submitted_notebook.id
        JOIN submitted_assignment ON submitted_notebook.assignment_id = submitted_assignment.id
        JOIN base_cell ON comment.cell_id = base_cell.id ORDER BY 1, 2""",
    "notebooks": """
        SELECT submitted_assignment.student_id, late_submission_penalty
        FROM submitted_notebook JOIN submitted_assignment ON submitted_notebook.assignment_id = submitted_assignment.id
        ORDER BY 1""",
}


def rows(db_url: str) -> dict[str, list[tuple]]:
    """All that a grading writes into the gradebook, without the ids that nbgrader draws by chance."""
    with Gradebook(db_url) as gradebook:
        found = {name: [tuple(row) for row in gradebook.db.execute(text(query))] for name, query in ROWS.items()}
    found["submissions"] = [(student, str(when)[:19]) for student, when in found["submissions"]]  # SQLite has no dates
    return found


def files(course: Path) -> dict[str, bytes]:
    """All graded files, with their contents."""
    folder = course / "autograded"
    return {str(each.relative_to(folder)): each.read_bytes() for each in sorted(folder.rglob("*")) if each.is_file()}


def csv(course: Path, *options: str) -> bytes:
    run("nbgrader", "export", f"--to={course / 'grades.csv'}", *options, course=course)
    return (course / "grades.csv").read_bytes()


def command(program: str, *arguments: str, course: Path, limits: Sequence[str] = QUICK) -> list[str]:
    module = {"course": "nbjudge", "nbgrader": "nbgrader"}[program]
    root = [f"--CourseDirectory.root={course}"]
    if program == "course":
        root = [*root, *limits] if "--" in arguments else ["--", *root, *limits]
    elif arguments[0] == "autograde":
        root += limits
    return [sys.executable, "-m", module, *arguments, *root]


def run(
    program: str,
    *arguments: str,
    course: Path,
    code: int = 0,
    environment: dict[str, str] | None = None,
    limits: Sequence[str] = QUICK,
) -> subprocess.CompletedProcess:
    """Run a command on the course in a folder, with this project's configuration."""
    words = command(program, *arguments, course=course, limits=limits)
    done = commands.run(words, ROOT, {**os.environ, **(environment or {})})
    assert done.returncode == code, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done


def make(course: Path, *options: str) -> Path:
    """A course with a class that has handed in: right, wrong, half-done, damaged, endless and deadly."""
    shutil.copytree(SOURCE.parent, course / "source/ex04")
    run("nbgrader", "generate_assignment", "ex04", *options, course=course)
    measured.put(course)
    release = course / "release/ex04" / SOURCE.name
    hand_in(SOURCE, release, course / "sample")
    for student in STUDENTS:
        shutil.copytree(course / "sample" / student, course / "submitted" / student)
    right = read(course / "submitted/amira/ex04" / SOURCE.name)

    def submit(student: str, change: Any) -> None:
        notebook = read(course / "submitted/amira/ex04" / SOURCE.name)
        change(notebook)
        write(notebook, course / "submitted" / student / "ex04" / SOURCE.name)

    def without_test(notebook: Any) -> None:
        notebook.cells = [each for each in notebook.cells if each.get("id") != "test-sigmoid"]

    def endless(notebook: Any) -> None:
        graded_cells(notebook)["optimizer"].source += "\nwhile True: pass"

    def deadly(notebook: Any) -> None:
        graded_cells(notebook)["bce"].source += "\nimport os; os._exit(1)"

    submit("deleted", without_test)
    submit("endless", endless)
    submit("deadly", deadly)
    (course / "submitted/half/ex04").mkdir(parents=True)
    half = (course / "submitted/amira/ex04" / SOURCE.name).read_bytes()[:5000]
    (course / "submitted/half/ex04" / SOURCE.name).write_bytes(half)
    write(right, course / "submitted/late/ex04" / SOURCE.name)
    (course / "submitted/late/ex04/timestamp.txt").write_text("2026-11-20 10:00:00 UTC")
    (course / "submitted/link/ex04").mkdir(parents=True)
    write(right, course / "submitted/link/ex04/1_simple_classifier (1).ipynb")
    (course / "submitted/link/ex04/data").symlink_to("/etc")
    shutil.rmtree(course / "sample")
    return course
