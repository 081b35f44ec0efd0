"""`course new`: a new exercise to start from."""

from pathlib import Path
from typing import Annotated

import typer

from nbjudge.authoring.new import NewExerciseError, create
from nbjudge.commands import CommandError, console, nbgrader


def new(name: Annotated[str, typer.Argument(help="name of the new exercise, for example ex05")]) -> None:
    """Make a small exercise that is complete (notebook, misconceptions, test, release), to be rewritten."""
    try:
        made = create(name, Path.cwd())
    except NewExerciseError as error:
        raise CommandError(str(error)) from None
    try:
        nbgrader("generate_assignment", name, root=Path.cwd())
    except CommandError as error:
        raise CommandError(
            f"the files of {name} are there, but not its release; when nbgrader is content again, run "
            f"nbgrader generate_assignment {name}. {error}"
        ) from None
    for path in (*made, Path("release", name, made[0].name)):
        console.print(f"  made {path}", highlight=False, soft_wrap=True)
    console.print("Next:")
    for number, step in enumerate(
        (
            f"Edit {made[0]} in JupyterLab; docs/authoring.md says what a task needs.",
            f"Run make outputs release EXERCISE={name}, which stores its outputs and makes the students' version.",
            f"Put its points into {made[2]} and its typical mistakes into {made[1]}, then run make test.",
        ),
        1,
    ):
        console.print(f"  {number}. {step}", highlight=False, soft_wrap=True)
