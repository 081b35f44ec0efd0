"""Feedback pages on their way to the students: made when needed, and named so that the right one gets them."""

import json
import os
import re
import shutil
import unicodedata
import zipfile
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbformat.v4 import new_code_cell, new_notebook
from nbgrader.api import Comment, Grade, Gradebook
from nbgrader.apps import GenerateAssignmentApp
from typer.testing import CliRunner

from nbjudge import commands
from nbjudge.cli import application
from nbjudge.commands import feedback as command
from nbjudge.course import lms_names, notebooks
from nbjudge.course.errors import CourseError
from tests.support import ROOT
from tests.support.gradebooks import NOTEBOOK, Course, write

app = application()


PAGE = f"{NOTEBOOK}.html"


@pytest.fixture
def course(tmp_path, empty_gradebook, monkeypatch):
    monkeypatch.chdir(tmp_path)
    course = Course(tmp_path, empty_gradebook)
    yield course
    course.book.close()


def feedback(*options: str) -> str:
    done = CliRunner().invoke(app, ["feedback", "ex04", *options], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return " ".join(done.output.split())


def packed(layout: str, *options: str) -> dict[str, str]:
    """Name and text of each file in the zip."""
    feedback("--no-generate", "--layout", layout, *options)
    with zipfile.ZipFile(f"feedback/ex04-{layout}.zip") as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


def collected(course: Course, entries: object) -> None:
    write(course.root / "collected/ex04.json", json.dumps(entries))


def moodle_reads(name: str, participants: set[str]) -> str | None:
    """Whose page this is for Moodle: it looks for a part of the path that is split by underscores into four or more."""
    for part in name.split("/"):
        info = part.split("_", 4)
        if len(info) >= 4 and info[1].isdigit() and info[1].lstrip("0") in participants:
            return info[1].lstrip("0")
    return None


def canvas_reads(name: str) -> list[str]:
    """User and attachment for Canvas: the first two parts that are numbers."""
    return [part for part in name.rsplit("/", 1)[-1].split("_") if re.fullmatch(r"\d+", part)][:2]


# the zip


def test_folders_hold_the_pages_and_nothing_else_that_was_handed_in(course) -> None:
    for student in ("ann", "bob"):
        course.add(student, (1.0, 1.0))
        page = course.add_page(student, f"for {student}")
        write(page.parent / "mine.html", "<script>")
        write(page.parent / "submission_secret.txt", "secret")
    course.add("nobody")
    assert packed("folders") == {f"ann/ex04/{PAGE}": "for ann", f"bob/ex04/{PAGE}": "for bob"}


def test_moodle_finds_each_student_again(course) -> None:
    names = {
        "ann": "Ann Meier_17_assignsubmission_file_",
        "bob": "Böb_0018_assignsubmission_file",
        "cy": "Cy_19_assignsubmission_file_my_20_assignsubmission_file_x.ipynb",
    }
    for student in names:
        course.add(student, (1.0, 1.0))
        course.add_page(student, student)
    collected(course, {student: {"name": name, "lms": "moodle"} for student, name in names.items()})
    found = {moodle_reads(name, {"17", "18", "19", "20"}): text for name, text in packed("moodle").items()}
    assert found == {"17": "ann", "18": "bob", "19": "cy"}
    assert f"Ann Meier_17_assignsubmission_file_/{PAGE}" in packed("moodle")
    assert lms_names.moodle_name(names["cy"]).number == "19", "what follows is the student's own"


def test_canvas_finds_each_student_again(course) -> None:
    names = {
        "ann": "meierann_340934_208490284_1_simple_classifier.ipynb",
        "bob": "ob_LATE_340935_208490285_link_99_98_x.ipynb",
    }
    for student in names:
        course.add(student, (1.0, 1.0))
        course.add_page(student, student)
    collected(course, {student: {"name": name, "lms": "canvas"} for student, name in names.items()})
    files = packed("canvas")
    assert f"meierann_340934_208490284_{PAGE}" in files
    found = {tuple(canvas_reads(name)): text for name, text in files.items()}
    assert found == {("340934", "208490284"): "ann", ("340935", "208490285"): "bob"}
    assert not any(name.split("_")[-1].startswith("link") for name in files), "Canvas passes over those"


def test_who_is_unknown_is_named_after_the_gradebook_and_taken_for_nobody(course) -> None:
    course.add("17", (1.0, 1.0), first_name="Eve_18_assignsubmission_file", last_name="x")
    course.add("18_19", (1.0, 1.0), first_name="20", last_name="")
    for student in ("17", "18_19"):
        course.add_page(student)
    said = feedback("--no-generate", "--layout", "moodle")
    assert "There is no collected/ex04.json" in said
    assert "Moodle won't find 2 of 2 students, whose files are named after the gradebook: 17, 18_19." in said
    for name in packed("moodle"):
        assert moodle_reads(name, {"17", "18", "19", "20"}) is None
    for name in packed("canvas"):
        assert len(canvas_reads(name)) < 2
    assert "Eve-18-assignsubmission-file x_id 17_assignsubmission_file_/" in str(packed("moodle"))


@pytest.mark.parametrize(
    "entries",
    [
        "no json",
        [],
        {"ann": "text"},
        {"ann": {"name": 5, "lms": "moodle"}},
        {"ann": {"lms": "moodle"}},
        {"ann": {"name": "Ann_17_assignsubmission_file_", "lms": "folder"}},
        {"ann": {"name": "Ann_17_x", "lms": "moodle"}},
        {"ann": {"name": "ann_17.ipynb", "lms": "canvas"}},
        {each: {"name": "Ann_17_assignsubmission_file_", "lms": "moodle"} for each in ("ann", "bob")},
    ],
    ids=str,
)
def test_names_that_can_not_be_understood_are_passed_over(course, entries: object) -> None:
    """Also when two students have one number: one of them would get the other's page."""
    course.add("ann", (1.0, 1.0))
    course.add_page("ann", "for ann")
    write(course.root / "collected/ex04.json", entries if isinstance(entries, str) else json.dumps(entries))
    assert [moodle_reads(name, {"17"}) for name in packed("moodle")] == [None]
    assert [canvas_reads(name) for name in packed("canvas")] == [[]]


@given(st.text(), st.sampled_from(["moodle", "canvas"]))
def test_no_name_leads_elsewhere(text: str, lms: str) -> None:
    for name in (text, f"{text}_17_assignsubmission_file_", f"{text}_17_18_x.ipynb"):
        known = lms_names.Entry(name=name, lms=lms).parsed()
        for part in (lms_names.safe(name), known.prefix if known else "x"):
            assert part
            assert not set(part) & set('/\\:*?"<>|\0\n\r')
            assert not part.startswith((".", "~", " "))
            assert len(part.encode()) < 240
            assert lms_names.safe(part, "-") == part or known


def test_hostile_ids_stay_within_the_zip_and_links_are_not_followed(course) -> None:
    secret = write(course.root / "secret.html", "secret")
    for student in ("..", "a/../../b", "C:\\x", "con", "Con", "link", "linked", "ann\u202e"):
        course.add(student, (1.0, 1.0))
    for student in ("C:\\x", "con", "Con", "ann\u202e"):
        course.add_page(student, student)
    (course.root / "feedback/link/ex04").mkdir(parents=True)
    (course.root / "feedback/link/ex04" / PAGE).symlink_to(secret)
    (course.root / "feedback/linked").mkdir()
    course.add("other", (1.0, 1.0))
    (course.root / "feedback/other").symlink_to(course.root / "feedback/con")
    (course.root / "feedback/linked/ex04").symlink_to(course.root / "feedback/con/ex04")
    write(course.root / "ex04" / PAGE, "secret")
    for layout in ("folders", "moodle", "canvas"):
        files = packed(layout)
        assert sorted(files.values()) == ["C:\\x", "Con", "ann\u202e", "con"]
        assert len({name.casefold() for name in files}) == 4
        for name in files:
            assert not any(part in ("", "..", ".") for part in name.split("/"))
            assert not set(name) & set("\\:\u202e")


def test_two_spellings_of_one_name_are_two_files_on_every_system(course) -> None:
    """macOS takes them for one: the second page would replace the first."""
    for student in ("\u00e9va", "e\u0301va"):
        course.add(student, (1.0, 1.0))
        course.add_page(student, student)
    for layout in ("folders", "moodle", "canvas"):
        assert len({unicodedata.normalize("NFD", name) for name in packed(layout)}) == 2


def test_the_same_pages_give_the_same_bytes(course) -> None:
    for student in ("bob", "ann"):
        course.add(student, (1.0, 1.0))
        course.add_page(student)
    packed("folders")
    before = Path("feedback/ex04-folders.zip").read_bytes()
    for page in course.root.glob("feedback/*/ex04/*.html"):
        page.write_text(page.read_text())
        page.chmod(0o600)
        os.utime(page, (0, 1_000_000_000))
    packed("folders")
    assert Path("feedback/ex04-folders.zip").read_bytes() == before


def test_other_files_are_left_alone(course) -> None:
    course.add("ann", (1.0, 1.0))
    course.add_page("ann")
    with zipfile.ZipFile("mine.zip", "w") as archive:
        archive.writestr("thesis.txt", "years of work")
    before = Path("mine.zip").read_bytes()
    with pytest.raises(CourseError, match="wasn't made by this command"):
        feedback("--no-generate", "--to", "mine.zip")
    assert Path("mine.zip").read_bytes() == before


def test_mistakes_end_in_one_sentence(course) -> None:
    with pytest.raises(CourseError, match="nothing is graded yet; run nbgrader autograde ex04 first"):
        feedback()
    with pytest.raises(CourseError, match="there are no feedback pages for ex04; leave out --no-generate"):
        feedback("--no-generate")
    assert not Path("feedback").exists()


# who needs a page


@pytest.fixture
def made(course, monkeypatch) -> list[str]:
    """Stands in for nbgrader: writes the pages that aren't there, and notes whose."""
    students: list[str] = []

    def nbgrader(*arguments: str, root: Path, said: set[str]) -> None:
        assert arguments == ("generate_feedback", "ex04", f"--notebook={NOTEBOOK}")
        for graded in sorted(root.glob("autograded/*/ex04")):
            page = root / "feedback" / graded.parent.name / "ex04" / PAGE
            if not page.exists():
                write(page, "new")
                students.append(graded.parent.name)

    monkeypatch.setattr(command, "nbgrader", nbgrader)
    return students


def test_what_nbgrader_says_again_of_the_next_notebook_is_printed_once(course, monkeypatch: pytest.MonkeyPatch) -> None:
    """nbgrader runs once for each notebook, and warns of the same secret each time."""
    course.add("ann", (1.0, 1.0))
    asked: list[str] = []

    def run(words: list[str], **options: object) -> SimpleNamespace:
        asked.append(words[5])
        course.add_page("ann", "new")
        return SimpleNamespace(returncode=0, stderr=f"[X | WARNING] the same\n[X | INFO] hm\n[X | WARNING] {words[5]}")

    monkeypatch.setattr(commands.subprocess, "run", run)
    monkeypatch.setattr(command.feedback_zip, "notebooks_of", lambda gradebook, assignment: ["one", NOTEBOOK])
    said = feedback()
    assert asked == ["--notebook=one", f"--notebook={NOTEBOOK}"]
    assert [said.count(f"WARNING] {words}") for words in ("the same", *asked)] == [1, 1, 1]


def test_only_pages_that_are_missing_or_out_of_date_are_made(course, made) -> None:
    for student in ("ann", "bob", "cy", "dee", "eve"):
        course.add(student, (1.0, 1.0))
    note = write(course.root / "feedback/ann/ex04/note.txt", "of the instructor's")
    feedback()
    assert made == ["ann", "bob", "cy", "dee", "eve"]
    made.clear()
    feedback()
    assert made == []

    session = course.book.db
    session.query(Grade).filter(Grade.notebook_id == "ex04.0.n").first().manual_score = 0.5
    session.add(Comment(cell_id="ex04.test_a", notebook_id="ex04.1.n", manual_comment="Well done"))
    session.commit()
    graded = course.root / "autograded/cy/ex04" / f"{NOTEBOOK}.ipynb"
    graded.write_text(graded.read_text() + " ")
    (course.root / "feedback/dee/ex04" / PAGE).unlink()
    said = feedback()
    assert made == ["ann", "bob", "cy", "dee"]
    assert "feedback for 5 students" in said
    assert note.read_text() == "of the instructor's"


def test_one_page_that_fails_does_not_stop_the_others(course, made, monkeypatch) -> None:
    for student in ("ann", "bob"):
        course.add(student, (1.0, 1.0))
    course.add_page("ann", "older")

    def nbgrader(*arguments: str, root: Path, said: set[str]) -> None:
        course.add_page("ann", "new")
        raise CourseError("nbgrader generate_feedback failed; it said: bob")

    monkeypatch.setattr(command, "nbgrader", nbgrader)
    done = CliRunner().invoke(app, ["feedback", "ex04"])
    assert isinstance(done.exception, CourseError)
    assert "it said: bob" in str(done.exception)
    assert "Graded, but without a page: bob." in done.output
    with zipfile.ZipFile("feedback/ex04-folders.zip") as archive:
        assert archive.namelist() == [f"ann/ex04/{PAGE}"]


# through nbgrader's exchange

TIMESTAMP = "2024-05-02 12:00:00.000000 UTC"


def small_source(path: Path) -> None:
    """A notebook with one task, so that grading it takes no time."""

    def cell(grade_id: str, source: str, **flags) -> object:
        about = {"grade_id": grade_id, "schema_version": 3, "task": False, "solution": False, "grade": False}
        about = {**about, "locked": not flags.get("solution", False), "cell_type": "code", **flags}
        return new_code_cell(source, metadata={"nbgrader": about})

    solution = "def double(x):\n    ### BEGIN SOLUTION\n    return 2 * x\n    ### END SOLUTION"
    test = (
        "from nbprobe.probe import probe\n### BEGIN HIDDEN TESTS\n"
        "probe('four', double, 4.0, points=2)\n### END HIDDEN TESTS"
    )
    cells = [cell("double", solution, solution=True), cell("test_double", test, grade=True, points=2)]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    language = {"name": "python"}
    notebooks.write(new_notebook(cells=cells, metadata={"kernelspec": kernel, "language_info": language}), path)


def test_students_fetch_their_pages_from_the_exchange(tmp_path, monkeypatch, nbgrader) -> None:
    """From source to fetched page and exported points, with a penalty for being late turned on on the way."""
    shutil.copy(ROOT / "nbgrader_config.py", tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", os.environ["PATH"])  # the configuration changes it
    exchange, cache, home = (tmp_path / name for name in ("exchange", "cache", "home"))
    for folder in (exchange, cache, home):
        folder.mkdir()
    exchange.chmod(0o1777)
    source = tmp_path / "source/ex01/tiny.ipynb"
    small_source(source)
    making = GenerateAssignmentApp()
    making.initialize(["ex01", "--Application.log_level=ERROR"])
    making.start()
    with Gradebook(f"sqlite:///{tmp_path / 'gradebook.db'}", "simple_classifier") as book:
        book.find_assignment("ex01").duedate = datetime(2024, 5, 2, 11)
        book.db.commit()
    # as `nbgrader submit` and `nbgrader collect` leave it
    for place in (tmp_path / "submitted/ada/ex01", cache / f"simple_classifier/ada+ex01+{TIMESTAMP}"):
        notebook = notebooks.read(source)
        notebook.cells[0].source = "def double(x):\n    return x + x"
        notebooks.write(notebook, place / "tiny.ipynb")
        write(place / "timestamp.txt", TIMESTAMP)
        write(place / "submission_secret.txt", "5ec2e7" * 20)

    nbgrader("autograde", "ex01", "--LateSubmissionPlugin.penalty_method=zero", root=tmp_path)
    done = CliRunner().invoke(app, ["feedback", "ex01"], catch_exceptions=False)
    assert "$ nbgrader generate_feedback ex01" in done.output
    assert "feedback for 1 students" in " ".join(done.output.split())
    with zipfile.ZipFile(tmp_path / "feedback/ex01-folders.zip") as archive:
        assert archive.namelist() == ["ada/ex01/tiny.html"], "and not the secret"
    done = CliRunner().invoke(app, ["feedback", "ex01"], catch_exceptions=False)
    assert "generate_feedback" not in done.output, "nothing has changed"

    places = [f"--Exchange.root={exchange}", f"--Exchange.cache={cache}", f"--Exchange.assignment_dir={home}"]
    nbgrader("release_feedback", "ex01", *places, root=tmp_path)
    nbgrader("fetch_feedback", "ex01", "--student=ada", *places, root=tmp_path)
    fetched = home / "ex01/feedback" / TIMESTAMP / "tiny.html"
    assert fetched.read_bytes() == (tmp_path / "feedback/ada/ex01/tiny.html").read_bytes()
    assert "2 of 2 points" in fetched.read_text()

    CliRunner().invoke(app, ["export", "ex01"], catch_exceptions=False)
    header, line = (each.split(",") for each in Path("ex01-csv.csv").read_text().splitlines())
    ada = dict(zip(header, line, strict=True))
    assert (ada["raw_score"], ada["late_submission_penalty"], ada["score"]) == ("2", "2", "0")
    assert (ada["seconds_late"], ada["status"], ada["test_double"]) == ("3600", "graded", "2")
