"""What an instructor with a course of their own does wrong: one sentence each, before anything is graded."""

import shutil
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

from tests.support import quickstart
from tests.support.quickstart import SWITCHED_ON, TRUST, course, nbgrader


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course in which somebody has handed in what they got."""
    folder = tmp_path_factory.mktemp("bad") / "mine"
    quickstart.make(folder, more=False)
    made = nbgrader(folder, "generate_assignment", "ps1")
    assert made.returncode == 0, made.stderr
    quickstart.hand_in(folder, "ada", {})
    return folder


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    return Path(shutil.copytree(made, tmp_path / "mine"))


def add(folder: Path, config: str) -> None:
    with (folder / "nbgrader_config.py").open("a") as file:
        file.write(config)


def told(folder: Path, command: Callable = course) -> str:
    """What `autograde` says, once nothing was graded."""
    done = command(folder, "autograde", "ps1")
    assert done.returncode != 0
    assert "Traceback" not in done.stderr
    assert not (folder / "autograded/ada/ps1").exists()
    return str(done.stderr)


def test_a_course_without_the_line(folder: Path) -> None:
    said = told(folder)
    assert said == (
        "course: nbgrader_config.py doesn't switch the grader on; add at its end the lines `import nbjudge` and "
        "`nbjudge.configure(c)`.\n"
    )


@pytest.mark.parametrize("command", [course, nbgrader])
def test_tests_without_probes_are_named(folder: Path, command: Callable) -> None:
    add(folder, SWITCHED_ON)
    said = told(folder, command)
    names = "correct_squares, squares_invalid_input, correct_sum_of_squares, sum_of_squares_uses_squares"
    assert f"the test cells {names} in source/ps1/problem1.ipynb have no probe" in said
    assert 'c.Judge.plain_tests = "trust"' in said


@pytest.mark.parametrize("command", [course, nbgrader])
def test_steps_that_clash(folder: Path, command: Callable) -> None:
    add(folder, SWITCHED_ON + TRUST + 'c.Autograde.autograde_preprocessors = ["nbgrader.preprocessors.Execute"]\n')
    assert "leaves out nbjudge.judging.steps.ForgetScores; set that list before" in told(folder, command)


def change(folder: Path, edit: Callable[[NotebookNode], None]) -> None:
    path = folder / "source/ps1/problem1.ipynb"
    notebook = nbformat.read(path, as_version=4)
    edit(notebook)
    nbformat.write(notebook, path)


@pytest.mark.parametrize(("language", "kernel"), [("R", "ir"), ("julia", "julia-1.10")])
def test_a_notebook_of_another_language(language: str, kernel: str, folder: Path) -> None:
    add(folder, SWITCHED_ON + TRUST)
    about = {"display_name": language, "language": language, "name": kernel}
    change(folder, lambda notebook: notebook.metadata.update(kernelspec=about))
    assert f"problem1.ipynb is a notebook for {language}, and only Python can be graded." in told(folder)


def test_a_source_that_needs_the_network(folder: Path) -> None:
    add(folder, SWITCHED_ON + TRUST)
    load = new_code_cell("from urllib.request import urlopen\nurlopen('http://data.invalid/squares.csv')")
    load.pop("id")
    change(folder, lambda notebook: notebook.cells.insert(2, load))
    assert "needs the network (data.invalid), and submissions run without one; put what it loads beside" in told(folder)


def test_a_solution_that_fails_its_own_asserts(folder: Path) -> None:
    add(folder, SWITCHED_ON + TRUST)

    def edit(notebook: NotebookNode) -> None:
        for cell in notebook.cells:
            cell.source = cell.source.replace("range(1, n + 1)", "range(n)")

    change(folder, edit)
    assert "problem1.ipynb fails in the cell correct_squares, line 2: AssertionError" in told(folder)
