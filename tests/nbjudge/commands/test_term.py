"""A whole term, played through with the commands of the guide: from the release to the feedback in Moodle."""

import csv
import os
import re
import shlex
import shutil
import sys
import zipfile
from pathlib import Path

import pytest

from nbjudge.authoring.sample_class import Student
from sample_class.ex04 import STUDENTS as PATTERNS
from tests.support import commands
from tests.support.classes import EXPECTED, ROOT, SOURCE
from tests.support.gradebooks import scores
from tests.support.sample import hand_in

STUDENTS = 30
GUIDE = [
    shlex.split(line, comments=True)[1:]
    for line in re.split(r"^## ", (ROOT / "docs/instructors.md").read_text(), flags=re.MULTILINE)[2].splitlines()
    if line.startswith("    course ")
]
"""The lines of the guide's section on a whole round, as they stand."""
NAMES = ["Änne Müller", "O'Brien, Pat", "José García", "=SUM(A1)", "Nguyễn Văn An", "Smith (guest)"]


def course(folder: Path, *words: str, code: int = 0) -> str:
    """Run `course …` in the course folder, and return what it said."""
    command = [sys.executable, "-m", "nbjudge", *words]
    environment = {**os.environ, "COLUMNS": "200"}
    done = commands.run(command, folder, environment)
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
    for name in ("source/ex04", "misconceptions/ex04"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", ".*"))
    (folder / "docs").mkdir()
    for name in ("nbgrader_config.py", "LICENSE", "LICENSE-TEXT", "requirements-students.txt"):
        shutil.copy(ROOT / name, folder)
    shutil.copy(ROOT / "docs/working.md", folder / "docs")
    for line in GUIDE[:2]:
        course(folder, *line)
    release = folder / "release/ex04" / SOURCE.name

    # the students work: each in the way of one of the sample class
    hand_in(SOURCE, release, folder / "work")
    with zipfile.ZipFile(folder / "download.zip", "w") as download:
        for number in range(STUDENTS):
            path = folder / "work" / pattern(number).name / "ex04" / SOURCE.name
            name = SOURCE.name if number % 4 else SOURCE.name.replace(".ipynb", " (1).ipynb")
            download.write(path, f"{moodle_folder(number)}/{name}")
    with (folder / "worksheet.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["Identifier", "Full name", "ID number", "Email address", "Grade"])
        for number in range(STUDENTS + 1):  # one hands in nothing
            mail = f"s{number:02}@university.example"
            writer.writerow([f"Participant {7000 + number}", full_name(number), f"s{number:02}", mail, ""])

    for line in GUIDE[2:]:
        course(folder, *line)
    return folder


def pattern(number: int) -> Student:
    return PATTERNS[number % len(PATTERNS)]


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))


def test_the_guide_goes_from_release_to_feedback() -> None:
    commands = [line[0] for line in GUIDE]
    assert commands == ["release", "bundle", "collect", "autograde", "intake", "table", "report", "export", "feedback"]


def test_everyone_gets_the_points_that_they_earned(term: Path) -> None:
    _, students = scores(term, "ex04")
    got = {student: list(own.values()) for student, own in students.items()}
    assert got == {f"s{number:02}": EXPECTED[pattern(number).name] for number in range(STUDENTS)}


def test_moodle_gets_each_grade_under_the_number_that_it_knows(term: Path) -> None:
    found = {row["Identifier"]: row["Grade"] for row in rows(term / "moodle.csv")}
    totals = {f"Participant {7000 + number}": sum(EXPECTED[pattern(number).name]) for number in range(STUDENTS)}
    assert found.pop(f"Participant {7000 + STUDENTS}") == "", "who handed in nothing has a number, and no grade"
    assert {name: float(grade) for name, grade in found.items()} == totals


def test_everyone_gets_their_own_page_back(term: Path) -> None:
    """Under the name by which Moodle gave the submission out; the page says the points that they earned."""
    with zipfile.ZipFile(term / "feedback/ex04-moodle.zip") as feedback:
        pages = {name.split("/")[0].split("_")[1]: feedback.read(name).decode() for name in feedback.namelist()}
    assert set(pages) == {str(7000 + number) for number in range(STUDENTS)}
    for number in range(STUDENTS):
        said = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", pages[str(7000 + number)]))
        total = f"{sum(EXPECTED[pattern(number).name]):g}"
        assert re.search(rf"\b{total}(\.0)? (of|/) 20\b", said), (number, total, said[:1000])


def test_the_report_is_about_all_of_them(term: Path) -> None:
    page = (term / "report-ex04.html").read_text()
    assert "<b>30</b><span>graded</span>" in page
    assert "<script" not in page
    assert "averag" in page, "a misconception of the class isn't named"


def test_the_bundle_holds_what_the_students_worked_on(term: Path) -> None:
    with zipfile.ZipFile(term / "ex04.zip") as bundle:
        (name,) = [each for each in bundle.namelist() if each.endswith(SOURCE.name)]
        assert bundle.read(name) == (term / "release/ex04" / SOURCE.name).read_bytes()


def test_nothing_left_to_do(term: Path) -> None:
    assert "0 graded in" in course(term, "autograde", "ex04")
