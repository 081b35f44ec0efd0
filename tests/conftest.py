"""What several test files need."""

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import nbformat
import numpy as np
import pytest
from hypothesis import HealthCheck, settings
from nbgrader.api import Gradebook

from exercise_code import BaseOptimizer, BaseSolver, Loss, Network
from exercise_code.data import PICTURE_FEATURES, Dataset, load_tumours
from tests.support import ROOT, SOURCE, commands, measured

# A slow machine is no failure. The examples are the same in every run, so that a run that fails tells of the change
# before it; `pytest --hypothesis-profile=search` looks for new ones.
settings.register_profile("search", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("course", settings.get_profile("search"), derandomize=True)
settings.load_profile("course")


@pytest.fixture(scope="session")
def notebook():
    """The source notebook."""
    return nbformat.read(SOURCE, as_version=4)


@pytest.fixture(scope="session")
def solution(notebook) -> SimpleNamespace:
    """The reference classes BCE, Classifier, Optimizer and Solver, from the solution cells of the notebook."""
    bases = (BaseOptimizer, BaseSolver, Loss, Network)
    namespace = {"np": np, "__name__": "solution", **{base.__name__: base for base in bases}}
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("solution"):
            exec(compile(cell.source, f"<cell {cell.metadata.nbgrader.grade_id}>", "exec"), namespace)
    return SimpleNamespace(**{name: namespace[name] for name in ("BCE", "Classifier", "Optimizer", "Solver")})


@pytest.fixture(scope="session")
def data() -> Dataset:
    """The data with two features."""
    return load_tumours(PICTURE_FEATURES)


@pytest.fixture(scope="session")
def nbgrader():
    """Runs an nbgrader command with this project's configuration on the course in ``root``."""

    def run(*arguments: str, root: Path, fails: bool = False) -> subprocess.CompletedProcess:
        command = [sys.executable, "-m", "nbgrader", *arguments, f"--CourseDirectory.root={root}"]
        done = commands.run(command, cwd=ROOT)
        assert (done.returncode != 0) == fails, done.stderr
        return done

    return run


@pytest.fixture(scope="session", autouse=True)
def form_of_gradebooks() -> None:
    """Making a gradebook is quick, also in the process of the tests."""
    commands.remember_form_of_gradebooks()
    commands.keep_gradebooks_without_waiting()


@pytest.fixture(scope="session", autouse=True)
def kept_answers(tmp_path_factory: pytest.TempPathFactory) -> None:
    """All processes of a run share what solutions give."""
    own = tmp_path_factory.getbasetemp()
    measured.keep_in((own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "measured")


@pytest.fixture(scope="session")
def empty_gradebook(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A gradebook without anything in it, to copy."""
    path = tmp_path_factory.mktemp("empty") / "gradebook.db"
    Gradebook(f"sqlite:///{path}", "simple_classifier").close()
    return path


LONGEST = (
    "nbjudge/test_other_systems",
    "browser/test_student_and_instructor",
    "batch/test_class",
    "test_wheel",
    "hostile/test_attacks",
    "hostile/test_outrunning",
    "hostile/test_links",
    "batch/test_unchanged",
    "mistakes/test_mistakes",
    "sandbox/test_limits",
    "browser/test_feedback_pages",
    "course/test_course",
    "hostile/test_downloads",
    "commands/test_term.py",
    "quickstart/test_stock_points",
    "sandbox/test_sandbox",
    "hostile/test_terminals",
    "course/test_mutants",
    "judging/test_regrading",
    "judging/test_confirmed",
    "intake/test_intake",
    "judging/test_oracle",
    "quickstart/test_older_courses",
    "quickstart/test_bad_input",
    "hostile/test_forgeries",
    "authoring/test_authors_mistakes",
    "browser/test_pages",
    "browser/test_report_pages",
    "hostile/test_visible_probes",
    "sandbox/test_execution",
    "intake/test_folders",
    "collecting/test_exchange",
    "authoring/test_answers_file",
    "course/test_misconceptions",
    "course/test_notebook",
    "source/ex04",
    "hostile/test_growth",
    "intake/test_rebuild",
    "authoring/test_new",
    "authoring/test_release",
    "course/test_law",
    "course/test_finale",
    "commands/test_forget",
    "authoring/test_bundle",
    "course/test_plots",
)
"""Modules by how long they take, with all that they wait for. The others take a few seconds each."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest first, so that at the end no process waits for another one."""

    def place(item: pytest.Item) -> int:
        module = item.nodeid.partition("::")[0]
        return next((place for place, name in enumerate(LONGEST) if name in module), len(LONGEST))

    items.sort(key=place)
