"""A course whose notebook is short, so that it runs in no time, and nbgrader's commands on it."""

import os
import subprocess
import sys
from pathlib import Path

from nbjudge.course.notebooks import read, write
from tests.support import ROOT, commands, measured

NAME = "1_simple_classifier.ipynb"

# the set-up cell of the notebook, without the libraries that no task needs: a kernel starts four times as fast
SETUP = "import numpy as np\n\nfrom exercise_code import BaseOptimizer, BaseSolver, Loss, Network, checks"


def make(folder: Path) -> None:
    """A course in ``folder`` with its release. Its notebook has the set-up and the graded cells only."""
    notebook = read(ROOT / "source/ex04" / NAME)
    graded = [cell for cell in notebook.cells if "nbgrader" in cell.metadata]
    setup = next(cell for cell in notebook.cells if cell.cell_type == "code")
    setup.source = SETUP
    notebook.cells = [setup, *graded]
    write(notebook, folder / "source/ex04" / NAME)
    made = nbgrader(folder, "generate_assignment")
    assert made.returncode == 0, made.stderr
    measured.put(folder)


def nbgrader(course: Path, command: str, *options: str) -> subprocess.CompletedProcess:
    """Run an nbgrader command on ex04; unlike the fixture of that name it may fail."""
    words = [sys.executable, "-m", "nbgrader", command, "ex04", *options, f"--CourseDirectory.root={course}"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}  # kernels start in other folders
    return commands.run(words, ROOT, environment)
