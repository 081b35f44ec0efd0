"""Grades test cells without probes by nbgrader's own rule: by what they put out in the process of the submission."""

import re
from collections.abc import Sequence

from nbformat import NotebookNode
from nbgrader.utils import determine_grade

from nbjudge.course.delimiters import Delimiters, split
from nbjudge.pages.markup import visible
from nbjudge.pages.quotations import COLOUR
from nbprobe.causes import public_error
from nbprobe.evidence import NOT_IMPLEMENTED
from nbprobe.reason import Reason
from nbprobe.verdict import RIGHT, WRONG, Row, Verdict

WHAT = "the test cell, to its end"
PLACE = re.compile(r"^Cell In\[(\d+)\], line (\d+)", re.MULTILINE)
"""What IPython writes above each part of a traceback that lies in a cell."""
MAX_MESSAGE = 300
NOT_RUN = Reason("The test cell didn't run.")
PARTLY = Reason("The test cell gave a part of its points.")
STOPPED = {
    # errors of the sandbox, in the words of this page; what a message says may be a student's own
    "CellTimeoutError": "The test cell was stopped, because it took too long.",
    "DeadKernelError": "The process of the notebook ended in the test cell.",
    "NotRunError": "The test cell didn't run, because the notebook had been stopped before.",
    "OutputError": "The test cell was stopped, because it put out too much.",
    "ResourceError": "The test cell was stopped, because it used too much.",
}
STDERR = "The test cell wrote to the error stream, which counts as a failure"
TOO_MUCH = Reason("What the test cell gives can't be read as points.")


def verdict(cell: NotebookNode, withheld: Sequence[Delimiters], needs: Reason | None) -> Verdict:
    """The points of a test cell that ran, and why it didn't give all of them.

    nbgrader would take a cell without output for a right one; here, one that wasn't run to its end earns nothing.
    Whether it was is what the process of the submission says.

    Parameters
    ----------
    withheld
        Around the lines that students don't get. Of an error in these, only its kind is told.
    needs
        Why the cell couldn't work, if a cell that it needs doesn't run.
    """
    maximum = float(cell.metadata.nbgrader.points)
    try:
        has_run = cell.execution_count is not None or not cell.source.strip()
        score = float(determine_grade(cell)[0]) if has_run else 0.0
        reason = _reason(cell, withheld, needs) if has_run else NOT_RUN
    except (ValueError, KeyError, TypeError):  # more points than there are, or an output without a text
        score, reason = 0.0, TOO_MUCH
    is_full = score >= maximum
    row = Row(WHAT, RIGHT if is_full else WRONG, score, maximum, None if is_full else reason)
    return Verdict([row], score, maximum, plain=True)


def error_of(cell: NotebookNode) -> NotebookNode | None:
    """The error that a cell stopped with, if it did."""
    return next((output for output in cell.get("outputs", []) if output.output_type == "error"), None)


def kind_of_error(cell: NotebookNode) -> str:
    """Kind of the error that a cell stopped with, or ""."""
    error = error_of(cell)
    kind = visible(str(error.ename)[:60]) if error else ""
    return " ".join(kind.split())  # with a line break it could pretend to be another line of the table


def _reason(cell: NotebookNode, withheld: Sequence[Delimiters], needs: Reason | None) -> Reason | None:
    error = error_of(cell)
    if error is None:
        wrote = [output.text for output in cell.outputs if output.output_type == "stream" and output.name == "stderr"]
        return _of_stderr("".join(wrote)) if wrote else PARTLY
    kind = kind_of_error(cell)
    if needs is not None or kind == "NotImplementedError":
        return needs or NOT_IMPLEMENTED
    general = f"The test cell stopped with {public_error(kind)}."
    if kind in STOPPED:
        return Reason(STOPPED[kind])
    line = _line(cell, error, withheld)
    if not line:
        return Reason(f"The test cell stopped with {kind}.", general)
    message = " ".join(visible(str(error.evalue)[:MAX_MESSAGE]).split())
    said = f": {message}" if message else "."
    return Reason(f"The test cell stopped with {kind} at “{line}”{said}", general)


def _of_stderr(text: str) -> Reason:
    lines = [" ".join(visible(line).split()) for line in COLOUR.sub("", text).splitlines() if line.strip()]
    return Reason(f"{STDERR}: {lines[0][:MAX_MESSAGE]}", f"{STDERR}.") if lines else Reason(f"{STDERR}.")


def _line(cell: NotebookNode, error: NotebookNode, withheld: Sequence[Delimiters]) -> str:
    """The line at which the cell stopped, if students see it; else ""."""
    lines = error.get("traceback", [])
    text = COLOUR.sub("", "\n".join(line for line in lines if isinstance(line, str)))
    own = [int(line) for number, line in PLACE.findall(text) if number == str(cell.execution_count)]
    written = re.sub(r"^(?:[ \t]*\n)+", "", cell.source).split("\n")  # IPython counts from the first line with text
    if not own or not 0 < own[0] <= len(written):
        return ""
    line = written[own[0] - 1].strip()
    seen = {shown.strip() for shown in split(cell.source, withheld, "")[0].split("\n")}
    return line[:MAX_MESSAGE] if line in seen else ""
