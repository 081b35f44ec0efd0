"""Grades one submission after the other in a process that stays."""

import io
import logging
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from nbgrader.converters.base import NbGraderException
from nbgrader.coursedir import CourseDirectory

from nbjudge.batch.kept_gradebook import keep_open
from nbjudge.batch.ledger import Outcome
from nbjudge.course.config_files import difference
from nbjudge.course.course import Course
from nbjudge.course.errors import CourseError
from nbjudge.course.graded import Graded, read_graded, united
from nbjudge.course.student_ids import UNGRADED, UNGRADED_ID
from nbjudge.intake.grading_lock import BeingGradedError, GradingLock
from nbjudge.intake.nbgraders_view import OneSubmission
from nbjudge.sandbox.bubblewrap import SandboxError

MAX_LOG = 20_000
EXECUTION = "NBGRADER_EXECUTION"
NOT_BEGUN = (UNGRADED_ID, str(BeingGradedError()))
"""Why a submission is left alone: then what is known of it is another's, or nothing can be known."""


@dataclass(frozen=True)
class Task:
    """One submission, and where its course lies for the process that grades it."""

    folder: str
    options: tuple[str, ...]
    assignment: str
    student: str
    config_files: tuple[tuple[str, str], ...]
    """What the run obeys: the course's configuration as it was when the run began."""


class CourseStoppedError(CourseError):
    """No submission can be graded, this one or another. One sentence."""


class NoSandboxError(CourseError):
    """No sandbox started for this submission. It may for another, or at another time."""


class OwnSandboxError(NoSandboxError):
    """A sandbox had started, and this submission didn't come to run in it. That says nothing of others."""


_one_at_a_time = threading.Lock()
"""nbgrader changes the working directory and the environment of its process."""
_courses: dict[tuple, Course] = {}


def within(deadline: float, function: Callable[[Any], Any], task: Any) -> Any:
    """``function(task)``. If it takes more than ``deadline`` seconds, this process ends, and its sandbox with it.

    It ends also where the interpreter itself is stuck, in a regular expression, say: the kernel sends SIGALRM.
    """
    if not hasattr(signal, "setitimer"):  # then only a thread can watch, which the interpreter has to let run
        timer = threading.Timer(deadline, os._exit, [1])
        timer.daemon = True
        timer.start()
        try:
            return function(task)
        finally:
            timer.cancel()
    signal.setitimer(signal.ITIMER_REAL, deadline)
    try:
        return function(task)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def grade(task: Task) -> Outcome:
    """Grade one submission as ``nbgrader autograde --force --student=…`` does.

    Raises
    ------
    CourseStoppedError
        If nothing can be graded.
    NoSandboxError
        If there was no sandbox to grade it in; an ``OwnSandboxError`` if there had been one before.
    """
    if UNGRADED.search(task.student):
        return Outcome(task.student, "failed", UNGRADED_ID)
    with _one_at_a_time:
        os.chdir(task.folder)
        course, student, assignment = _course_of(task), task.student, task.assignment
        begin = time.perf_counter()
        try:
            with GradingLock(course.grading_lock(student, assignment)):
                log, seen = _autograde(course, student, assignment)
                graded = _graded(course, student, assignment)
        except BeingGradedError as error:
            return Outcome(student, "failed", str(error))
        return Outcome(
            student,
            status="failed" if graded is None else "refused" if graded.refused else "graded",
            reason=log.reason() if graded is None else graded.refused,
            repaired=[] if graded is None else [repair.text for repair in graded.repaired],
            stopped=[] if graded is None else graded.stopped,
            isolation="" if graded is None else graded.isolation,
            seconds=round(time.perf_counter() - begin, 3),
            log=log.text[-MAX_LOG:] if graded is None else "",
            seen=[seen],
        )


def _course_of(task: Task) -> Course:
    keep_open()
    key = (task.folder, task.options, task.config_files)
    if key not in _courses:
        course = Course.here(options=task.options)
        changed = difference(dict(task.config_files), course.config_files)
        if changed:
            raise CourseStoppedError(f"{changed}. Look at that file, then run the same command again.")
        _courses[key] = course
    return _courses[key]


def remember(task: Task, course: Course) -> None:
    """For processes that are forked from this one: the course of such tasks, as this one has read it."""
    _courses[task.folder, task.options, task.config_files] = course


class Log(logging.StreamHandler):
    """What nbgrader says while it grades one submission, and the last error that it met."""

    def __init__(self) -> None:
        super().__init__(io.StringIO())
        self.error: BaseException | None = None

    def emit(self, record: logging.LogRecord) -> None:
        self.error = sys.exc_info()[1] or self.error  # nbgrader logs an error where it caught it
        super().emit(record)

    @property
    def text(self) -> str:
        return self.stream.getvalue()

    def reason(self) -> str:
        """Why there is no grade, in one line."""
        lines = traceback.format_exception_only(self.error) if self.error else self.text.strip().splitlines()[-1:]
        if isinstance(self.error, CourseError):
            lines = [str(self.error)]
        return " ".join("".join(lines).split("\n")[0].split())[:300] or "nbgrader ended without a word"


def _autograde(course: Course, student: str, assignment: str) -> tuple[Log, str]:
    """What nbgrader said, and a sum over what was handed in; "" if nothing was taken."""
    directory = CourseDirectory(parent=course.app)
    directory.assignment_id, directory.student_id = assignment, student
    log = Log()
    others, course.app.log.handlers = course.app.log.handlers, [log]
    before = os.environ.get(EXECUTION)  # nbgrader sets it, and where an error ends the grading it stays so
    converter = OneSubmission(coursedir=directory, parent=course.app, force=True)
    try:
        converter.start()
    except NbGraderException:
        if isinstance(log.error, SandboxError):
            raise OwnSandboxError(str(log.error)) from None
    except SystemExit as stop:
        if isinstance(stop.__cause__, SandboxError):
            raise NoSandboxError(str(stop.__cause__)) from None
        raise CourseStoppedError(str(stop)) from None
    finally:
        course.app.log.handlers = others
        os.environ.pop(EXECUTION, None)
        if before is not None:
            os.environ[EXECUTION] = before
        converter.close()
    return log, converter.seen


def _graded(course: Course, student: str, assignment: str) -> Graded | None:
    """What grading wrote into the notebooks of a student, or None if they aren't all there."""
    folder = course.autograded(student, assignment)
    parts = [read_graded(folder / source.name, at_most=None) for source in course.notebooks(assignment)]
    return united(part for part in parts if part) if all(parts) else None
