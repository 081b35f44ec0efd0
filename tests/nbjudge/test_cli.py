"""The command `course` as a whole: what it lists, and what it imports for that."""

import errno
import os
import subprocess
import sys
from collections.abc import Callable

import pytest
from typer.testing import CliRunner

from nbjudge import cli
from tests.support import ROOT


@pytest.mark.parametrize("words", [["--help"], [], ["tabel"], ["tabel", "--help"]], ids=" ".join)
def test_the_list_is_that_of_the_commands_themselves(words: list[str]) -> None:
    listed, known = (CliRunner().invoke(cli.application(which), words) for which in (cli.LISTED, cli.ALL))
    assert (listed.exit_code, listed.output) == (known.exit_code, known.output)
    assert listed.exit_code == (0 if words == ["--help"] else 2)


def test_every_command_is_in_the_list() -> None:
    lines = CliRunner().invoke(cli.application(cli.LISTED), ["--help"]).output.splitlines()
    described = {words[0] for line in lines if len(words := line.split()) > 3}
    assert described >= set(cli.COMMANDS)


@pytest.mark.parametrize("words", ["--help", "", "tabel"])
def test_the_list_imports_no_command(words: str) -> None:
    code = f"""
import sys
from nbjudge import cli
sys.argv = ["course", *{words.split()}]
try:
    cli.main()
finally:
    print("nbgrader" in sys.modules, "nbjudge.commands" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout.splitlines()[-1] == "False False", done.stderr


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
    def application(_: str) -> Callable[[], None]:
        raise error

    monkeypatch.setattr(cli, "application", application)
    with pytest.raises(SystemExit) as end:
        cli.main()
    assert end.value.code == code
    printed = capsys.readouterr().err
    assert said in printed
    assert "Traceback" not in printed
