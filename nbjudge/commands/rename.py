"""`course rename`: another name for a notebook."""

from nbjudge.authoring.rename import rename as renamed
from nbjudge.commands import next_is, say
from nbjudge.course.course import Course


def rename(assignment: str, name: str, old: str) -> None:
    """Give a notebook another name, with all that was made from it. Before students have handed in."""
    course = Course.here()
    for path, target in renamed(course, assignment, name, old):
        say(f"  {course.show(path)} is now {course.show(target)}")
    next_is("course", "release", assignment, why="nbgrader learns its new name")
