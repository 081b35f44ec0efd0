"""Submissions that want more time than they have: what they cost a class, with both commands, and their neighbours."""

import shutil
import sys
import threading
from itertools import pairwise
from pathlib import Path

import pytest
from nbformat.v4 import new_code_cell

from nbjudge.course.notebooks import graded_cells, read, write
from nbjudge.sandbox.channel import Result
from nbjudge.sandbox.limits import Limits
from nbjudge.sandbox.sandbox import Sandbox
from nbjudge.sandbox.step import execute
from tests.support import ROOT, commands, small_exercise
from tests.support.gradebooks import scores
from tests.support.limit_attacks import ENDLESS, HOARD, PILE, RENAMED

SECONDS, SLACK = 6, 10
"""Time of a notebook in this course, and what a hostile one may cost beyond."""
OPTIONS = [f"--SandboxedExecute.notebook_seconds={SECONDS}", "--SandboxedExecute.cell_seconds=3"]
OPTIONS += ["--SandboxedExecute.memory=800"]
HOSTILE = {**ENDLESS, "hoarding": [RENAMED.format(name=b"\xff") + HOARD]}
HONEST = ("aaron", "zoe")
"""Graded first, and last."""
COMMANDS = {
    "course": ("nbjudge", "autograde", "ex", "--jobs=1", "--"),
    "nbgrader": ("nbgrader", "autograde", "ex"),
}


def run(course: Path, *words: str) -> None:
    command = [sys.executable, "-m", *words, f"--CourseDirectory.root={course}"]
    done = commands.run(command, ROOT, timeout=580)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Traceback" not in done.stderr


@pytest.fixture(scope="module")
def submitted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A class in which most are hostile, between two who are honest. The hostile ones have solved nothing."""
    folder = tmp_path_factory.mktemp("course")
    source = small_exercise.doubling(folder / "source/ex/double.ipynb")
    run(folder, "nbgrader", "generate_assignment", "ex")
    for student, cells in {**dict.fromkeys(HONEST, ()), **HOSTILE}.items():
        notebook = read(source)
        if cells:
            graded_cells(notebook)["f"].source = "def f(x):\n    return 0"
        notebook.cells[:0] = [new_code_cell(text) for text in cells]
        write(notebook, folder / "submitted" / student / "ex" / source.name)
    return folder


@pytest.mark.parametrize("command", COMMANDS)
def test_each_costs_no_more_than_its_time(submitted: Path, tmp_path: Path, command: str) -> None:
    course = tmp_path / "course"
    shutil.copytree(submitted, course)
    run(course, *COMMANDS[command], *OPTIONS)
    points = {student: sum(own.values()) for student, own in scores(course, "ex")[1].items()}
    assert points == {**dict.fromkeys(HONEST, 1), **dict.fromkeys(HOSTILE, 0)}
    # they are graded one after the other, so the times at which their notebooks were written tell what each took
    written = sorted(path.stat().st_mtime for path in course.glob("autograded/*/ex/double.ipynb"))
    assert len(written) == len(points)
    taken = [after - before for before, after in pairwise(written)]
    assert max(taken) <= SECONDS + SLACK, taken


COMPUTES = "import time\nwhile time.process_time() < SECONDS + before: pass\n'through'"


@pytest.mark.parametrize("how", ["pass", "os.setsid()"])
def test_processes_without_end_take_no_neighbours_time(how: str) -> None:
    """Each of them in a session of its own has, with some kernels, as much of the processor as a whole neighbour."""
    hostile = Sandbox(limits=Limits(cell_seconds=12, notebook_seconds=60))
    honest = Sandbox(limits=Limits(cell_seconds=2.5, notebook_seconds=300))
    hostile.start()
    honest.start()
    spinning: dict[int, Result] = {}
    neighbour = threading.Thread(target=lambda: spinning.update(execute(hostile, {0: PILE.replace("SET", how)}, {})))
    neighbour.start()
    cells = {0: "import time\nbefore = time.process_time(); time.sleep(1)", 1: COMPUTES.replace("SECONDS", "2")}
    results = execute(honest, cells, {})
    neighbour.join()
    hostile.close()
    honest.close()
    assert results[1].outputs[-1].data["text/plain"] == "'through'", results
    assert spinning[0].stopped in ("time", "kernel")
