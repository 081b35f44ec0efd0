"""Why it can't be told whose file it is."""

from nbjudge.course.errors import CourseError


class NoOwnerError(CourseError):
    """It can't be told whose file it is; the message says why and what to do.

    Attributes
    ----------
    reason : the message, without names from further in than the student's: those are the student's choice, and there
        could be thousands
    within : how many steps lead to the folder or archive that those names are in; 0 if the message holds none
    """

    def __init__(self, message: str, reason: str = "", within: int = 0) -> None:
        super().__init__(message)
        self.reason, self.within = reason or message, within


class UnknownStudentError(NoOwnerError):
    """A learning platform says whose it is, but the roster doesn't know them."""
