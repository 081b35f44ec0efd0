"""The command `course`."""

import sys

import typer
from rich.console import Console

from grading.commands import CommandError, demo, outputs, release, tables

app = typer.Typer(no_args_is_help=True, add_completion=False, help="What instructors run beside nbgrader.")
app.command()(demo.demo)
app.command("table")(tables.show_table)
app.command()(tables.intake)
app.command()(outputs.outputs)
app.command()(release.release)
app.command()(release.bundle)


def main() -> None:
    """Entry point: a foreseen mistake ends in one sentence and exit code 1."""
    try:
        app()
    except CommandError as error:
        Console(stderr=True).print(f"course: {error}", style="red", markup=False, highlight=False)
        sys.exit(1)
