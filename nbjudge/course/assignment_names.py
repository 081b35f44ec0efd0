"""What an assignment can be called."""

import re

from nbjudge.course.errors import CourseError

NAME = re.compile(r"(?![.\s])[\w. -]{1,100}(?<!\s)")
"""What an assignment can be called."""
ANY_NAME = re.compile(r"(?!\.)[^/\0\n]{1,100}")
"""What nbgrader lets assignments be called, and is the name of a folder."""


def require_name(assignment: str, form: re.Pattern = ANY_NAME) -> None:
    """
    Raises
    ------
    CourseError
        If the name can't be that of an assignment.
    """
    if not form.fullmatch(assignment):
        name = assignment if len(assignment) < 60 else f"{assignment[:50]}…"
        raise CourseError(f"{name!r} can't be the name of an assignment.")
