"""Checks a task in the student's own kernel: visible probes, judged as the grade is.

A check is a function that makes visible probes of what the notebook defines. Its parameters name what that is::

    @check("test_double", "Task 1", "double")
    def visible(double):
        probe("two numbers", double, np.array([1.0, 4.0]), points=1)

``visible()`` runs them, judges by the answers that lie beside the notebook, and shows the table.
"""

import contextlib
import functools
import html
import inspect
import io
import sys
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from IPython.display import display

from nbprobe import probe as probes
from nbprobe import progress, runs
from nbprobe.answers import AnswersError, answers_for
from nbprobe.definitions import definitions
from nbprobe.errors import ExerciseError
from nbprobe.evidence import NOT_DONE, Raw
from nbprobe.judge import judge
from nbprobe.palette import MARKS
from nbprobe.rules import judged_anew
from nbprobe.streams import in_place_of_stdout
from nbprobe.table import as_html, as_text
from nbprobe.verdict import RIGHT, WRONG, Verdict

FAILURES = (Exception, SystemExit)
"""What a student's code may raise without stopping the check."""
PRINTED = 10
"""Lines of what a student's code prints that are shown above the table."""

HEADINGS: dict[str, tuple[str, str]] = {}
"""What the table of each check is headed with, by the ``grade_id`` of its test cell: the task, and what it is about."""

_looks: dict[str, Callable[[Mapping[str, Any]], object]] = {}
"""Look at a task without a word, by the ``grade_id`` of its test cell."""

runs.watch()


class CheckError(ExerciseError, AssertionError):
    """A check found something wrong, or couldn't be made. The table above it says what."""


class Report:
    """A verdict as a notebook shows it, between the name of its task and how far the student is."""

    def __init__(self, task: str, method: str, verdict: Verdict, so_far: str) -> None:
        self.task, self.method, self.verdict = task, method, verdict
        self.below = f"{task} {MARKS[RIGHT if verdict.is_full else WRONG]} · {so_far}"

    def __repr__(self) -> str:
        return f"{as_text(self.verdict, f'{self.task}: {self.method}')}\n{self.below}"

    def _repr_html_(self) -> str:
        heading = f"<b>{html.escape(self.task)}: <code>{html.escape(self.method)}</code></b>"
        return f"{as_html(self.verdict, as_code, heading)}<p>{html.escape(self.below)}</p>"


def as_code(text: str) -> str:
    """``text`` as HTML, with its `code` set as code."""
    parts = html.escape(text).split("`")
    if len(parts) % 2 == 0:
        return "`".join(parts)
    return "".join(f"<code>{part}</code>" if place % 2 else part for place, part in enumerate(parts))


