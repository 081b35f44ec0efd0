"""The commands of `course`, one module for each topic. This one holds what several of them need."""

import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from sqlalchemy.exc import SQLAlchemyError

from nbjudge.course.course import database_said
from nbjudge.course.errors import CourseError

console = Console()

Root = Annotated[Path | None, typer.Option("--root", help="the course's files, if they lie in another folder")]
Assignment = Annotated[str, typer.Argument(help="name of the assignment, for example ex04")]


class CommandError(CourseError):
    """Something that the person at the keyboard can mend. Shown as one sentence."""


def unreadable(error: SQLAlchemyError) -> CommandError:
    """What to say where the database gives no answer."""
    return CommandError(f"the gradebook can't be read: {database_said(error)}")


def nbgrader(*arguments: str, root: Path) -> None:
    """Run an nbgrader command on the course in ``root``, in the words that one would type.

    Raises
    ------
    CommandError
        If nbgrader fails; what it said is part of the message.
    """
    console.print(f"[bold]$ nbgrader {' '.join(arguments)}[/bold]", highlight=False)
    command = [sys.executable, "-m", "nbgrader", *arguments, f"--CourseDirectory.root={root.resolve()}"]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise CommandError(f"nbgrader {arguments[0]} failed; it said:\n{done.stderr.strip()}")
    for line in done.stderr.splitlines():
        if "| INFO]" not in line:
            console.print(line, markup=False, highlight=False)


def only_notebook(folder: Path) -> Path:
    """The one notebook in ``folder``."""
    found = sorted(folder.glob("*.ipynb"))
    if len(found) != 1:
        raise CommandError(
            f"{folder} should hold one notebook, but it holds {len(found)}; are you in the course folder?"
        )
    return found[0]
