"""What is wrong with an exercise, as its author has to mend it."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from nbjudge.course.errors import CourseError
from nbjudge.judging.rehearsal import SlowSolutionError, place_of
from nbprobe.probe import SECONDS, TooSlowError


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


def error_of_solution(error: BaseException, notebook: Path, contacts: list[str]) -> OracleError:
    """Why a solution can't be the measure."""
    cell, line = place_of(error)
    if isinstance(error, SlowSolutionError):
        cell, line = error.cell, 0
        sentence = (
            f"the solution in {notebook} takes longer than {SECONDS:g} seconds in the probe {error.probe!r} of {cell}, "
            "and no submission has more: mend what doesn't end, or give the probe less to do."
        )
    elif contacts:
        sentence = (
            f"the solution in {notebook} needs the network ({contacts[0]}), and submissions run without one; put what "
            "it loads beside the notebook."
        )
    elif isinstance(error, TooSlowError) and cell:
        sentence = (
            f"the cell {cell} in {notebook} takes longer than a cell of a submission may "
            "(c.SandboxedExecute.cell_seconds): let it do less, or tag it ungraded if no grade depends on it."
        )
    elif cell:
        what = f"{type(error).__name__}: {error}"
        sentence = f"the solution in {notebook} fails in the cell {cell}, line {line}: {what}"
    else:
        sentence = f"the solution in {notebook} fails: {type(error).__name__}: {error}"
    sentence = " ".join(sentence.split())
    return OracleError(sentence, [Trouble(sentence, cell, line)])
