"""Names that can't be meant, of whatever is named on the command line, end in one sentence."""

import re
import sys
from pathlib import Path

import pytest

from nbjudge import cli
from tests.support import ROOT, commands

LONG = "n" * 300
COMMANDS = [name for name in cli.COMMANDS if name not in ("doctor", "init", "demo", "new", "forget")]


def said(words: list[str], capsys: pytest.CaptureFixture, monkeypatch: pytest.MonkeyPatch) -> str:
    """What the command says as it ends with exit code 1."""
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr("sys.argv", ["course", *words])
    monkeypatch.setenv("COLUMNS", "500")
    monkeypatch.setattr(cli.own_process, "begin", lambda: None)
    with pytest.raises(SystemExit) as end:
        cli.main()
    assert end.value.code == 1
    return capsys.readouterr().err


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("name", ["ex04/", LONG, "", "..", "a/b", "a\nb"])
def test_a_name_that_no_assignment_can_have(
    command: str, name: str, capsys: pytest.CaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = [str(ROOT)] if command == "collect" else []
    sentence = said([command, name, *files], capsys, monkeypatch)
    assert re.fullmatch(r"course: '.{0,60}' can't be the name of an assignment\.\n", sentence)


@pytest.mark.parametrize("name", ["ex04/", LONG, "", "..", "a/b"])
def test_a_name_that_no_student_can_have(
    name: str, capsys: pytest.CaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    sentence = said(["forget", name], capsys, monkeypatch)
    assert re.fullmatch(r"course: '.{0,60}' is no student's id\.\n", sentence)


PLACES = {
    "a download": ["collect", "ex04", LONG],
    "a roster": ["collect", "ex04", "tests", f"--roster={LONG}"],
    "a root": ["autograde", "ex04", f"--root={LONG}"],
    "a student": ["autograde", "ex04", f"--student={LONG}"],
    "a file to write": ["bundle", "ex04", f"--to={LONG}"],
    "a new exercise": ["new", LONG],
}


@pytest.mark.parametrize("what", PLACES)
def test_a_name_that_no_file_can_have(
    what: str, tmp_path: Path, capsys: pytest.CaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    sentence = said(PLACES[what], capsys, monkeypatch)
    assert sentence.startswith("course: ")
    assert sentence.count("\n") == 1


def test_plain_nbgrader_with_a_slash_at_the_end(tmp_path: Path) -> None:
    (tmp_path / "submitted/ada/ex04").mkdir(parents=True)
    (tmp_path / "submitted/ada/ex04/a.ipynb").touch()
    words = [sys.executable, "-m", "nbgrader", "autograde", "ex04/", f"--CourseDirectory.root={tmp_path}"]
    done = commands.run(words, ROOT)
    assert done.returncode == 1
    assert done.stderr == "Nothing was graded: 'ex04/' can't be the name of an assignment.\n"
