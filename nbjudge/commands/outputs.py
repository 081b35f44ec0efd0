"""`course outputs`: the stored outputs of a source notebook."""

from pathlib import Path

from nbjudge.commands import Assignment, CommandError, only_notebook
from nbjudge.course import notebooks


def outputs(assignment: Assignment) -> None:
    """Run the source notebook of an assignment and store its outputs in it."""
    try:
        notebooks.store_outputs(only_notebook(Path("source") / assignment))
    except ValueError as error:
        raise CommandError(str(error)) from None
