"""The table of findings that a check shows."""

import contextlib
import html
import re
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from IPython.display import display
from numpy.typing import NDArray

from nbprobe.errors import ExerciseError
from nbprobe.mistake import Mistake
from nbprobe.palette import MARKS, ON_ANY_THEME
from nbprobe.probe import is_grading
from nbprobe.reasons import as_array, contrast, explain, explain_error, short

HEADINGS = ("", "", "expected", "got", "most likely reason")
AS_ABOVE = "As above."
NARROW = ";white-space:nowrap"
"""Style of what is short, such as a shape, which is hard to read on two lines."""
FAILURES = (Exception, SystemExit)
"""What a student's method may raise without stopping the check."""


class CheckError(ExerciseError, AssertionError):
    """A check found something wrong. The table above it says what."""


@dataclass(frozen=True)
class Finding:
    """One line of the table: ``kind`` is "right", "wrong" or "remark"."""

    kind: str
    what: str
    hint: str = ""
    expected: str = ""
    got: str = ""


class Report:
    """Collects findings about one method of the student's and shows them all at once."""

    def __init__(self, task: str, method: str) -> None:
        self.task, self.method = task, method
        self.findings: list[Finding] = []

    def ok(self, what: str) -> None:
        self.findings.append(Finding("right", what))

    def wrong(self, what: str, hint: str, expected: str = "", got: str = "") -> None:
        """A finding that fails the check. A reason that was given before is not repeated."""
        if self.has_given(hint):
            hint = AS_ABOVE
        self.findings.append(Finding("wrong", what, hint, expected, got))

    def advise(self, what: str, hint: str) -> None:
        """A remark that costs nothing; made once."""
        if not self.has_given(hint):
            self.findings.append(Finding("remark", what, hint))

    def has_given(self, hint: str) -> bool:
        return any(finding.hint == hint for finding in self.findings)

    @property
    def passed(self) -> bool:
        return all(finding.kind != "wrong" for finding in self.findings)

    def call(self, what: str, f: Callable[..., Any], *args: NDArray, expected: str = "") -> tuple[bool, Any]:
        """Call ``f`` with copies of ``args``; give whether it ran, and its result.

        An exception is a finding, and so is an argument that came back changed.
        """
        copies = [np.array(arg) for arg in args]
        try:
            with quiet():
                result = f(*copies)
        except NotImplementedError:
            raise
        except FAILURES as error:
            message, hint = explain_error(error)
            self.wrong(what, hint, expected, message)
            return False, None
        if any(not np.array_equal(copy, arg) for copy, arg in zip(copies, args, strict=True)):
            hint = "An argument was changed in place; whoever passed it in still needs it. Work on a new array."
            self.advise("leaves its inputs alone", hint)
        return True, result

    def compare(
        self, what: str, got: Any, expected: NDArray, mistakes: Sequence[Mistake] = (), given: Sequence[str] = ()
    ) -> bool:
        """Add a finding: does ``got`` have the shape and the values of ``expected``?

        If not, the first of ``mistakes`` that gives the same says why, or else the general rules do. Few numbers
        look like many things, so that a small result is only told what a larger one was told before. ``given``
        names the input of each row.
        """
        reason = explain(got, expected)
        if reason is None:
            self.ok(what)
            return True
        array, hint = as_array(got), reason.text
        if array is not None:
            possible = [m for m in mistakes if not (m.about_shape and array.shape == expected.shape)]
            hints = (m.hint for m in possible if m.matches(array) and (expected.size > 2 or self.has_given(m.hint)))
            hint = next(hints, hint)
        self.wrong(what, hint, *contrast(got, expected, given))
        return False

    def expect(
        self,
        what: str,
        f: Callable[..., Any],
        *args: NDArray,
        gives: NDArray,
        mistakes: Sequence[Mistake] = (),
        given: Sequence[str] = (),
    ) -> bool:
        """``call`` and ``compare`` in one."""
        ran, got = self.call(what, f, *args, expected=short(gives))
        return ran and self.compare(what, got, gives, mistakes, given)

    def __repr__(self) -> str:
        lines = [f"{self.task}: {self.method}"]
        for finding in self.findings:
            lines.append(f"  {MARKS[finding.kind]} {finding.what}")
            if finding.got:
                lines.append(f"      expected {finding.expected}, got {finding.got}")
            if finding.hint:
                lines.append(f"      {finding.hint}")
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        style = "text-align:left;padding:2px 12px 2px 0;vertical-align:top"
        compared = any(finding.got for finding in self.findings)
        head = "".join(f'<th style="{style}">{heading}</th>' for heading in HEADINGS)
        rows = f'<tr style="background:none">{head}</tr>' if compared else ""
        for finding in self.findings:
            mark = f'<td style="{style};color:{ON_ANY_THEME[finding.kind]};font-weight:bold">{MARKS[finding.kind]}</td>'
            if finding.got:
                cells = [finding.what, finding.expected, finding.got, finding.hint]
            else:
                cells = [finding.what, finding.hint]
            spans = [""] * (len(cells) - 1) + [' colspan="3"' if compared and not finding.got else ""]
            tds = (
                f'<td{span} style="{style}{NARROW if finding.got and len(c) <= 27 else ""}">{_as_html(c)}</td>'
                for span, c in zip(spans, cells, strict=True)
            )
            rows += f'<tr style="background:none">{mark}{"".join(tds)}</tr>'
        title = f"<b>{html.escape(self.task)}: <code>{html.escape(self.method)}</code></b>"
        return f'<div>{title}<table style="margin:4px 0 0 0">{rows}</table></div>'


def _as_html(text: str) -> str:
    """``text`` with its `code` set as code."""
    return re.sub(r"`([^`<>]+)`", r"<code>\1</code>", html.escape(text))


@contextmanager
def quiet() -> Iterator[None]:
    """Keep warnings back: what would be one is shown as a finding. numpy's error state is put back afterwards."""
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@contextmanager
def reporting(task: str, method: str) -> Iterator[Report]:
    """Show the report when the block ends.

    Raises
    ------
    CheckError
        If there is something wrong or still to do: one sentence, no traceback.
    """
    report = Report(task, method)
    if is_grading():  # the probes in the same cell decide; an error here would keep them from running
        with contextlib.suppress(BaseException):
            yield report
        return
    try:
        yield report
    except NotImplementedError:
        raise CheckError(
            f"{task}: {method} is not implemented yet. Its line `raise NotImplementedError(...)` is still there."
        ) from None
    except CheckError:
        raise
    except FAILURES as error:  # a result so strange that nothing above was prepared for it
        message, hint = explain_error(error)
        report.wrong("the check could not go on", hint, "a result to look at", message)
    display(report)
    if not report.passed:
        wrong = sum(finding.kind == "wrong" for finding in report.findings)
        of = f"{wrong} of {len(report.findings)} checks"
        raise CheckError(f"{task}: {method} is not right yet; {of} fail, and say why below the cell.")
