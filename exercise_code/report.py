"""The table of findings that a check shows."""

import contextlib
import html
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from IPython.display import display
from numpy.typing import NDArray

from exercise_code.differences import explain, short
from exercise_code.errors import ExerciseError
from exercise_code.probe import grading

MARKS = {"ok": "✓", "wrong": "✗", "advice": "!"}
COLOURS = {"ok": "#0072B2", "wrong": "#D55E00", "advice": "#B07A00"}  # told apart by colour-blind eyes too


class CheckError(ExerciseError, AssertionError):
    """A check found something wrong. The table above it says what."""


@dataclass(frozen=True)
class Finding:
    """One line of the table: ``kind`` is "ok", "wrong" or "advice"."""

    kind: str
    what: str
    hint: str = ""


class Report:
    """Collects findings about one method of the student's and shows them all at once."""

    def __init__(self, task: str, method: str) -> None:
        self.task, self.method = task, method
        self.findings: list[Finding] = []

    def ok(self, what: str) -> None:
        self.findings.append(Finding("ok", what))

    def wrong(self, what: str, hint: str) -> None:
        self.findings.append(Finding("wrong", what, hint))

    def advise(self, what: str, hint: str) -> None:
        """A remark that costs nothing."""
        self.findings.append(Finding("advice", what, hint))

    @property
    def passed(self) -> bool:
        return all(finding.kind != "wrong" for finding in self.findings)

    def call(self, what: str, f: Callable[..., Any], *args: NDArray) -> tuple[bool, Any]:
        """Call ``f`` with copies of ``args``; give whether it ran, and its result.

        An exception is a finding, and so is an argument that came back changed.
        """
        copies = [np.array(arg) for arg in args]
        try:
            with np.errstate(all="ignore"):
                result = f(*copies)
        except NotImplementedError:
            raise
        except Exception as error:
            self.wrong(what, f"It stops with {type(error).__name__}: {error}")
            return False, None
        if any(not np.array_equal(copy, arg) for copy, arg in zip(copies, args, strict=True)):
            hint = "An argument was changed in place; whoever passed it in still needs it. Work on a new array."
            if all(finding.hint != hint for finding in self.findings):
                self.advise("leaves its inputs alone", hint)
        return True, result

    def compare(self, what: str, got: Any, expected: NDArray) -> bool:
        """Add a finding: does ``got`` have the shape and the values of ``expected``?"""
        reason = explain(got, expected)
        if reason is None:
            self.ok(what)
            return True
        if np.shape(got) == expected.shape and expected.size:
            reason += f" Expected {short(expected)}, got {short(got)}."
        self.wrong(what, reason)
        return False

    def expect(self, what: str, f: Callable[..., Any], *args: NDArray, gives: NDArray) -> bool:
        """``call`` and ``compare`` in one."""
        ran, got = self.call(what, f, *args)
        return ran and self.compare(what, got, gives)

    def __repr__(self) -> str:
        lines = [f"{self.task}: {self.method}"]
        for finding in self.findings:
            lines.append(f"  {MARKS[finding.kind]} {finding.what}")
            if finding.hint:
                lines.append(f"      {finding.hint}")
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        cell = "text-align:left;padding:2px 10px 2px 0;vertical-align:top"
        rows = "".join(
            f'<tr style="background:none"><td style="{cell};color:{COLOURS[finding.kind]};font-weight:bold">'
            f'{MARKS[finding.kind]}</td><td style="{cell}">{html.escape(finding.what)}</td>'
            f'<td style="{cell}">{html.escape(finding.hint)}</td></tr>'
            for finding in self.findings
        )
        title = f"<b>{html.escape(self.task)}: <code>{html.escape(self.method)}</code></b>"
        return f'<div>{title}<table style="margin:4px 0 0 0">{rows}</table></div>'


@contextmanager
def reporting(task: str, method: str) -> Iterator[Report]:
    """Show the report when the block ends.

    Raises
    ------
    CheckError
        If there is something wrong or still to do: one sentence, no traceback.
    """
    report = Report(task, method)
    if grading():  # the probes in the same cell decide; an error here would keep them from running
        with contextlib.suppress(BaseException):
            yield report
        return
    try:
        yield report
    except NotImplementedError:
        raise CheckError(f"{task}: {method} is not implemented yet.") from None
    display(report)
    if not report.passed:
        wrong = sum(finding.kind == "wrong" for finding in report.findings)
        raise CheckError(f"{task}: {method} is not right yet; {wrong} of {len(report.findings)} findings say why.")
