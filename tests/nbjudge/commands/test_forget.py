"""`course forget`: nothing of a student stays, and nothing of anybody else goes."""

import json
import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from nbjudge.cli import application
from nbjudge.course.errors import CourseError
from tests.support.downloads import NAME, NOON, moodle, notebook, zipped
from tests.support.gradebooks import DUE, Course, write

app = application()
ADA, BEN = "ge11ada", "ge22ben"


@pytest.fixture
def course(tmp_path: Path, empty_gradebook: Path, monkeypatch: pytest.MonkeyPatch) -> Course:
    """A term of two students, with all that commands write."""
    monkeypatch.chdir(tmp_path)
    course = Course(tmp_path, empty_gradebook)
    for student, first, last in ((ADA, "Ada", "Lovelace"), (BEN, "Ben", "Nevis")):
        about = {"at": DUE + timedelta(hours=1), "penalty": 1.0}  # a report names who was late
        course.add(
            student, (3.0, 2.0), **about, first_name=first, last_name=last, email=f"{first.lower()}@university.example"
        )
        course.add_page(student, f"a page for {first} {last}")
        for folder in ("submitted", "earlier", "refused"):
            write(tmp_path / folder / student / "ex04" / NAME, "{}")
        for name in (f"{student}.json", f"locks/{student}", f"grounds/{student}.json", f"intake/{student}.json"):
            write(tmp_path / ".grading/ex04" / name, "{}")
    course.book.close()
    entries = {student: {"name": f"{student}_7_assignsubmission_file_", "lms": "moodle"} for student in (ADA, BEN)}
    write(tmp_path / "collected/ex04.json", json.dumps(entries))
    for arguments in (["export", "ex04"], ["export", "ex04", "--layout", "moodle"], ["report", "ex04"]):
        assert CliRunner().invoke(app, arguments).exit_code == 0
    assert CliRunner().invoke(app, ["feedback", "ex04", "--no-generate"]).exit_code == 0
    return course


def files(root: Path) -> set[str]:
    return {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()}


def test_nothing_of_a_student_stays_and_nothing_of_another_goes(course: Course) -> None:
    before = files(course.root)
    done = CliRunner().invoke(app, ["forget", ADA, "--yes"])
    assert done.exit_code == 0, done.output
    assert "Nothing in the course names them." in done.output
    gone = before - files(course.root)
    assert all(ADA in name or name.endswith((".csv", ".html", ".zip")) for name in gone), gone
    assert {name for name in gone if ADA not in name} == {
        "ex04-csv.csv",
        "ex04-moodle.csv",
        "report-ex04.html",
        "feedback/ex04-folders.zip",
    }
    for path in files(course.root):
        content = (course.root / path).read_bytes()
        for name in (ADA, "Lovelace", "ada@university"):
            assert name.encode() not in content, (name, path)
    assert list(json.loads((course.root / "collected/ex04.json").read_text())) == [BEN]
    with sqlite3.connect(course.root / "gradebook.db") as database:
        (grades,) = database.execute("select count(*) from grade").fetchone()
        assert database.execute("select id from student").fetchall() == [(BEN,)]
    assert grades == 2


def test_it_says_first_what_it_will_do_and_asks(course: Course) -> None:
    before = files(course.root)
    done = CliRunner().invoke(app, ["forget", ADA], input="n\n")
    assert done.exit_code == 1
    said = " ".join(done.output.split())
    for what in (
        "in the gradebook",
        f"submitted/{ADA}",
        "their entry in collected/ex04.json",
        "report-ex04.html, which",
    ):
        assert what in said
    assert BEN not in said
    assert files(course.root) == before


@pytest.mark.parametrize("form", ["plain", "base64", "zip", "name"])
def test_what_is_still_there_is_named(course: Course, form: str) -> None:
    import base64

    text = b"worked together with Ada Lovelace"
    other = {
        "plain": ("submitted/ge22ben/ex04/notes.txt", text),
        "base64": ("submitted/ge22ben/ex04/notes.txt", base64.b64encode(b"  " + text)),
        "zip": ("download.zip", zipped((moodle("Ada Lovelace", 7), notebook("x"), NOON))),
        "name": (f"backup/{ADA}.txt", b""),
    }
    name, content = other[form]
    (course.root / name).parent.mkdir(parents=True, exist_ok=True)
    (course.root / name).write_bytes(content)
    done = CliRunner().invoke(app, ["forget", ADA, "--yes"])
    assert done.exit_code == 1
    assert f"still named in {name}" in " ".join(done.output.split())
    assert (course.root / name).exists(), "it may be another's"


def test_a_gradebook_of_the_platforms_own_stays_and_is_named(course: Course) -> None:
    """It begins as our export does, and nobody can make it again."""
    write(course.root / "source/ex04" / NAME, "{}")
    for kind in ("canvas", "csv"):
        assert CliRunner().invoke(app, ["export", "ex04", "--layout", kind]).exit_code == 0
    ours, theirs = course.root / "ex04-canvas.csv", course.root / "canvas-final-grades.csv"
    theirs.write_text(f"Student,ID,SIS User ID,SIS Login ID,Section,ex04 (7),Exam (8)\nAda,1,{ADA},,A,9,88\n")
    worksheet = course.root / "worksheet.csv"
    worksheet.write_text(f'Identifier,"Full name","ID number",Status,Grade\n"Participant 1",Ada,{ADA},x,\n')
    done = CliRunner().invoke(app, ["forget", ADA, "--yes"])
    assert done.exit_code == 1
    assert theirs.exists()
    assert worksheet.exists()
    assert not ours.exists()
    for path in (theirs, worksheet):
        assert f"still named in {path.name}" in " ".join(done.output.split())


def test_a_link_is_taken_away_and_not_followed(course: Course) -> None:
    elsewhere = course.root.parent / "elsewhere"
    elsewhere.mkdir(exist_ok=True)
    (elsewhere / "kept").write_text("")
    (course.root / "earlier" / "ge33eve").symlink_to(elsewhere)
    assert CliRunner().invoke(app, ["forget", "ge33eve", "--yes"]).exit_code == 0
    assert (elsewhere / "kept").exists()
    assert not (course.root / "earlier/ge33eve").is_symlink()


@pytest.mark.parametrize(
    ("student", "said"), [("nobody", "nothing is kept of nobody"), ("../source", "is no student's id")]
)
def test_a_mistake_ends_in_one_sentence(course: Course, student: str, said: str) -> None:
    before = files(course.root)
    done = CliRunner().invoke(app, ["forget", student, "--yes"])
    assert isinstance(done.exception, CourseError)
    assert said in str(done.exception)
    assert files(course.root) == before


def test_an_archive_that_unpacks_to_too_much_is_named(course: Course) -> None:
    bomb = zipped(*((f"{n}", bytes(10**8)) for n in range(3)))
    (course.root / "submitted" / BEN / "ex04/bomb.zip").write_bytes(bomb)
    done = CliRunner().invoke(app, ["forget", ADA, "--yes"])
    assert done.exit_code == 1
    assert "not looked into: submitted/ge22ben/ex04/bomb.zip" in " ".join(done.output.split())


def test_a_student_may_be_called_any(course: Course) -> None:
    write(course.root / "submitted/any/ex04" / NAME, "{}")
    CliRunner().invoke(app, ["forget", "any", "--yes"])  # other files hold that word
    assert not (course.root / "submitted/any").exists()
