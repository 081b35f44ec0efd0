"""What a person can mend."""

from nbjudge.course.characters import printable_lines


class CourseError(Exception):
    """Base of all errors that we foresaw: one sentence that says what is wrong, and what to do.

    Commands show it as it is. Any other exception is a bug, and is never shown as advice.
    """

    def __str__(self) -> str:
        return printable_lines(super().__str__())


def database_said(error: Exception) -> str:
    """What the database said, without the query."""
    first = str(getattr(error, "orig", None) or error).strip().splitlines()
    return first[0] if first else type(error).__name__
