"""Grades a class: what is to be done, who does it, and what came of it. It imports nbgrader."""

import os
import shutil
import signal
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import Any

import typer
from sqlalchemy.exc import SQLAlchemyError

from nbjudge.batch import early, kept_gradebook, pools, worker
from nbjudge.batch.ledger import Ledger
from nbjudge.batch.making_sure import make_sure
from nbjudge.batch.progress import progress
from nbjudge.batch.worker import Task
from nbjudge.commands import aside as console
from nbjudge.commands.summary import Summary
from nbjudge.course.config_files import beside
from nbjudge.course.course import Course
from nbjudge.course.errors import CourseError
from nbjudge.intake.grading_lock import BeingGradedError, GradingLock
from nbjudge.judging import old_scores, oracle
from nbjudge.judging.kept_evidence import forget_those_gone
from nbjudge.sandbox.limits import Limits
from nbjudge.sandbox.warming import Warming

ALL_ELSE = 300.0
INTERRUPTED = 130
"""What a shell expects of a command that was interrupted."""


def autograde(
    assignment: str,
    options: list[str],
    jobs: int,
    scheduler: str,
    student: list[str],
    force: bool,
    only_failed: bool,
    quiet: bool,
    as_json: bool,
    root: Path | None,
    warm: list[Warming],
) -> None:
    """What the command does; its parameters, and warm processes for the first sandboxes."""
    course = Course.here(root, options)
    for sentence in beside(course.config_files):
        console.print(sentence, markup=False, highlight=False, soft_wrap=True)
    notebooks = course.require_assignment(assignment)
    kept_gradebook.check(course, assignment)
    for notebook in notebooks:
        oracle.load(course, assignment, notebook)  # once, and not in every process
    students = _chosen(course, assignment, student)
    forget_those_gone(course, assignment, course.students(assignment))
    ledger = Ledger(course, assignment)
    todo = to_be_graded(course, assignment, ledger, students, force, only_failed)
    summary = Summary(len(students) - len(todo))
    if scheduler:
        pool: pools.Local | pools.Cluster = pools.Cluster(scheduler)
    else:
        worker.remember(_task(course, assignment, ""), course)
        used, warm[:] = warm[:], []
        pool = pools.Local(early.lanes(jobs, len(todo)), _deadline(course, assignment), early=used)
    grade(course, assignment, todo, ledger, pool, summary, quiet or as_json)
    if not (scheduler or student or only_failed or summary.failed or summary.left):
        make_sure(
            *(course, assignment, root, options),
            is_current=lambda now: not _to_be_graded_of_all(course, assignment, now),
        )
    summary.show(assignment, quiet, as_json)
    if not (quiet or as_json):
        summary.say_what_is_next(assignment, root)
    if summary.left:
        raise typer.Exit(INTERRUPTED)
    raise typer.Exit(1 if summary.failed else 0)


def grade(
    course: Course,
    assignment: str,
    todo: list[str],
    ledger: Ledger,
    pool: pools.Local | pools.Cluster,
    summary: Summary,
    quiet: bool,
) -> None:
    """Grade the submissions of these students, write what came of each into the ledger, and add it to the summary."""
    with closing(pool), _until_interrupted() as is_stopped:
        tasks = (_task(course, assignment, name) for name in todo)
        with progress(len(todo), console, quiet or not todo) as advance:
            for outcome in pools.run(_forgotten(tasks, ledger), pool, is_stopped):
                if outcome.status == "failed" and outcome.reason not in worker.NOT_BEGUN:
                    _take_back(course, assignment, outcome.student)
                ledger.write(outcome)
                summary.add(outcome)
                advance()
    summary.left = len(todo) - summary.done


def _take_back(course: Course, assignment: str, student: str) -> None:
    """Who has no grade has no score, wherever the grading ended, and be it that its process died."""
    with (
        suppress(BeingGradedError, SQLAlchemyError),  # the scores are another's; or the gradebook itself is the reason
        GradingLock(course.grading_lock(student, assignment)),
    ):
        old_scores.forget_all(course, assignment, student)
        shutil.rmtree(course.autograded(student, assignment), ignore_errors=True)  # it may be half of one


def _task(course: Course, assignment: str, student: str) -> Task:
    return Task(os.getcwd(), course.options, assignment, student, tuple(course.config_files.items()))


def local_pool(course: Course, assignment: str, jobs: int, todo: list[str]) -> pools.Local:
    """Processes of this machine, no more than there is to do."""
    return pools.Local(min(jobs, len(todo)), _deadline(course, assignment))


def _chosen(course: Course, assignment: str, names: list[str]) -> list[str]:
    students = course.students(assignment)
    if not students:
        where = course.submitted("<student>", assignment)
        raise CourseError(f"nobody has handed in {assignment}: there is no {where}.")
    unknown = sorted(set(names) - set(students))
    if unknown:
        raise CourseError(f"{', '.join(unknown)} handed in nothing for {assignment}.")
    return [student for student in students if not names or student in names]


def to_be_graded(
    course: Course, assignment: str, ledger: Ledger, students: list[str], force: bool, only_failed: bool
) -> list[str]:
    """Those of the students whose submissions aren't graded, or not by what the course is now."""
    if only_failed:
        last = {student: ledger.last(student) for student in students}
        return [student for student, outcome in last.items() if outcome is not None and outcome.status == "failed"]
    if force:
        return students
    have_scores = kept_gradebook.graded(course, assignment)
    return [
        student
        for student in students
        if not (student in have_scores and course.autograded(student, assignment).is_dir() and ledger.holds(student))
    ]


def _to_be_graded_of_all(course: Course, assignment: str, ledger: Ledger) -> list[str]:
    """Also of those who have handed in since the run began."""
    return to_be_graded(course, assignment, ledger, course.students(assignment), force=False, only_failed=False)


def _forgotten(tasks: Iterable[Task], ledger: Ledger) -> Iterator[Task]:
    """The tasks, each of which is taken out of the ledger when its turn comes."""
    for task in tasks:
        ledger.forget(task.student)
        yield task


def _deadline(course: Course, assignment: str) -> float:
    """Seconds that no submission needs: twice what it may run, and then time to start, to read and to judge."""
    seconds = course.config.SandboxedExecute.get("notebook_seconds", Limits.notebook_seconds)
    return 2 * float(seconds) * len(course.notebooks(assignment)) + ALL_ELSE


@contextmanager
def _until_interrupted() -> Iterator[Any]:
    """Tells whether Ctrl-C was pressed; pressed again, it ends the command at once."""
    pressed: list[int] = []

    def handler(number: int, frame: FrameType | None) -> None:
        if pressed:
            os._exit(INTERRUPTED)  # the processes that grade end with this one
        pressed.append(number)
        console.print("Finishing what is running. Press Ctrl-C again to stop at once.")

    before = signal.signal(signal.SIGINT, handler)
    try:
        yield lambda: bool(pressed)
    finally:
        signal.signal(signal.SIGINT, before)
