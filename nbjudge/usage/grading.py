"""From downloads to grades."""

import os
from pathlib import Path
from typing import Annotated

import typer

from nbjudge.usage import AsJson, Assignment, Root

Zone = Annotated[str, typer.Option("--timezone", help="of a time that doesn't say, such as Europe/Berlin")]


def collect(
    assignment: Assignment,
    files: Annotated[list[Path], typer.Argument(help="downloads: zip files, folders or single files")],
    roster: Annotated[
        Path | None, typer.Option(help="CSV with student_id and, as far as known, lms_id, name, submitted")
    ] = None,
    timezone: Annotated[str, typer.Option(help="of times that don't say, such as Europe/Berlin")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="only say what would be done")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="print the list as JSON")] = False,
    root: Root = None,
) -> None:
    """Take downloads from Moodle, Canvas or plain folders into submitted/.

    Exit code 1 if somebody has to look at a file that could be a submission.
    """


def due(
    assignment: Assignment,
    time: Annotated[str, typer.Argument(help="such as '2026-05-10 23:59', or 'none'; without it, only show it")] = "",
    timezone: Zone = "",
    as_json: AsJson = False,
    root: Root = None,
) -> None:
    """Show or set when an assignment is due. Extensions stay until the moment that was given."""


def extend(
    assignment: Assignment,
    student: Annotated[str, typer.Argument(help="id")],
    until: Annotated[str, typer.Option(help="such as '2026-05-17 23:59'; 'none' takes the extension away")],
    timezone: Zone = "",
    root: Root = None,
) -> None:
    """Give a student more time."""


def autograde(
    context: typer.Context,
    assignment: Assignment,
    jobs: Annotated[int, typer.Option(min=1, help="processes on this machine")] = os.cpu_count() or 1,
    scheduler: Annotated[str, typer.Option(help="a Dask cluster in their place, tcp://host:port")] = "",
    student: Annotated[list[str] | None, typer.Option(help="only this student; may be given several times")] = None,
    force: Annotated[bool, typer.Option("--force", help="also what is graded and unchanged")] = False,
    only_failed: Annotated[bool, typer.Option("--only-failed", help="only those left without a grade")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="say only what went wrong")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="the summary as JSON, on standard output")] = False,
    root: Root = None,
) -> None:
    """Grade a whole class, several submissions at once. Options of nbgrader may follow after --."""
