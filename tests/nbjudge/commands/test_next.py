"""The last line of each command is what comes next, as one types it."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from nbjudge import cli
from nbjudge.batch.ledger import Outcome
from nbjudge.commands.summary import Summary
from tests.support.gradebooks import NOTEBOOK, Course, write

app = cli.application()
LATER = ["extend", "ex04", "ada", "--until", "2090-05-17 23:59", "--timezone", "UTC"]


@pytest.fixture
def course(tmp_path: Path, empty_gradebook: Path, monkeypatch: pytest.MonkeyPatch) -> Course:
    monkeypatch.chdir(tmp_path)
    course = Course(tmp_path, empty_gradebook)
    course.add("ada", (3.0, 2.0))
    course.add_page("ada")
    return course


def last_line(*words: str) -> str:
    done = CliRunner().invoke(app, list(words))
    assert done.exit_code == 0, done.output
    return done.output.strip().splitlines()[-1]


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["due", "ex04"], "Next: course extend ex04 STUDENT --until 'YYYY-MM-DD HH:MM'"),
        (["due", "ex04", "none"], "Next: course autograde ex04"),
        (LATER, "Next: course autograde ex04"),
        (["intake", "ex04"], "Next: course collect ex04 DOWNLOAD"),
        (["table", "ex04"], "Next: course report ex04"),
        (["show", "ex04", "ada"], "Next: course feedback ex04"),
        (["report", "ex04"], "Next: course export ex04"),
        (["report", "--all"], "Next: course report ASSIGNMENT"),
        (["export", "ex04"], "Next: course feedback ex04"),
        (["export", "ex04", "--layout", "moodle"], "Next: course feedback ex04 --layout moodle"),
        (
            ["feedback", "ex04", "--no-generate"],
            "Next: nbgrader release_feedback ex04   # or send the pages out yourself",
        ),
        (["forget", "ada", "--yes"], "Next: delete them from the learning platform too, or a later download brings"),
    ],
    ids=" ".join,
)
def test_after_each_command(course: Course, words: list[str], line: str) -> None:
    course.book.close()
    assert last_line(*words).startswith(line) if words[0] == "forget" else last_line(*words) == line


@pytest.mark.parametrize("command", ["table", "export", "intake"])
def test_who_waits_for_a_grade_comes_first(course: Course, command: str) -> None:
    course.book.close()
    write(course.root / "submitted/ben/ex04" / f"{NOTEBOOK}.ipynb", "{}")
    assert last_line(command, "ex04") == "Next: course autograde ex04"


@pytest.mark.parametrize("words", [["show", "ex04", "cem"], ["export", "ex04"]], ids=" ".join)
def test_then_what_people_have_to_grade(course: Course, words: list[str]) -> None:
    course.add("cem", (1.0, 2.0), needs=True)
    course.book.close()
    assert last_line(*words) == "Next: jupyter lab"


def test_without_a_due_date_it_is_set_first(course: Course) -> None:
    course.book.close()
    last_line("due", "ex04", "none")
    assert last_line("due", "ex04") == "Next: course due ex04 'YYYY-MM-DD HH:MM'"


@pytest.mark.parametrize(
    ("outcome", "left", "line"),
    [
        (Outcome("ada", "graded"), 0, "Next: course table ex04"),
        (Outcome("ada", "graded", repaired=["x"]), 0, "Next: course intake ex04"),
        (Outcome("ada", "refused", "x"), 0, "Next: course intake ex04"),
        (Outcome("ada", "failed", "x"), 0, "Next: course autograde ex04 --only-failed"),
        (Outcome("ada", "graded"), 3, "Next: course autograde ex04"),
    ],
)
def test_after_grading(outcome: Outcome, left: int, line: str, capsys: pytest.CaptureFixture) -> None:
    summary = Summary(0)
    summary.add(outcome)
    summary.left = left
    summary.say_what_is_next("ex04", None)
    assert capsys.readouterr().err == f"{line}\n"


def test_json_is_nothing_but_json(course: Course) -> None:
    course.book.close()
    for words in (["table", "ex04"], ["intake", "ex04"], ["due", "ex04"], ["show", "ex04", "ada"]):
        said = CliRunner().invoke(app, [*words, "--json"]).output
        assert said.lstrip()[0] in "{["
        assert "Next" not in said
