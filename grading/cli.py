"""The command `course`."""

import sys

import typer
from rich.console import Console

from grading.commands import (
    CommandError,
    autograde,
    collect,
    demo,
    export,
    feedback,
    new,
    outputs,
    release,
    report,
    tables,
)

app = typer.Typer(no_args_is_help=True, add_completion=False, help="What instructors run beside nbgrader.")
app.command()(demo.demo)
app.command()(new.new)
app.command()(outputs.outputs)
app.command()(release.release)
app.command()(release.bundle)
app.command()(collect.collect)
app.command(context_settings={"allow_extra_args": True})(autograde.autograde)
app.command()(tables.intake)
app.command("table")(tables.show_table)
app.command()(report.report)
app.command()(export.export)
app.command()(feedback.feedback)


def main() -> None:
    """Entry point: a foreseen mistake ends in one sentence and exit code 1."""
    try:
        app()
    except CommandError as error:
        Console(stderr=True).print(f"course: {error}", style="red", markup=False, highlight=False)
        sys.exit(1)
