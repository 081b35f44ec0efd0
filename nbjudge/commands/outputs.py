"""`course outputs`: what source notebooks give: the answers of their checks, and their stored outputs."""

from pathlib import Path

from nbjudge.authoring import answers_file
from nbjudge.commands import next_is, say
from nbjudge.course import notebooks
from nbjudge.course.course import Course


def outputs(assignment: str) -> None:
    """Run the source notebooks of an assignment: store their outputs in them, and what checks judge by beside them."""
    course = Course.here()
    paths = course.require_assignment(assignment)
    for place, file in enumerate(course.frame.files):
        if notebooks.tidy(Path(file), f"frame-{place}"):
            say(f"{course.show(Path(file))}: it is in order now.")
    for path in paths:
        answers_file.write(course, assignment, path)
        notebooks.store_outputs(path, *course.frame.cells())
        say(f"{course.show(path)}: its outputs and the answers of its checks are as it gives them now.")
    next_is("course", "prove", assignment)
