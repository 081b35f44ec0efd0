"""The command `course` as a whole: what it lists, what it is called with, and what it imports for that."""

import errno
import importlib
import inspect
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from typer.testing import CliRunner

from nbjudge import cli
from tests.support import ROOT, gradebooks

HEAVY = {"nbgrader", "nbconvert", "nbformat", "sqlalchemy", "numpy", "jinja2", "IPython", "nbjudge.commands"}
"""What takes most of a second to import, and what would import it."""


def test_every_command_is_in_the_list() -> None:
    lines = CliRunner().invoke(cli.application(), ["--help"]).output.splitlines()
    described = {words[0] for line in lines if len(words := line.split()) > 3}
    assert described >= set(cli.COMMANDS)


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_a_command_does_what_it_is_called_with(name: str) -> None:
    usage, module = cli.COMMANDS[name]
    work = getattr(importlib.import_module(f"nbjudge.commands.{module}"), name)
    own, called_with = (inspect.signature(function, eval_str=True).parameters for function in (work, usage))
    assert {each.name: each.annotation for each in own.values()} == {
        each.name: getattr(each.annotation, "__origin__", each.annotation) for each in called_with.values()
    }


COURSE = ("-m", "nbjudge")


def imported(words: Sequence[str], cwd: Path) -> tuple[int, set[str]]:
    """Exit code of Python with these words in a process of its own, and all modules that it has imported."""
    command = [sys.executable, "-X", "importtime", *words]
    done = subprocess.run(command, cwd=cwd, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True)
    lines = (line for line in done.stderr.splitlines() if line.startswith("import time:"))
    return done.returncode, {line.rpartition("|")[2].strip() for line in lines}


MISTYPED = {
    "no command": [],
    "unknown command": ["tabel"],
    "unknown option": ["autograde", "--nonsense"],
    "missing argument": ["export"],
    "no number": ["mistakes", "ex04", "--most", "many"],
    "no name": ["table", "../ex04"],
}


@pytest.mark.parametrize("words", [["--help"], *([name, "--help"] for name in cli.COMMANDS)], ids=" ".join)
def test_help_imports_nothing_heavy(words: list[str], tmp_path: Path) -> None:
    code, modules = imported([*COURSE, *words], tmp_path)
    assert code == 0
    assert "nbjudge.cli" in modules
    assert not modules & HEAVY


@pytest.mark.parametrize("what", MISTYPED)
def test_nothing_heavy_is_imported_for_what_was_mistyped(what: str, tmp_path: Path) -> None:
    code, modules = imported([*COURSE, *MISTYPED[what]], tmp_path)
    assert code == (1 if what == "no name" else 2)
    assert "nbjudge.cli" in modules
    assert not modules & HEAVY


BEYOND = {
    *("IPython", "ipykernel", "jinja2", "jupyter_client", "matplotlib", "nbclient", "nbconvert", "nbformat", "nh3"),
    *("numpy", "pygments", "scipy", "sklearn", "tornado", "zmq"),
}
"""Of these, who only reads a gradebook needs no more than nbgrader imports by itself."""


@pytest.mark.parametrize("command", ["table", "export", "due"])
def test_who_reads_a_gradebook_imports_little_beside_nbgrader(
    command: str, tmp_path: Path, empty_gradebook: Path
) -> None:
    course = gradebooks.Course(tmp_path, empty_gradebook)
    course.add("ada", (1.0, 2.0))
    code, modules = imported([*COURSE, command, "ex04"], tmp_path)
    assert code == 0
    _, without = imported(["-c", "import nbgrader.api"], tmp_path)
    assert "nbgrader.api" in modules & without
    assert not {name for name in modules - without if name.partition(".")[0] in BEYOND}


@pytest.mark.parametrize("words", [["table", "--help"], ["--", "table", "--help"]], ids=" ".join)
def test_a_command_is_found_wherever_it_stands(
    words: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    monkeypatch.setattr(sys, "argv", ["course", *words])
    with pytest.raises(SystemExit):
        cli.main()
    assert "--json" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (OSError(errno.EROFS, os.strerror(errno.EROFS), "/course/source/x"), 1, "/course/source/x can't be used: "),
        (OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)), 1, "a file can't be used: No space left on device"),
        (KeyboardInterrupt(), 130, ""),
    ],
)
def test_what_the_system_refuses_is_one_sentence(
    error: BaseException, code: int, said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    def application() -> Callable[[], None]:
        raise error

    monkeypatch.setattr(cli, "application", application)
    with pytest.raises(SystemExit) as end:
        cli.main()
    assert end.value.code == code
    printed = capsys.readouterr().err
    assert said in printed
    assert "Traceback" not in printed
