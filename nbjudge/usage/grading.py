"""How a class is graded."""

import os
from typing import Annotated

import typer

from nbjudge.usage import Assignment, Root


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
