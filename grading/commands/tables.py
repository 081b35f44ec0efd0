"""`course table` and `course intake`: the class at a glance."""

from pathlib import Path
from typing import Annotated

import typer
from nbgrader.api import MissingEntry
from rich import box
from rich.markup import escape
from rich.table import Table

from grading import notebooks
from grading.commands import Assignment, CommandError, console
from grading.table import table


def show_table(
    assignment: Assignment,
    gradebook: Annotated[Path, typer.Option(help="the SQLite gradebook")] = Path("gradebook.db"),
) -> None:
    """Show the points of every student in every task."""
    if not gradebook.is_file():
        raise CommandError(f"there is no gradebook {gradebook}; run nbgrader autograde {assignment} first.")
    try:
        console.print(table(gradebook, assignment))
    except MissingEntry:
        raise CommandError(
            f"the gradebook knows no assignment {assignment}; if the name is right, "
            f"run nbgrader generate_assignment {assignment} first."
        ) from None


def intake(assignment: Assignment) -> None:
    """Show which submissions were repaired before they were graded, and which couldn't be graded."""
    result = Table("student", "", "what", title=f"{assignment}: intake", box=box.SIMPLE_HEAD)
    graded = {path.parent.parent.name: path for path in sorted(Path("autograded").glob(f"*/{assignment}/*.ipynb"))}
    for student, path in graded.items():
        about = notebooks.read(path).metadata.get("intake", {})
        for sentence in about.get("repaired", []):
            result.add_row(escape(student), "repaired", escape(sentence))
        if "refused" in about:
            result.add_row(escape(student), "[red]refused[/red]", escape(about["refused"]))
    for folder in sorted(Path("submitted").glob(f"*/{assignment}")):
        if folder.parent.name not in graded:
            why = "not graded yet" if any(folder.glob("*.ipynb")) else "there is no notebook (.ipynb) in the folder"
            result.add_row(escape(folder.parent.name), "[red]no grade[/red]", why)
    console.print(result)
    console.print(f"{len(graded)} graded.")
