"""The command `course`."""

import errno
import importlib
import os
import signal
import sys
from collections.abc import Callable
from functools import wraps
from typing import Any, NoReturn

import typer

from nbjudge.course import interrupts, own_process
from nbjudge.course.console import Console, is_watched
from nbjudge.course.errors import CourseError
from nbjudge.usage import authoring, course, grading, results

COMMANDS: dict[str, tuple[Callable[..., None], str]] = {
    # name: its usage, and the module of nbjudge.commands that does it, in the order of a term
    "doctor": (course.doctor, "doctor"),
    "init": (course.init, "init"),
    "demo": (course.demo, "demo"),
    "new": (authoring.new, "new"),
    "rename": (authoring.rename, "rename"),
    "check": (authoring.check, "check"),
    "outputs": (authoring.outputs, "outputs"),
    "prove": (authoring.prove, "prove"),
    "release": (authoring.release, "release"),
    "bundle": (authoring.bundle, "release"),
    "collect": (grading.collect, "collect"),
    "due": (grading.due, "deadlines"),
    "extend": (grading.extend, "deadlines"),
    "autograde": (grading.autograde, "autograde"),
    "intake": (results.intake, "tables"),
    "table": (results.table, "tables"),
    "show": (results.show, "show"),
    "report": (results.report, "report"),
    "mistakes": (results.mistakes, "mistakes"),
    "export": (results.export, "export"),
    "feedback": (results.feedback, "feedback"),
    "forget": (course.forget, "forget"),
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


def application() -> typer.Typer:
    """The application with all commands. What one of them does is imported when it runs."""
    app = typer.Typer(
        no_args_is_help=True,
        add_completion=False,
        help="What instructors run beside nbgrader.",
        rich_markup_mode="rich" if is_watched() else None,  # help in a pipe has no frames around it,
        context_settings=None if is_watched() else {"terminal_width": 200},  # and no sentence is cut off
    )
    for name, (usage, module) in COMMANDS.items():
        app.command(name, context_settings={"allow_extra_args": name in GRADES})(_command(usage, module))
    return app


def _command(usage: Callable[..., None], module: str) -> Callable[..., None]:
    """What is called as ``usage``, and done by the function of the same name in a module of ``nbjudge.commands``."""

    @wraps(usage)
    def command(**arguments: Any) -> None:
        with own_process.importing():
            work = importlib.import_module(f"nbjudge.commands.{module}")
        getattr(work, usage.__name__)(**arguments)

    return command


def main() -> None:
    """Entry point: a foreseen mistake ends in one sentence and exit code 1."""
    own_process.begin()
    interrupts.lose_none()
    try:
        application()()
    except CourseError as error:
        _end(str(error))
    except KeyboardInterrupt:  # while a command is imported; later on the application takes care of it
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
