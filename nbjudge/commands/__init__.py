"""The commands of `course`, one module for each topic. This one holds what several of them need."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text
from sqlalchemy.exc import SQLAlchemyError

from nbjudge.course.characters import printable
from nbjudge.course.console import Console
from nbjudge.course.course import database_said, require_name
from nbjudge.course.errors import CourseError

console = Console()

Root = Annotated[Path | None, typer.Option("--root", help="the course's files, if they lie in another folder")]


def _named(assignment: str) -> str:
    require_name(assignment)
    return assignment


Assignment = Annotated[str, typer.Argument(callback=_named, help="name of the assignment, for example ex01")]


@contextmanager
def in_one_sentence() -> Iterator[None]:
    """What the system or the database refuses becomes a sentence.

    Raises
    ------
    CourseError
        In place of an ``OSError`` or an ``SQLAlchemyError``.
    """
    try:
        yield
    except SQLAlchemyError as error:
        raise CourseError(f"the gradebook can't be read: {database_said(error)}") from None
    except OSError as error:
        raise CourseError(str(error)) from None


def say(sentence: str) -> None:
    """Print a sentence in one line, however long it is."""
    console.print(sentence, soft_wrap=True)


def some(names: list[str]) -> str:
    """The first few, and how many there are beside."""
    return ", ".join(map(printable, names[:5])) + (f" and {len(names) - 5} more" if len(names) > 5 else "")


def nbgrader(*arguments: str, root: Path) -> None:
    """Run an nbgrader command on the course in ``root``, in the words that one would type.

    Raises
    ------
    CourseError
        If nbgrader fails; what it said is part of the message.
    """
    console.print(Text(f"$ nbgrader {' '.join(arguments)}", style="bold"))
    command = [sys.executable, "-m", "nbgrader", *arguments, f"--CourseDirectory.root={root.resolve()}"]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise CourseError(f"nbgrader {arguments[0]} failed; it said:\n{done.stderr.strip()}")
    for line in done.stderr.splitlines():
        if "| INFO]" not in line:
            console.print(line)
