"""`course outputs`: what a source notebook gives: the answers of its checks, and its stored outputs."""

from nbjudge.authoring import answers_file
from nbjudge.commands import Assignment, next_is, say
from nbjudge.course import notebooks
from nbjudge.course.course import Course


def outputs(assignment: Assignment) -> None:
    """Run the source notebook of an assignment: store its outputs in it, and what its checks judge by beside it."""
    course = Course.here()
    notebook = course.require_one_notebook(assignment)
    answers_file.write(course, assignment, notebook)
    notebooks.store_outputs(notebook)
    say(f"{course.show(notebook)}: its outputs and the answers of its checks are as it gives them now.")
    next_is("course", "release", assignment)
