"""A whole term, played through with the commands of the guide: from the release to the feedback in Moodle."""

import csv
import io
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from classes import ROOT, SOURCE

from grading import sample_class
from grading.notebooks import graded_cells, read, write

STUDENTS = 30
NAMES = ["Änne Müller", "O'Brien, Pat", "José García", "=SUM(A1)", "Nguyễn Văn An", "Smith (guest)"]
LOST = {"everything right": 0, "the untouched release": 20, "task 1 averages over the batch": 3}


def course(folder: Path, *words: str, code: int = 0) -> str:
    """Run `course …` in the course folder, and return what it said."""
    command = [sys.executable, "-m", "grading", *words]
    environment = {**os.environ, "COLUMNS": "200"}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == code, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done.stdout + done.stderr


def full_name(number: int) -> str:
    return f"{NAMES[number % len(NAMES)]} {number}"


def moodle_folder(number: int) -> str:
    return f"{full_name(number)}_{7000 + number}_assignsubmission_file_"


@pytest.fixture(scope="module")
def term(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a course at the end of the term."""
    folder = tmp_path_factory.mktemp("term")
    shutil.copytree(SOURCE.parent, folder / "source/ex04")
    shutil.copy(ROOT / "nbgrader_config.py", folder)
    course(folder, "release", "ex04")
    release = folder / "release/ex04" / SOURCE.name

    # the students work: each in the way of one of the sample class
    sample_class.hand_in(SOURCE, release, folder / "work")
    with zipfile.ZipFile(folder / "download.zip", "w") as download:
        for number in range(STUDENTS):
            pattern = sample_class.STUDENTS[number % len(sample_class.STUDENTS)]
            path = folder / "work" / pattern.name / "ex04" / SOURCE.name
            name = SOURCE.name if number % 4 else SOURCE.name.replace(".ipynb", " (1).ipynb")
            download.write(path, f"{moodle_folder(number)}/{name}")
    with (folder / "worksheet.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["Identifier", "Full name", "ID number", "Email address", "Grade"])
        for number in range(STUDENTS + 1):  # one hands in nothing
            mail = f"s{number:02}@university.example"
            writer.writerow([f"Participant {7000 + number}", full_name(number), f"s{number:02}", mail, ""])

    course(folder, "collect", "ex04", "download.zip", "--roster", "worksheet.csv")
    course(folder, "autograde", "ex04", "--jobs=2")
    course(folder, "report", "ex04")
    course(folder, "export", "ex04", "--layout=moodle", "--to=moodle.csv")
    course(folder, "export", "ex04", "--to=all.csv")
    course(folder, "feedback", "ex04", "--layout=moodle")
    return folder


def points(pattern: sample_class.Student) -> dict[str, float]:
    """What a student of the sample class earns; tests/test_course.py has the same by hand."""
    from test_course import POINTS

    return POINTS[pattern.name]