def check(test: str, task: str, method: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Make a check of a function that makes visible probes.

    Parameters
    ----------
    test
        The ``grade_id`` of the test cell in which it stands.
    task, method
        What the table is headed with.

    Returns
    -------
    what makes a check of the function: it takes the same arguments, or none, and then looks them up in the notebook.
    """

    HEADINGS[test] = task, method

    def decorate(visible: Callable[..., None]) -> Callable[..., None]:
        @functools.wraps(visible)
        def checked(*given: Any) -> None:
            names = sys._getframe(1).f_globals  # of the notebook
            if probes.is_grading() and not probes.is_collecting_visible():
                if not probes.is_collecting():  # else the solution is run under the hidden probes
                    _put_off(test, visible, names)
                return  # the hidden probes in the same cell decide
            with quiet() as printed:
                got = _collect(test, task, visible, names, *given)
            if probes.is_collecting_visible():
                probes.pass_on(got)
            else:
                _print_some(printed.getvalue())
                _show(task, method, *_judged(test, task, method, got, names))

        def look(names: Mapping[str, Any]) -> None:
            with quiet(), contextlib.suppress(CheckError):
                _judged(test, task, method, _collect(test, task, visible, names), names)

        _looks[test] = look
        return checked

    return decorate


_put_off_checks: dict[str, Callable[[], None]] = {}


def _put_off(test: str, visible: Callable[..., None], names: Mapping[str, Any]) -> None:
    """Remember a check of a notebook that is being graded: it mustn't run before any hidden probe has."""
    with contextlib.suppress(CheckError):
        _put_off_checks[test] = functools.partial(visible, *_looked_up(visible, names))


def publish_checks() -> None:
    """Publish what the checks of a notebook saw that has been graded. Whatever goes wrong, no grade needs it."""
    with contextlib.suppress(probes.TooSlowError), probes.time_limit(probes.SECONDS_OF_CHECKS):
        for test, visible in _put_off_checks.items():
            with probes.collecting() as got, quiet(), contextlib.suppress(*FAILURES):
                visible()
            probes.publish_visible(test, got)


def look_again(names: Mapping[str, Any]) -> None:
    """Look at all tasks that have a check, without a word: ``progress`` knows the states afterwards.

    Parameters
    ----------
    names : what the notebook defines
    """
    with contextlib.suppress(probes.TooSlowError), probes.time_limit(probes.SECONDS_OF_CHECKS):
        for look in _looks.values():
            look(names)


def _collect(test: str, task: str, visible: Callable[..., None], names: Mapping[str, Any], *given: Any) -> Raw:
    """What the visible probes see of what is given, or else of what the notebook defines.

    Raises
    ------
    CheckError
        If they can't be made.
    """
    progress.remember(test, progress.OPEN)
    with probes.collecting() as got:
        students = given or tuple(_looked_up(visible, names))
        progress.remember(test, WRONG)
        try:
            visible(*students)
        except FAILURES as error:
            made = " and ".join(getattr(each, "__name__", str(each)) for each in students)
            raise CheckError(
                f"{task}: {made} can't be made ({type(error).__name__}); is there an __init__ too many?"
            ) from None
    return got


def _looked_up(visible: Callable[..., None], names: Mapping[str, Any]) -> Iterator[Any]:
    """What the notebook defines under the names of the parameters."""
    for name in inspect.signature(visible).parameters:
        failure = runs.failure_of(name)
        if failure is not None:
            raise CheckError(
                f"the last run of the cell that defines {name} {failure}, so there is nothing new to check: "
                "mend that and run the cell again (Shift-Enter)."
            )
        what = "class" if name[:1].isupper() else "function"
        if name not in names:
            others = [other for other, value in names.items() if getattr(value, "__module__", "") == "__main__"]
            like = [other for other in others if name.lower() in other.lower() or other.lower() in name.lower()]
            raise CheckError(
                f"there is no {what} {name} yet: run the cell that defines it (Shift-Enter); "
                "if that cell stops with an error, mend it first."
                + (f" There is a {like[0]}; capital letters count, and the name must be {name}." if like else "")
            )
        found = names[name]
        if not callable(found) or (what == "class" and not isinstance(found, type)):
            raise CheckError(f"{name} is no {what} any more: run the cell that defines it once more (Shift-Enter).")
        yield found


def _judged(test: str, task: str, method: str, got: Raw, names: Mapping[str, Any]) -> tuple[Verdict | None, str]:
    """The verdict on a task, or None if it is still to do; and how far the student is, in words.

    Raises
    ------
    CheckError
        If there is none: one sentence, no traceback.
    """
    try:
        tests = answers_for(test, got, Path.cwd())
    except AnswersError as error:
        raise CheckError(f"{task}: {method} can't be checked: {error}") from None
    verdict, got = None, judged_anew(tests[test].solution, got, lambda: definitions(runs.texts()))
    deciding = [raw for raw in got if raw["points"]]
    if any(raw.get("error") in NOT_DONE for raw in deciding):
        owner, _, name = method.rpartition(".")
        if owner and inspect.isfunction(names.get(name)) and "self" in inspect.signature(names[name]).parameters:
            raise CheckError(
                f"{_to_do(task, method)} There is a function {name} outside of the class: move it into {owner}, "
                "indented as the others."
            )
        progress.remember(test, progress.OPEN)
    else:
        own, most = tests[test], sum(raw["points"] for raw in deciding)
        verdict = judge(own.solution, got, most, own.misconceptions, fragile=own.fragile, visible=True)
        progress.remember(test, RIGHT if verdict.is_full else WRONG)
    return verdict, progress.points_so_far({name: own.points for name, own in tests.items()})


def _to_do(task: str, method: str) -> str:
    return f"{task}: {method} is not implemented yet. Its line `raise NotImplementedError(...)` is still there."


def _show(task: str, method: str, verdict: Verdict | None, so_far: str) -> None:
    """Show a verdict, or that there is still something to do.

    Raises
    ------
    CheckError
        If something is wrong, and in Validate also if something is to do: one sentence, no traceback.
    """
    if verdict is None:
        if probes.is_validating():
            raise CheckError(_to_do(task, method))
        # who has begun may have forgotten to run the cell, or left the line that raises below the answer
        advice = ". If you wrote it: run its cell, and take out the line with raise" if progress.is_begun() else ""
        print(f"{task} · {method} is not implemented yet · {so_far}{advice}")
        return
    display(Report(task, method, verdict, so_far))
    if not verdict.is_full:
        rows = [row.kind for row in verdict.rows if row.kind in (RIGHT, WRONG)]
        of = f"{rows.count(WRONG)} of {len(rows)} checks"
        raise CheckError(f"{task}: {method} is not right yet; {of} fail, and the table says why.")


def _print_some(text: str) -> None:
    """What the student's code printed, but not so much of it that the table is out of sight."""
    lines = text.splitlines()
    for line in lines[:PRINTED]:
        print(line[:200])
    if len(lines) > PRINTED:
        print(f"… and {len(lines) - PRINTED} more lines")


@contextmanager
def quiet() -> Iterator[io.StringIO]:
    """Keep warnings back: what would be one is shown as a finding. What is printed goes into a text.

    The notebook's filters stay, since the hidden probes begin with them, too: each call sets its own.
    """
    with warnings.catch_warnings(record=True), in_place_of_stdout(io.StringIO()) as printed:
        yield printed
