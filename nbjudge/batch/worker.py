"""Grades one submission after the other in a process that stays."""

import faulthandler
import glob
import io
import logging
import os
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing import parent_process
from multiprocessing.process import BaseProcess
from typing import Any

from nbgrader.converters import Autograde
from nbgrader.converters.base import NbGraderException
from nbgrader.coursedir import CourseDirectory

from nbjudge.batch import kept_gradebook as gradebook
from nbjudge.batch import ledger
from nbjudge.batch.ledger import Outcome
from nbjudge.course.course import AssignmentCourse
from nbjudge.course.graded import Graded, read_graded, united
from nbjudge.intake.step import UNSAFE, UNSAFE_ID

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
_courses: dict[tuple[str, tuple[str, ...], str], AssignmentCourse] = {}


def start() -> None:
    """Prepare a process of the local pool: Ctrl-C is the coordinator's affair, and it doesn't outlive that one."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    coordinator = parent_process()
    if coordinator is not None:
        threading.Thread(target=_end_with, args=(coordinator,), daemon=True).start()


def _end_with(coordinator: BaseProcess) -> None:
    coordinator.join()
    os._exit(1)


def within(deadline: float, function: Callable[[Any], Any], task: Any) -> Any:
    """``function(task)``. If it takes more than ``deadline`` seconds, this process ends, and its sandbox with it.

    It ends also where the interpreter itself is stuck, in a regular expression, say.
    """
    with open(os.devnull, "w") as nowhere:
        faulthandler.dump_traceback_later(deadline, exit=True, file=nowhere)
        try:
            return function(task)
        finally:
            faulthandler.cancel_dump_traceback_later()


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
        graded = _graded(course, task.student)
        return Outcome(
            task.student,
            status="failed" if graded is None else "refused" if graded.refused else "graded",
            reason=_last_line(said) if graded is None else graded.refused,
            repaired=[] if graded is None else [repair.text for repair in graded.repaired],
            stopped=[] if graded is None else graded.stopped,
            seconds=round(time.perf_counter() - begin, 3),
            log=said[-MAX_LOG:] if graded is None else "",
            seen=seen,
        )


def course_of(task: Task) -> AssignmentCourse:
    key = (task.folder, task.options, task.assignment)
    if key not in _courses:
        gradebook.keep_open()
        _courses[key] = AssignmentCourse(task.assignment, task.options)
    return _courses[key]


def _said(course: AssignmentCourse, student: str) -> str:
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


def _graded(course: AssignmentCourse, student: str) -> Graded | None:
    """What grading wrote into the notebooks of a student, or None if they aren't all there."""
    parts = [read_graded(course.graded(student) / source.name, at_most=None) for source in course.notebooks]
    return united(part for part in parts if part) if all(parts) else None


def _last_line(text: str) -> str:
    """The line in which a traceback says what was wrong, or the last one."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    errors = [line for line in lines if "Error:" in line and not line.startswith("File")]
    return (errors or lines or ["nbgrader ended without a word"])[-1][:300]
