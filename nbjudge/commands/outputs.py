"""`course outputs`: the stored outputs of a source notebook."""

from nbjudge.commands import Assignment
from nbjudge.course import notebooks
from nbjudge.course.course import Course


def outputs(assignment: Assignment) -> None:
    """Run the source notebook of an assignment and store its outputs in it."""
    notebooks.store_outputs(Course.here().require_one_notebook(assignment))
