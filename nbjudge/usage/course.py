"""A course and its machine, from the first day to the last."""

from pathlib import Path
from typing import Annotated

import typer

from nbjudge.usage import AsJson, Root


def doctor(as_json: AsJson = False, root: Root = None) -> None:
    """Say what works on this machine, what doesn't, and what to type. Exit code 1: no grading, or no validating."""


def init(folder: Annotated[Path, typer.Argument(help="folder of the new course, for example my-course")]) -> None:
    """Make the folder of a new course: configuration, README, Makefile, and what students get beside the notebooks."""


def demo(
    assignment: Annotated[
        str, typer.Argument(help="the exercise; by default the first that has a sample class", show_default=False)
    ] = "",
    folder: Annotated[Path, typer.Option(help="where the sample course goes; what is there is replaced")] = Path(
        "demo"
    ),
) -> None:
    """Make the sample class of an exercise, or one from its solution, grade it with nbgrader and show the result."""


def forget(
    student: Annotated[str, typer.Argument(help="id")],
    yes: Annotated[bool, typer.Option("--yes", help="don't ask")] = False,
    root: Root = None,
) -> None:
    """Delete all that is kept of a student, and show that nothing is left.

    Exit code 1 if something is left.
    """
