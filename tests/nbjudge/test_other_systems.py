"""What instructors use on macOS and Windows, tried here by taking away what these systems don't have."""

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from nbjudge.course.graded import ISOLATION
from tests.support import ROOT, sample
from tests.support.short_course import NAME
from tests.support.walls import BEST

SYSTEMS = ("darwin", "win32")
ELSEWHERE = ROOT / "tests/support/elsewhere"
COURSE = (
    *("nbgrader_config.py", "source/ex04", "release/ex04", "exercise_code", "misconceptions", "docs/working.md"),
    *("LICENSE", "LICENSE-TEXT", "requirements-students.txt"),
)
FEW = {"amira", "ben", "kofi", "mehmet"}
"""Everything right, untouched, a syntax error, and what only a judge finds."""
SETTING = 'c.SandboxedExecute.isolation = "none"\n'
UNHURRIED = "c.SandboxedExecute.cell_seconds = 300\n"
"""A machine that was just set up reads its libraries from a busy disk, and nobody counts that as others' time."""


def make(folder: Path) -> Path:
    """A course with the exercise, into which the sample class hands in."""
    for name in COURSE:
        place = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, place, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, place)
    with open(folder / "nbgrader_config.py", "a", encoding="utf-8") as file:
        file.write(UNHURRIED)
    sample.hand_in(ROOT / "source/ex04" / NAME, ROOT / "release/ex04" / NAME, folder / "downloads")
    return folder


def run(system: str, course: Path, *words: str, fails: bool = False) -> str:
    """Run a command of ``course``, or of nbgrader, as on that system. Gives what it said."""
    environment = {**os.environ, "PYTHONPATH": f"{ELSEWHERE}{os.pathsep}{ROOT}"}
    environment |= {"TESTS_SYSTEM": system, "PYTHONWARNDEFAULTENCODING": "1"} if system else {}
    module = [] if words[0] == "nbgrader" else ["nbjudge"]
    command = [sys.executable, "-m", *module, *words]
    done = subprocess.run(command, cwd=course, env=environment, capture_output=True, text=True, timeout=600)
    said = done.stdout + done.stderr
    assert "Traceback" not in said, said
    assert (done.returncode != 0) == fails, said
    return said


def notebooks(course: Path) -> dict[str, Any]:
    """What grading made of each student's notebook, but for the wall."""
    found = {}
    for path in sorted(course.glob("autograded/*/ex04/*.ipynb")):
        notebook = json.loads(path.read_text(encoding="utf-8"))
        notebook["metadata"].pop(ISOLATION)
        for cell in notebook["cells"]:
            for output in cell.get("outputs", []):
                if output["output_type"] == "error":  # names the cell in another way
                    output["evalue"] = output["traceback"] = None
        found[path.parts[-3]] = notebook
    return found


