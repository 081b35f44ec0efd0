"""What the commands of `course` are called with: arguments, options, and what --help says of each.

A function here is a signature and a docstring. What it stands for is done by the function of the same name and the same
parameters in ``nbjudge.commands``, which is imported when the command runs: help and a mistyped option need nothing of
nbgrader. Nothing here may import anything heavy; a test looks at it.
"""

from pathlib import Path
from typing import Annotated

import typer

from nbjudge.course.assignment_names import require_name


def named(assignment: str | None) -> str | None:
    """The name of an assignment as it was typed.

    Raises
    ------
    CourseError
        If it can't be one.
    """
    if assignment is not None:
        require_name(assignment)
    return assignment


Root = Annotated[Path | None, typer.Option("--root", help="the course's files, if they lie in another folder")]
AsJson = Annotated[bool, typer.Option("--json", help="the same as JSON")]
Assignment = Annotated[str, typer.Argument(callback=named, help="name of the assignment, for example ex01")]
