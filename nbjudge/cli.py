"""The command `course`."""

import errno
import importlib
import os
import sys
from typing import NoReturn

import typer

from nbjudge.course import own_process
from nbjudge.course.console import Console, is_watched
from nbjudge.course.errors import CourseError

COMMANDS = {
    # name: module in nbjudge.commands, in the order of a term
    "init": "init",
    "demo": "demo",
    "new": "new",
    "outputs": "outputs",
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
    "export": "export",
    "feedback": "feedback",
    "forget": "forget",
}


def application(only: str = "") -> typer.Typer:
    """The application with all commands; or with ``only`` one of them, as each takes its time to import."""
    app = typer.Typer(
        no_args_is_help=True,
        add_completion=False,
        help="What instructors run beside nbgrader.",
        rich_markup_mode="rich" if is_watched() else None,  # help in a pipe has no frames around it,
        context_settings=None if is_watched() else {"terminal_width": 200},  # and no sentence is cut off
    )
    app.callback()(lambda: None)  # or else one command alone would need no name
    for name, module in COMMANDS.items():
        if only in (name, "") or only not in COMMANDS:
            function = getattr(importlib.import_module(f"nbjudge.commands.{module}"), name)
            app.command(name, context_settings={"allow_extra_args": name == "autograde"})(function)
    return app


def main() -> None:
    """Entry point: a foreseen mistake ends in one sentence and exit code 1."""
    own_process.begin()
    try:
        application(sys.argv[1] if len(sys.argv) > 1 else "")()
    except CourseError as error:
        _end(str(error))
    except OSError as error:
        if error.errno != errno.ENAMETOOLONG:
            raise
        _end(f"no file can have a name as long as {os.path.basename(str(error.filename))[:50]}…")


def _end(sentence: str) -> NoReturn:
    Console(stderr=True).print(f"course: {sentence}", style="red", soft_wrap=not sys.stderr.isatty())
    sys.exit(1)
