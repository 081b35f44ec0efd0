"""What the commands of `course` do, one module for each topic. This one holds what several of them need."""

import shlex
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rich.console import RenderableType
from rich.text import Text

from nbjudge.course.characters import printable
from nbjudge.course.console import Console, is_watched, print_rows
from nbjudge.course.errors import CourseError, database_said

FORMGRADER = ("jupyter", "lab")
"""What opens formgrader, where points are given by hand."""

SIGNS = {"✓": "green", "!": "yellow", "✗": "red", "·": "dim"}
"""What is right, to be looked at, to be mended, and neither, in their colours."""

console, aside = Console(), Console(stderr=True)


@contextmanager
def in_one_sentence() -> Iterator[None]:
    """What the system or the database refuses becomes a sentence.

    Raises
    ------
    CourseError
        In place of an ``OSError`` or an ``SQLAlchemyError``.
    """
    from sqlalchemy.exc import SQLAlchemyError  # here, as what needs no database must not take the time

    try:
        yield
    except OSError as error:
        raise CourseError(str(error)) from None
    except Exception as error:
        if not isinstance(error, (SQLAlchemyError, *_of_nbgrader())):
            raise
        raise CourseError(f"the gradebook can't be read ({database_said(error)}); `course doctor` says more.") from None


def _of_nbgrader() -> tuple[type[Exception], ...]:
    """In which its gradebook hides what the database says, if it was imported."""
    api = sys.modules.get("nbgrader.api")
    return (api.InvalidEntry,) if api else ()


def say(sentence: str) -> None:
    """Print a sentence in one line, however long it is."""
    console.print(sentence, soft_wrap=True)


def show_table(drawn: RenderableType, headings: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """The table as it is drawn for people; in a pipe or a file its rows, for programs."""
    if is_watched():
        console.print(drawn)
    else:
        print_rows([headings, *rows])


def say_marked(sign: str, sentence: str, indent: str = "") -> None:
    """Print a sentence in one line behind a sign of ``SIGNS``."""
    console.print(Text.assemble(indent, (sign, SIGNS[sign]), f" {sentence}"), soft_wrap=True)


def say_beside(sentence: str) -> None:
    """Print a sentence that belongs to a table: in a pipe it would be taken for one of its rows."""
    (console if is_watched() else aside).print(sentence, soft_wrap=True)


def next_is(
    *words: str, root: Path | None = None, why: str = "", beside_table: bool = False, to: Console | None = None
) -> None:
    """Print what comes next: a command as one types it, and ``why``. It is the last line of a command."""
    to = to or (aside if beside_table and not is_watched() else console)
    to.print(f"Next: {as_typed(*words, root=root)}{f'   # {why}' if why else ''}", soft_wrap=True)


def as_typed(*words: str, root: Path | None = None) -> str:
    """A command as a shell takes it, about the same folder."""
    return shlex.join(map(printable, [*words, *(["--root", str(root)] if root else [])]))


def some(names: list[str]) -> str:
    """The first few, and how many there are beside."""
    return ", ".join(map(printable, names[:5])) + (f" and {len(names) - 5} more" if len(names) > 5 else "")


def nbgrader(*arguments: str, root: Path, said: set[str] | None = None) -> None:
    """Run an nbgrader command on the course in ``root``, in the words that one would type.

    Parameters
    ----------
    said
        What earlier ones said, which isn't printed again.

    Raises
    ------
    CourseError
        If nbgrader fails; what it said is part of the message.
    """
    console.print(Text(f"$ nbgrader {' '.join(arguments)}", style="bold"))
    command = [sys.executable, "-m", "nbgrader", *arguments, f"--CourseDirectory.root={root.resolve()}"]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", errors="replace")
    if done.returncode != 0:
        raise CourseError(f"nbgrader {arguments[0]} failed; it said:\n{done.stderr.strip()}")
    before, lines = said or set(), [line for line in done.stderr.splitlines() if "| INFO]" not in line]
    for line in lines:
        if line not in before:
            console.print(line)
    if said is not None:
        said.update(lines)
