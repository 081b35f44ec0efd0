"""`course due` and `course extend`."""

import json
from datetime import datetime
from pathlib import Path

import pytest
from nbgrader.api import Gradebook
from typer.testing import CliRunner

from nbjudge.cli import application
from nbjudge.course.errors import CourseError
from tests.support.gradebooks import Course, write

app = application()


@pytest.fixture
def course(tmp_path: Path, empty_gradebook: Path, monkeypatch: pytest.MonkeyPatch) -> Course:
    monkeypatch.chdir(tmp_path)
    course = Course(tmp_path, empty_gradebook)
    course.add("ada", (3.0, 2.0))
    course.add("ben")
    course.book.close()
    return course


def run(*arguments: str) -> str:
    done = CliRunner().invoke(app, [*arguments, "--timezone", "Europe/Berlin"])
    if isinstance(done.exception, CourseError):
        raise done.exception
    assert done.exit_code == 0, done.output
    return " ".join(done.output.split())


def duedate(course: Course, student: str) -> datetime:
    with Gradebook(f"sqlite:///{course.root}/gradebook.db") as gradebook:
        return gradebook.find_submission("ex04", student).duedate


def test_an_extension_ends_at_the_moment_that_was_said_whatever_the_due_date_becomes(course: Course) -> None:
    assert run("due", "ex04", "2026-05-10 23:59") == (
        "ex04 is due 2026-05-10 23:59 CEST. Graded before: ada; whose points may change is graded again. "
        "Next: course autograde ex04"
    )
    assert run("extend", "ex04", "ada", "--until", "2026-05-17 23:59").startswith(
        "ada has time for ex04 until 2026-05-17 23:59 CEST. Graded before: ada;"
    )
    assert run("extend", "ex04", "ben", "--until", "17 May 2026, 11:59 PM").endswith(
        "until 2026-05-17 23:59 CEST. Next: course collect ex04 DOWNLOAD"
    )
    assert duedate(course, "ada") == duedate(course, "ben") == datetime(2026, 5, 17, 21, 59)
    said = run("due", "ex04", "2026-05-12 12:00")
    assert "ada: 2026-05-17 23:59 CEST" in said
    assert duedate(course, "ada") == datetime(2026, 5, 17, 21, 59)
    assert "ben" not in run("due", "ex04", "2026-05-20 12:00"), "everybody has more time than that now"
    assert run("due", "ex04").startswith("ex04 is due 2026-05-20 12:00 CEST. Next: course extend ex04 STUDENT")
    assert run("due", "ex04", "none").startswith("ex04 is due at no time.")


def test_dates_for_programs(course: Course) -> None:
    run("due", "ex04", "2026-05-10 23:59")
    run("extend", "ex04", "ada", "--until", "2026-05-17 23:59")
    assert json.loads(run("due", "ex04", "--json")) == {
        "assignment": "ex04",
        "due": "2026-05-10T23:59:00+02:00",
        "extensions": {"ada": "2026-05-17T23:59:00+02:00"},
    }


def test_an_extension_can_be_taken_away(course: Course) -> None:
    run("due", "ex04", "2026-05-10 23:59")
    run("extend", "ex04", "ada", "--until", "2026-05-17 23:59")
    assert run("extend", "ex04", "ada", "--until", "none").startswith("ada has time for ex04 until 2026-05-10 23:59")
    assert duedate(course, "ada") == datetime(2026, 5, 10, 21, 59)


def test_who_has_more_time_and_hands_in_nothing_stays_missing(course: Course) -> None:
    run("due", "ex04", "2026-05-10 23:59")
    before = CliRunner().invoke(app, ["table", "ex04"]).output
    assert "missing" in before
    run("extend", "ex04", "ben", "--until", "2026-05-17 23:59")
    assert CliRunner().invoke(app, ["table", "ex04"]).output == before
    assert "1 graded, 1 missing" in CliRunner().invoke(app, ["export", "ex04"]).output


def test_who_handed_in_and_is_not_in_the_gradebook_yet_can_have_more_time(course: Course) -> None:
    write(course.root / "submitted/cem/ex04/1_simple_classifier.ipynb", "{}")
    run("due", "ex04", "2026-05-10 23:59")
    run("extend", "ex04", "cem", "--until", "2026-05-17 23:59")
    assert duedate(course, "cem") == datetime(2026, 5, 17, 21, 59)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("due", "ex04", "soon"), "'soon' is no time; write it like 2026-05-10 23:59."),
        (("due", "ex04", "10.05.2026"), "is no time"),
        (("due", "ex99"), "there is no notebook in"),
        (("extend", "ex04", "nobody", "--until", "2026-05-17 23:59"), "knows no student nobody"),
        (("extend", "ex04", "ada", "--until", "2020-05-17 23:59"), "ada has no extension"),
    ],
)
def test_a_mistake_ends_in_one_sentence(course: Course, arguments: tuple[str, ...], said: str) -> None:
    with pytest.raises(CourseError, match=said):
        run(*arguments)


def test_no_extension_grows_by_way_of_no_due_date(course: Course) -> None:
    run("due", "ex04", "2026-05-10 23:59")
    run("extend", "ex04", "ada", "--until", "2026-05-17 23:59")
    with pytest.raises(CourseError, match="ada has an extension, and without a due date there is none; take it away"):
        run("due", "ex04", "none")
    assert duedate(course, "ada") == datetime(2026, 5, 17, 21, 59)
    run("extend", "ex04", "ada", "--until", "none")
    run("due", "ex04", "none")
    assert run("due", "ex04", "2026-05-20 23:59").startswith("ex04 is due 2026-05-20 23:59 CEST. Graded")


def test_without_a_due_date_there_is_no_extension(course: Course) -> None:
    run("due", "ex04", "none")
    with pytest.raises(CourseError, match="set it first: course due ex04 DATE"):
        run("extend", "ex04", "ada", "--until", "2026-05-17 23:59")
