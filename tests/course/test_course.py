"""From submissions to grades, through the commands that people type."""

import csv
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import ROOT, commands
from tests.support.classes import EXPECTED
from tests.support.gradebooks import scores


def course(*arguments: str, cwd: Path = ROOT) -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", "nbjudge", *arguments]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=300)


def quickly(*arguments: str, cwd: Path = ROOT) -> subprocess.CompletedProcess:
    """The same in a process that has imported its libraries already."""
    return commands.run([sys.executable, "-m", "nbjudge", *arguments], cwd)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, subprocess.CompletedProcess]:
    folder = tmp_path_factory.mktemp("course") / "demo"
    return folder, course("demo", "--folder", str(folder))


def test_demo_prints_the_table_and_no_warning(demo) -> None:
    _, done = demo
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert "warning" not in done.stdout.lower()
    for command in ("generate_assignment", "autograde", "generate_feedback", "export"):
        assert f"$ nbgrader {command}" in done.stdout
    for student, points in EXPECTED.items():
        row = next(line for line in done.stdout.splitlines() if line.strip().startswith(student))
        assert row.split()[1:9] == [str(each) for each in (*points, sum(points))]


def test_gradebook_holds_the_right_points(demo) -> None:
    folder, _ = demo
    maximum, students = scores(folder, "ex04")
    assert sum(maximum.values()) == 20
    assert {student: list(points.values()) for student, points in students.items()} == EXPECTED


def test_every_student_gets_a_feedback_page_and_a_line_in_the_export(demo) -> None:
    folder, _ = demo
    for student in EXPECTED:
        page = (folder / "feedback" / student / "ex04/1_simple_classifier.html").read_text()
        assert f"{sum(EXPECTED[student]):g} of 20 points" in page
    with open(folder / "grades.csv", newline="") as file:
        exported = {row["student_id"]: float(row["score"]) for row in csv.DictReader(file)}
    assert exported == {student: sum(points) for student, points in EXPECTED.items()}


def test_demo_leaves_other_folders_alone(tmp_path: Path) -> None:
    (tmp_path / "precious").mkdir()
    (tmp_path / "precious/README.txt").write_text("my thesis")
    done = course("demo", "--folder", str(tmp_path / "precious"))
    assert done.returncode == 1
    assert "was not made by this command" in done.stderr
    assert (tmp_path / "precious").exists()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["table", "ex04"], "there is no nbgrader_config.py here; go to the course folder first."),
        (["outputs", "ex05"], "there is no nbgrader_config.py here; go to the course folder first."),
        (["demo"], "there is no nbgrader_config.py here; go to the course folder first."),
    ],
    ids=["table", "outputs", "demo"],
)
def test_outside_of_a_course_folder_one_sentence_says_so(arguments: list[str], sentence: str, tmp_path: Path) -> None:
    done = quickly(*arguments, cwd=tmp_path)
    assert done.returncode == 1
    assert sentence in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr


def test_table_of_an_unknown_assignment(demo) -> None:
    folder, _ = demo
    done = quickly("table", "ex05", f"--root={folder}")
    assert done.returncode == 1
    assert "is ex05 the name of the assignment?" in " ".join(done.stderr.split())


def test_table_before_anything_was_graded(demo, tmp_path: Path) -> None:
    shutil.copytree(demo[0] / "source", tmp_path / "source")
    done = quickly("table", "ex04", f"--root={tmp_path}")
    assert done.returncode == 1
    said = " ".join(done.stderr.split())
    assert "there is no gradebook" in said
    assert "run nbgrader autograde ex04 first." in said
    assert not (tmp_path / "gradebook.db").exists()


def test_plain_nbgrader_prints_no_warning(demo, nbgrader) -> None:
    """The demo shows what nbgrader says beside INFO; the commands it leaves out are tried here."""
    folder, _ = demo
    source = folder / "source/ex04/1_simple_classifier.ipynb"
    done = nbgrader("validate", str(source), root=folder)
    assert "Success!" in done.stdout
    assert "WARNING" not in done.stderr
