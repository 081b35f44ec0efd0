"""What is wrong with an exercise, as its author has to mend it."""

from collections.abc import Sequence
from typing import NamedTuple

from nbjudge.course.errors import CourseError


class Trouble(NamedTuple):
    """One thing to mend.

    Attributes
    ----------
    sentence : what is wrong
    cell : name of the cell in which it is, or ""
    line : its line in the cell, or 0
    place : file and line of the misconception that it is about, as ``file:line``, or ""
    """

    sentence: str
    cell: str = ""
    line: int = 0
    place: str = ""


class OracleError(CourseError):
    """The source notebook can't serve as the measure for grading. One sentence for the instructor.

    Attributes
    ----------
    troubles : all that is to be mended, of which the sentence is the first
    """

    def __init__(self, sentence: str, troubles: Sequence[Trouble] = ()) -> None:
        super().__init__(sentence)
        self.troubles = tuple(troubles) or (Trouble(sentence),)
