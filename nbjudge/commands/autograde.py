"""`course autograde`: grade a whole class."""

import os
import signal
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from types import FrameType
from typing import Annotated, Any

import typer
from rich.text import Text

from nbjudge.batch import kept_gradebook, pools
from nbjudge.batch.ledger import Ledger, Outcome
from nbjudge.batch.progress import progress
from nbjudge.batch.worker import Task
from nbjudge.commands import Assignment, Root, next_is
from nbjudge.commands import aside as console
from nbjudge.course.characters import printable
from nbjudge.course.config_files import beside
from nbjudge.course.console import print_json
from nbjudge.course.course import Course
from nbjudge.course.errors import CourseError
from nbjudge.course.isolation import NONE, sentences
from nbjudge.judging import oracle
from nbjudge.judging.kept_evidence import forget_those_gone
from nbjudge.sandbox.limits import Limits

ALL_ELSE = 300.0
INTERRUPTED = 130
"""What a shell expects of a command that was interrupted."""


def autograde(
    context: typer.Context,
    assignment: Assignment,
    jobs: Annotated[int, typer.Option(min=1, help="processes on this machine")] = os.cpu_count() or 1,
    scheduler: Annotated[str, typer.Option(help="a Dask cluster in their place, tcp://host:port")] = "",
    student: Annotated[list[str] | None, typer.Option(help="only this student; may be given several times")] = None,
    force: Annotated[bool, typer.Option("--force", help="also what is graded and unchanged")] = False,
    only_failed: Annotated[bool, typer.Option("--only-failed", help="only those left without a grade")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="say only what went wrong")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="the summary as JSON, on standard output")] = False,
    root: Root = None,
) -> None:
    """Grade a whole class, several submissions at once. Options of nbgrader may follow after --."""
    course = Course.here(root, context.args)
    for sentence in beside(course.config_files):
        console.print(sentence, markup=False, highlight=False, soft_wrap=True)
    notebooks = course.require_assignment(assignment)
    kept_gradebook.check(course, assignment)
    for notebook in notebooks:
        oracle.load(course, assignment, notebook)  # once, and not in every process
    students = _chosen(course, assignment, student or [])
    forget_those_gone(course, assignment, course.students(assignment))
    ledger = Ledger(course, assignment)
    todo = to_be_graded(course, assignment, ledger, students, force, only_failed)
    summary = Summary(len(students) - len(todo))
    pool = pools.Cluster(scheduler) if scheduler else local_pool(course, assignment, jobs, todo)
    grade(course, assignment, todo, ledger, pool, summary, quiet or as_json)
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
    summary: "Summary",
    quiet: bool,
) -> None:
    """Grade the submissions of these students, write what came of each into the ledger, and add it to the summary."""
    with closing(pool), _until_interrupted() as is_stopped:
        obeyed = tuple(course.config_files.items())
        tasks = (Task(os.getcwd(), course.options, assignment, name, obeyed) for name in todo)
        with progress(len(todo), console, quiet or not todo) as advance:
            for outcome in pools.run(_forgotten(tasks, ledger), pool, is_stopped):
                ledger.write(outcome)
                summary.add(outcome)
                advance()
    summary.left = len(todo) - summary.done


def local_pool(course: Course, assignment: str, jobs: int, todo: list[str]) -> pools.Local:
    """Processes of this machine, no more than there is to do."""
    return pools.Local(min(jobs, len(todo)), _deadline(course, assignment))


class Summary:
    """What came of the class."""

    def __init__(self, unchanged: int) -> None:
        self.unchanged, self.left = unchanged, 0
        self.failed: list[Outcome] = []
        self._counts: Counter[str] = Counter()
        self._walls: list[str] = []
        self._begin = time.monotonic()

    @property
    def done(self) -> int:
        return self._counts["graded"] + self._counts["refused"] + self._counts["failed"]

    def add(self, outcome: Outcome) -> None:
        self._counts[outcome.status] += 1
        self._walls.append(outcome.isolation)
        self._counts["repaired"] += bool(outcome.repaired)
        self._counts["timed out"] += "time" in outcome.stopped
        if outcome.status == "failed":
            self.failed.append(outcome)

    def show(self, assignment: str, quiet: bool, as_json: bool) -> None:
        counts = {key: self._counts[key] for key in ("graded", "refused", "repaired", "timed out", "failed")}
        counts |= {"unchanged": self.unchanged, "left": self.left}
        seconds = time.monotonic() - self._begin
        if as_json:
            failed = {outcome.student: outcome.reason for outcome in self.failed}
            walls = dict(Counter(filter(None, self._walls)))
            print_json({**counts, "seconds": round(seconds, 1), "isolation": walls, "without a grade": failed})
            return
        for outcome in sorted(self.failed, key=lambda outcome: outcome.student):
            console.print(
                Text.assemble(("no grade", "red"), f"  {printable(outcome.student)}: {printable(outcome.reason)}"),
                soft_wrap=True,
            )
        if self.left:
            console.print(
                f"Stopped. {self.left} are left; run the same command again, without --force, to go on.",
                soft_wrap=True,
            )
        said = sentences(wall for wall in self._walls if wall == NONE or not quiet)
        if quiet:
            if said:
                console.print(" ".join(said), soft_wrap=True)
            return
        summary = f"{self.done - counts['failed']} graded in {seconds:.0f} s"
        summary += f", {self.unchanged} unchanged since the last time" if self.unchanged else ""
        console.print(f"{assignment}: {summary}.", soft_wrap=True)
        if said:
            console.print(" ".join(said), soft_wrap=True)
        notes = [f"{counts[key]} {key}" for key in ("repaired", "refused", "timed out") if counts[key]]
        if notes:
            console.print(f"Of these: {', '.join(notes)}. course intake {assignment} lists them.", soft_wrap=True)
        if self.failed:
            console.print(
                f"{len(self.failed)} without a grade: what nbgrader said is in .grading/{assignment}/<student>.json; "
                "--only-failed tries them again.",
                soft_wrap=True,
            )

    def say_what_is_next(self, assignment: str, root: Path | None) -> None:
        if self.left:
            next_is("course", "autograde", assignment, root=root, to=console)
        elif self.failed:
            next_is("course", "autograde", assignment, "--only-failed", root=root, to=console)
        else:
            to_see = self._counts["repaired"] or self._counts["refused"]
            next_is("course", "intake" if to_see else "table", assignment, root=root, to=console)


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