@pytest.fixture(scope="module")
def in_sandbox(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same class, graded in the sandbox."""
    course = make(tmp_path_factory.mktemp("sandbox"))
    run("", course, "nbgrader", "generate_assignment", "ex04", "--force")
    run("", course, "collect", "ex04", "downloads")
    run("", course, "autograde", "ex04")
    return course


@pytest.fixture(scope="module", params=SYSTEMS)
def elsewhere(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """A system, and a course in which nothing is graded."""
    course = make(tmp_path_factory.mktemp(request.param))
    for folder in (course / "downloads").iterdir():
        if request.param != SYSTEMS[0] and folder.name not in FEW:  # a kernel for each of them takes long
            shutil.rmtree(folder)
    return request.param, course


def test_the_class_gets_what_it_gets_in_the_sandbox(elsewhere: tuple[str, Path], in_sandbox: Path) -> None:
    system, course = elsewhere
    run(system, course, "nbgrader", "generate_assignment", "ex04", "--force")
    run(system, course, "collect", "ex04", "downloads")
    for words in (("autograde", "ex04"), ("nbgrader", "autograde", "ex04")):
        refused = run(system, course, *words, fails=True)
        assert "walls around the code of students on Linux only" in refused
        assert SETTING.strip() in refused
    with open(course / "nbgrader_config.py", "a", encoding="utf-8") as file:
        file.write(SETTING)

    said = run(system, course, "autograde", "ex04")
    graded, right_ones = notebooks(course), notebooks(in_sandbox)
    assert len(right_ones) == 13
    assert set(graded) == (set(right_ones) if system == SYSTEMS[0] else FEW)
    assert f"{len(graded)} submissions ran without walls" in said
    assert graded == {student: right_ones[student] for student in graded}
    table = json.loads(run(system, course, "table", "ex04", "--json"))
    right = json.loads(run("", in_sandbox, "table", "ex04", "--json"))
    assert (table.pop("isolation"), right.pop("isolation")) == ({"none": len(graded)}, {BEST: 13})
    right["students"] = [one for one in right["students"] if one["student"] in graded]
    assert table == right

    plain = run(system, course, "nbgrader", "autograde", "ex04", "--student=amira", "--force")
    assert "there are no walls" in plain
    assert notebooks(course)["amira"] == right_ones["amira"]
    assert "ran without walls" in run(system, course, "show", "ex04", "ben")
    run(system, course, "report", "ex04")
    assert f"{len(graded)} submissions ran without walls" in (course / "report-ex04.html").read_text(encoding="utf-8")
    run(system, course, "export", "ex04")
    assert (course / "ex04-csv.csv").read_text(encoding="utf-8").count("\n") == len(graded) + 1
    run(system, course, "feedback", "ex04")
    pages = list(course.glob("feedback/*/ex04/*.html"))
    assert len(pages) == len(graded)
    assert not [page for page in pages if "without walls" in page.read_text(encoding="utf-8")]
    run(system, course, "due", "ex04", "2026-12-01")
    run(system, course, "extend", "ex04", "ben", "--until", "2026-12-03 12:00")
    run(system, course, "intake", "ex04")
    run(system, course, "mistakes", "ex04")

    draft = run(system, course, "mistakes", "ex04", "--draft", "1", fails=True)
    assert "there are walls on Linux only" in draft
    assert "works on Linux only" in run(system, course, "prove", "ex04", fails=True)
    shutil.rmtree(course / "downloads")  # where she is named, too
    run(system, course, "forget", "amira", "--yes")
    assert not (course / "submitted/amira").exists()


@pytest.mark.parametrize("system", SYSTEMS)
def test_an_exercise_is_made_checked_released_and_packed(system: str, tmp_path: Path) -> None:
    course = make(tmp_path / "course")
    assert "334 known ways" in run(system, course, "check", "ex04")
    before = (course / "source/ex04" / NAME).read_bytes()
    run(system, course, "outputs", "ex04")
    assert (course / "source/ex04" / NAME).read_bytes() == before
    shutil.rmtree(course / "release")
    run(system, course, "release", "ex04")
    for path in (ROOT / "release/ex04").iterdir():
        assert (course / "release/ex04" / path.name).read_bytes() == path.read_bytes()
    run(system, course, "bundle", "ex04")
    assert zipfile.is_zipfile(course / "ex04.zip")
    run(system, course, "new", "ex05")
    run(system, course, "rename", "ex05", "1_error")
    assert (course / "source/ex05/1_error.ipynb").is_file()
    run(system, course, "init", str(tmp_path / "another"))


def as_ours(system: str, code: str) -> str:
    """What code prints that takes itself for a module of ours."""
    text = f"exec({code!r}, {{'__name__': 'nbjudge.here', '__package__': 'nbjudge'}})"
    environment = {**os.environ, "PYTHONPATH": f"{ELSEWHERE}{os.pathsep}{ROOT}", "TESTS_SYSTEM": system}
    done = subprocess.run([sys.executable, "-c", text], env=environment, capture_output=True, text=True, timeout=300)
    return done.stdout.strip() or done.stderr.strip().splitlines()[-1]


@pytest.mark.parametrize(
    ("code", "darwin", "win32"),
    [
        ("import sys; print(sys.platform)", "darwin", "win32"),
        ("import fcntl; print('there')", "there", "ModuleNotFoundError: No module named 'fcntl'"),
        ("from os import fork; print('there')", "there", "ImportError"),
        ("import os; print(hasattr(os, 'getxattr'), hasattr(os, 'O_NOFOLLOW'))", "False True", "False False"),
        ("import os; print(os.stat('.', dir_fd=None).st_size > 0)", "True", "True"),
        ("import os; os.stat('x', dir_fd=999)", "OSError", "NotImplementedError"),
        ("open('/proc/self/statm')", "FileNotFoundError", "FileNotFoundError"),
        ("import ctypes; ctypes.CDLL(None).prctl", "AttributeError", "TypeError"),
    ],
)
def test_it_is_taken_away(code: str, darwin: str, win32: str) -> None:
    assert as_ours("darwin", code).startswith(darwin)
    assert as_ours("win32", code).startswith(win32)


@pytest.mark.parametrize("system", SYSTEMS)
def test_all_modules_are_imported_but_those_that_run_in_the_sandbox(system: str) -> None:
    code = """
import importlib, pkgutil
import exercise_code, nbjudge, nbprobe
failed = []
for package in (exercise_code, nbjudge, nbprobe):
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        if module.name.endswith("__main__") or ".inside." in module.name or ".templates" in module.name:
            continue
        try:
            importlib.import_module(module.name)
        except Exception as error:
            failed.append(f"{module.name}: {error!r}")
print(failed)
"""
    assert as_ours(system, code) == "[]"
