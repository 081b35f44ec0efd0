"""`course autograde` on two exercises of one course: what is changed for one of them grades only that one again."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from nbgrader.api import Gradebook

from nbjudge.course.notebooks import read, write
from tests.support import ROOT, SOURCE, short_course

OTHER = "1_mean_squared_error.ipynb"
FOLDERS = ("exercise_code", "misconceptions", "nbjudge", "nbprobe")


class TwoExercises:
    """A course in a folder of its own, with what it imports."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in FOLDERS:
            shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        for name in ("nbgrader_config.py", "pyproject.toml"):
            shutil.copy(ROOT / name, folder / name)
        # a few wrong ways say as much here as hundreds, which are tried anew after each change
        (folder / "misconceptions/ex04/__init__.py").write_text("from . import bce\n\nCATALOGUE = bce.FORWARD[:2]\n")
        short_course.make(folder)
        self.course("new", "ex05")
        (folder / "exercise_code/losses.py").write_text('"""Only for ex05."""\n')
        notebook = read(folder / "source/ex05" / OTHER)
        setup = next(cell for cell in notebook.cells if cell.cell_type == "code")
        setup.source = f"from exercise_code import losses\n{setup.source}"
        write(notebook, folder / "source/ex05" / OTHER)
        for exercise, name in (("ex04", SOURCE.name), ("ex05", OTHER)):
            (folder / "submitted/ada" / exercise).mkdir(parents=True)
            shutil.copy(folder / "source" / exercise / name, folder / "submitted/ada" / exercise / name)

    def course(self, *words: str) -> str:
        """Run a command as it is typed in the course's folder; what is imported is what lies there."""
        command = [sys.executable, "-m", "nbjudge", *words]
        done = subprocess.run(command, cwd=self.folder, capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def graded(self, *exercises: str) -> list[str]:
        """Those of the exercises that are graded again when all are."""
        return [name for name in exercises if self._counts(name)["graded"]]

    def _counts(self, exercise: str) -> dict[str, int]:
        counts = json.loads(self.course("autograde", exercise, "--json", "--jobs", "1"))
        assert counts["graded"] + counts["unchanged"] == 1
        return counts

    def comment(self, file: str) -> None:
        with open(self.folder / file, "a") as text:
            text.write("# a comment\n")


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> TwoExercises:
    course = TwoExercises(tmp_path_factory.mktemp("two") / "course")
    assert course.graded("ex04", "ex05") == ["ex04", "ex05"]
    return course


def test_another_exercise_is_left_alone(two: TwoExercises) -> None:
    two.comment("misconceptions/ex05.py")
    assert two.graded("ex04", "ex05") == ["ex05"]
    two.comment("exercise_code/losses.py")
    assert two.graded("ex04", "ex05") == ["ex05"]
    two.comment("source/ex05/notes.txt")
    two.comment("exercise_code/unused.py")
    two.comment("nbjudge/results/report.py")
    assert two.graded("ex04") == []


@pytest.mark.parametrize("file", ["misconceptions/ex04/bce.py", "exercise_code/loss.py", "nbjudge/pages/markup.py"])
def test_what_an_exercise_depends_on_grades_it_again(file: str, two: TwoExercises) -> None:
    two.comment(file)
    assert two.graded("ex04") == ["ex04"]


WITHOUT_NBGRADER = """
import sys
from nbjudge.cli import main
try:
    main()
except SystemExit as end:
    assert not end.code
assert not {"nbgrader", "sqlalchemy", "nbformat", "numpy"} & sys.modules.keys()
"""


def test_that_nothing_is_to_be_done_is_seen_without_nbgrader(two: TwoExercises) -> None:
    two.graded("ex04")
    words = [sys.executable, "-c", WITHOUT_NBGRADER, "autograde", "ex04", "--json"]
    done = subprocess.run(words, cwd=two.folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["unchanged"] == 1


LATE = """
from nbgrader.plugins import BasePlugin


class Half(BasePlugin):
    def late_submission_penalty(self, student_id, score, total_seconds_late):
        return score / 2 if total_seconds_late > 0 else 0
"""


def test_due_dates_extensions_and_the_late_policy_grade_it_again(two: TwoExercises) -> None:
    def points() -> list[float]:
        """What is exported, and only if something was graded anew."""
        assert two.graded("ex04") == ["ex04"]
        assert two.graded("ex04") == []
        with Gradebook(db) as gradebook:
            submission = gradebook.find_submission("ex04", "ada")
            return [submission.score, submission.late_submission_penalty]

    db = f"sqlite:///{two.folder / 'gradebook.db'}"
    (two.folder / "late.py").write_text(LATE)
    with open(two.folder / "nbgrader_config.py", "a") as config:
        config.write("import sys\nsys.path.insert(0, '.')\nc.AssignLatePenalties.plugin_class = 'late.Half'\n")
    (two.folder / "submitted/ada/ex04/timestamp.txt").write_text("2026-01-02 12:00:00 UTC")
    assert points() == [20, 0]
    with Gradebook(db) as gradebook:
        gradebook.update_or_create_assignment("ex04", duedate="2026-01-01 12:00:00 UTC")
    assert points() == [20, 10]
    (two.folder / "late.py").write_text(LATE.replace("/ 2", "/ 4"))
    assert points() == [20, 5]
    with Gradebook(db) as gradebook:
        gradebook.grant_extension("ex04", "ada", days=2)
    assert points() == [20, 0]


MEANWHILE = """
import shutil
from pathlib import Path
from nbgrader.plugins import BasePlugin


class Policy(BasePlugin):
    def late_submission_penalty(self, student_id, score, total_seconds_late):
        if not Path("submitted/ben").exists():
            shutil.copytree("submitted/ada", "submitted/ben")
"""


def test_who_hands_in_while_others_are_graded_is_graded_by_the_next_run(two: TwoExercises) -> None:
    (two.folder / "meanwhile.py").write_text(MEANWHILE)
    (two.folder / "submitted/ada/ex04/timestamp.txt").write_text("2026-01-02 12:00:00 UTC")
    with Gradebook(f"sqlite:///{two.folder / 'gradebook.db'}") as gradebook:
        gradebook.update_or_create_assignment("ex04", duedate="2025-01-01 12:00:00 UTC")
    with open(two.folder / "nbgrader_config.py", "a") as config:
        config.write("c.AssignLatePenalties.plugin_class = 'meanwhile.Policy'\n")
    for graded, unchanged in ((1, 0), (1, 1), (0, 2)):
        counts = json.loads(two.course("autograde", "ex04", "--json", "--jobs=1"))
        assert (counts["graded"], counts["unchanged"]) == (graded, unchanged)
