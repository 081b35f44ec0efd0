"""Grades one submission after the other in a process that stays."""

import fcntl
import glob
import io
import json
import logging
import os
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing import parent_process
from typing import Any

from nbgrader.converters import Autograde
from nbgrader.converters.base import NbGraderException
from nbgrader.coursedir import CourseDirectory

from grading.batch import gradebook, ledger
from grading.batch.ledger import Outcome
from grading.course import Course
from grading.intake import UNSAFE, UNSAFE_ID

MAX_LOG = 20_000


@dataclass(frozen=True)
class Task:
    """One submission, and where its course lies for the process that grades it."""

    folder: str
    options: tuple[str, ...]
    assignment: str
    student: str


class CourseStoppedError(Exception):
    """No submission can be graded, this one or another. One sentence."""


_one_at_a_time = threading.Lock()
"""nbgrader changes the working directory and the environment of its process."""
_courses: dict[tuple[str, tuple[str, ...], str], Course] = {}


def start() -> None:
    """Prepare a process of the local pool: Ctrl-C is the coordinator's affair, and it doesn't outlive that one."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    coordinator = parent_process()
    assert coordinator is not None
    # The kernel sends SIGIO when the other end of this pipe closes, and ends a process that doesn't handle it, also
    # where the interpreter itself is stuck and no thread of it runs.
    pipe = coordinator.sentinel
    fcntl.fcntl(pipe, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(pipe, fcntl.F_SETFL, fcntl.fcntl(pipe, fcntl.F_GETFL) | os.O_ASYNC)
    if not coordinator.is_alive():
        os._exit(1)


def within(deadline: float, function: Callable[[Any], Any], task: Any) -> Any:
    """``function(task)``. If it takes more than ``deadline`` seconds, this process ends, and its sandbox with it.

    It ends also where the interpreter itself is stuck, in a regular expression, say: the kernel sends SIGALRM.
    """
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
    """
    if UNSAFE.search(task.student):
        return Outcome(task.student, "failed", UNSAFE_ID)
    with _one_at_a_time:
        os.chdir(task.folder)
        course = course_of(task)
        begin = time.perf_counter()
        folder = course.submitted(task.student)
        before = ledger.contents(folder)
        said = _said(course, task.student)
        seen = list(dict.fromkeys([before, ledger.contents(folder)]))
        about = _about(course, task.student)
        return Outcome(
            task.student,
            status="failed" if about is None else "refused" if "refused" in about["intake"] else "graded",
            reason=_last_line(said) if about is None else about["intake"].get("refused", ""),
            repaired=[] if about is None else about["intake"].get("repaired", []),
            stopped=[] if about is None else about["stopped"],
            seconds=round(time.perf_counter() - begin, 3),
            log=said[-MAX_LOG:] if about is None else "",
            seen=seen,
        )


def course_of(task: Task) -> Course:
    key = (task.folder, task.options, task.assignment)
    if key not in _courses:
        gradebook.keep_open()
        _courses[key] = Course(task.assignment, task.options)
    return _courses[key]


def _said(course: Course, student: str) -> str:
    """Grade, and return what nbgrader said."""
    directory = CourseDirectory(parent=course.app)
    directory.assignment_id, directory.student_id = course.assignment, glob.escape(student)
    folder = course.submitted(student)
    if not any(each.suffix == ".ipynb" for each in folder.iterdir()):
        (folder / course.notebooks[0].name).touch()  # or nbgrader would pass over it without a word
    log = io.StringIO()
    handler = logging.StreamHandler(log)
    others, course.app.log.handlers = course.app.log.handlers, [handler]
    try:
        Autograde(coursedir=directory, parent=course.app, force=True).start()
    except NbGraderException:
        pass  # it is in the log
    except SystemExit as stop:
        raise CourseStoppedError(str(stop)) from None
    finally:
        course.app.log.handlers = others
    return log.getvalue()


def _about(course: Course, student: str) -> dict | None:
    """What the graded notebooks of a student say about their grading, or None if they aren't all there."""
    about: dict = {"intake": {}, "stopped": []}
    for source in course.notebooks:
        path = course.graded(student) / source.name
        try:
            metadata = json.loads(path.read_bytes())["metadata"]
        except (OSError, ValueError, KeyError):
            return None
        about["intake"] |= metadata.get("intake", {})
        about["stopped"] += metadata.get("stopped", [])
    return about


def _last_line(text: str) -> str:
    """The line in which a traceback says what was wrong, or the last one."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    errors = [line for line in lines if "Error:" in line and not line.startswith("File")]
    return (errors or lines or ["nbgrader ended without a word"])[-1][:300]
