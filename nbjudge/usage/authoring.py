"""From an idea to what students get."""

from pathlib import Path
from typing import Annotated

import typer

from nbjudge.authoring.exercise_templates import TEMPLATES
from nbjudge.usage import AsJson, Assignment


def new(
    name: Annotated[str, typer.Argument(help="name of the new exercise, for example ex05")],
    template: Annotated[str, typer.Option(help=f"what to start from: {', '.join(TEMPLATES)}; asked if missing")] = "",
) -> None:
    """Make a small exercise that is complete (notebook, misconceptions, test, release), to be rewritten."""


def rename(
    assignment: Assignment,
    name: Annotated[str, typer.Argument(help="the new name, for example 1_softmax")],
    old: Annotated[str, typer.Option("--of", help="its name now, where the assignment has several notebooks")] = "",
) -> None:
    """Give a notebook another name, with all that was made from it. Before students have handed in."""


def check(
    assignment: Assignment,
    watch: Annotated[bool, typer.Option("--watch", help="go on, and look again at every save")] = False,
    tables: Annotated[bool, typer.Option("--seen", help="show what a student sees for each misconception")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="the same as JSON")] = False,
) -> None:
    """Say what is wrong with an exercise: its source, solution, stubs, probes, misconceptions, texts. In seconds."""


def outputs(assignment: Assignment) -> None:
    """Run the source notebooks of an assignment: store their outputs in them, and what checks judge by beside them."""


def prove(
    assignment: Assignment,
    to: Annotated[
        Path | None, typer.Option(help="the page to write; by default proof-<assignment>.html", show_default=False)
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Change the solution in hundreds of small ways, grade each, and say what the tests don't notice."""


def release(assignment: Assignment) -> None:
    """Make the students' version from source/, and prove that nothing leaks before it is put into release/."""


def bundle(
    assignment: Assignment,
    to: Annotated[Path | None, typer.Option(help="the zip file; by default ASSIGNMENT.zip in this folder")] = None,
) -> None:
    """Pack what students need into one zip file: the release, what it imports, the environment, a README."""
