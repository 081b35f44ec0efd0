"""The command `course`."""

import ast
import errno
import importlib
import os
import signal
import sys
from collections.abc import Callable, Sequence
from functools import wraps
from pathlib import Path
from typing import Any, NoReturn

import typer

from nbjudge.course import own_process
from nbjudge.course.console import Console, is_watched
from nbjudge.course.errors import CourseError
from nbjudge.usage import grading

COMMANDS = {
    # name: module in nbjudge.commands, in the order of a term
    "doctor": "doctor",
    "init": "init",
    "demo": "demo",
    "new": "new",
    "rename": "rename",
    "check": "check",
    "outputs": "outputs",
    "prove": "prove",
    "release": "release",
    "bundle": "release",
    "collect": "collect",
    "due": "deadlines",
    "extend": "deadlines",
    "autograde": "autograde",
    "intake": "tables",
    "table": "tables",
    "show": "show",
    "report": "report",
    "mistakes": "mistakes",
    "export": "export",
    "feedback": "feedback",
    "forget": "forget",
}


REFUSED = {
    errno.EACCES: "it isn't yours to change",
    errno.EPERM: "it isn't yours to change",
    errno.EROFS: "nothing can be written there",
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "your share of the disk is full",
}
"""What the system says where nobody is to blame for the command."""
GRADES = ("autograde", "mistakes")
"""Commands that can grade: they take options of nbgrader after ``--``."""
ALL, LISTED = "", "--help"
"""What stands for all commands, and for what the list of them says."""


def application(only: str = ALL) -> typer.Typer:
    """The application with all commands.

    Each takes its time to import. With the name of one as ``only`` it has that one; with ``LISTED`` it imports none,
    and has what the list of commands says of them.
    """
    app = typer.Typer(
        no_args_is_help=True,
        add_completion=False,
        help="What instructors run beside nbgrader.",
        rich_markup_mode="rich" if is_watched() else None,  # help in a pipe has no frames around it,
        context_settings=None if is_watched() else {"terminal_width": 200},  # and no sentence is cut off
    )
    app.callback()(lambda: None)  # or else one command alone would need no name
    for name in COMMANDS:
        if only in (name, ALL, LISTED):
            function = _described(name) if only == LISTED else _imported(name)
            app.command(name, context_settings={"allow_extra_args": name in GRADES})(function)
    return app


def _imported(name: str) -> Callable[..., None]:
    if name == "autograde":
        return _deferred(name)
    function: Callable[..., None] = getattr(importlib.import_module(f"nbjudge.commands.{COMMANDS[name]}"), name)
    return function


def _deferred(name: str) -> Callable[..., None]:
    """A command by its usage; what it does is imported when it runs."""

    def command(**arguments: Any) -> None:
        getattr(importlib.import_module(f"nbjudge.commands.{COMMANDS[name]}"), name)(**arguments)

    return wraps(getattr(grading, name))(command)


def _described(name: str) -> Callable[..., None]:
    """What does nothing, with the docstring of a command."""

    def nothing() -> None: ...

    if name == "autograde":
        nothing.__doc__ = grading.autograde.__doc__
        return nothing
    text = Path(__file__).with_name("commands").joinpath(f"{COMMANDS[name]}.py").read_text(encoding="utf-8")
    functions = (node for node in ast.parse(text).body if isinstance(node, ast.FunctionDef) and node.name == name)
    nothing.__doc__ = ast.get_docstring(next(functions))
    return nothing


def _wanted(words: Sequence[str]) -> str:
    """As much of the application as a command line needs."""
    first = words[0] if words else LISTED
    if first in COMMANDS:
        return first
    return ALL if first.startswith("-") and first != LISTED else LISTED  # "--" may come before a command


def main() -> None:
    """Entry point: a foreseen mistake ends in one sentence and exit code 1."""
    own_process.begin()
    try:
        application(_wanted(sys.argv[1:]))()
    except CourseError as error:
        _end(str(error))
    except KeyboardInterrupt:  # while commands are imported; later on the application takes care of it
        sys.exit(128 + signal.SIGINT)
    except OSError as error:
        if error.errno == errno.ENAMETOOLONG:
            _end(f"no file can have a name as long as {os.path.basename(str(error.filename))[:50]}…")
        if error.errno not in REFUSED:
            raise
        why = f"{error.strerror} ({REFUSED[error.errno]})"
        _end(f"{error.filename or 'a file'} can't be used: {why}; `course doctor` says more.")


def _end(sentence: str) -> NoReturn:
    Console(stderr=True).print(f"course: {sentence}", style="red", soft_wrap=not sys.stderr.isatty())
    sys.exit(1)
