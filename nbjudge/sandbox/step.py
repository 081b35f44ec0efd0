"""nbgrader's step "execute", in the sandbox. A cell that comes to grief costs no other cell and nobody else."""

import atexit
import itertools
import os
import shutil
import stat
import time
import weakref
from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from nbformat import NotebookNode
from nbformat.v4 import new_output
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import Bool, Enum, Float, Integer

from nbjudge.course.cells import cells_to_run, is_solution
from nbjudge.course.course import Course
from nbjudge.course.frame import NO_FRAME, Frame
from nbjudge.course.graded import ISOLATION, STOPPED
from nbjudge.course.hidden_parts import as_run, set_anew
from nbjudge.course.isolation import sentences
from nbjudge.course.kept_names import handed_in_name
from nbjudge.course.regions import withheld
from nbjudge.course.timestamps import TIMESTAMP
from nbjudge.sandbox import warming
from nbjudge.sandbox.bubblewrap import SandboxError
from nbjudge.sandbox.channel import Result
from nbjudge.sandbox.limits import Limits
from nbjudge.sandbox.needs import EXCHANGE, OURS, modules_of, to_be_hidden
from nbjudge.sandbox.sandbox import Execution, Sandbox
from nbjudge.sandbox.warming import Recipe
from nbjudge.sandbox.without_walls import NO_WALLS, Kernel

AFTERWARDS = "afterwards"
"""Key in nbgrader's resources: what the visible checks put out, when all cells had run."""
PUBLISH_CHECKS = "from nbprobe.check import publish_checks as _\n_()"
ATTEMPTS = 8


class SandboxedExecute(NbGraderPreprocessor):
    """Runs a notebook in the sandbox and stores the outputs of its cells."""

    isolation = Enum(
        ["sandbox", "namespaces", "landlock", "none"],
        "sandbox",
        help="the wall around submissions; 'sandbox' takes the best that there is, and behind 'none' they can do all "
        "that you can do",
    ).tag(config=True)
    everything = Bool(False, help="run cells that no grade depends on, too, for their pictures").tag(config=True)
    cell_seconds = Float(Limits.cell_seconds, help="time for one cell").tag(config=True)
    notebook_seconds = Float(Limits.notebook_seconds, help="time for one notebook").tag(config=True)
    memory = Integer(Limits.memory, help="MiB of memory for one submission").tag(config=True)
    processes = Integer(Limits.processes, help="processes and threads of one submission").tag(config=True)
    disk = Integer(Limits.disk, help="MiB in each folder that a submission can write to").tag(config=True)
    output = Integer(Limits.output, help="MiB that one cell can put out").tag(config=True)

    def preprocess(self, nb: NotebookNode, resources: dict[str, Any]) -> tuple[NotebookNode, dict[str, Any]]:
        resources[AFTERWARDS] = []
        cells = {index: nb.cells[index] for index in cells_to_run(nb, self.everything)}
        files, left_out = side_files(Path(resources["metadata"]["path"]), self.disk * 2**20 * 7 // 8)
        if left_out:
            self.log.warning("There is no room for %s in the sandbox; raise its disk.", ", ".join(left_out))
        sandbox = self._place(resources)
        try:
            results = execute(
                sandbox,
                self._texts(cells, resources["nbgrader"]),
                files,
                [index for index, cell in cells.items() if is_solution(cell)],
                PUBLISH_CHECKS,
            )
        except SandboxError as error:
            shutil.rmtree(resources["metadata"]["path"], ignore_errors=True)  # or nbgrader would take it for graded
            if sandbox.has_worked:
                raise  # this submission is left without a grade, and others may get one
            raise SystemExit(f"Nothing was graded: {error}") from error
        if cells:
            nb.metadata[ISOLATION] = sandbox.wall
            self.log.info(*sentences([sandbox.wall]))
        if cells and (afterwards := results.pop(max(cells) + 1, None)):
            resources[AFTERWARDS] = afterwards.outputs
        for index, cell in cells.items():
            cell.outputs, cell.execution_count = results[index].outputs, results[index].count
        if stopped := sorted({result.stopped for result in results.values() if result.stopped}):
            nb.metadata[STOPPED] = stopped
        return nb, resources

    def _texts(self, cells: Mapping[int, NotebookNode], about: dict[str, Any]) -> dict[int, str]:
        """What runs of each cell."""
        course, cuts = Course.of(self), withheld(self.config)
        anew = set_anew(course.frame.read(_source(course, about)).cells, cuts)
        return {index: as_run(cell, cuts, anew) for index, cell in cells.items()}

    def _place(self, resources: dict[str, Any]) -> Sandbox | Kernel:
        """Where the notebook runs."""
        if self.isolation == "none":
            return self._without_walls()
        return self._sandbox(resources)

    def _limits(self) -> Limits:
        return Limits(
            cell_seconds=self.cell_seconds,
            notebook_seconds=self.notebook_seconds,
            memory=self.memory,
            processes=self.processes,
            disk=self.disk,
            output=self.output,
        )

    def _without_walls(self) -> Kernel:
        run = self
        while run.parent is not None:
            run = run.parent
        if run not in _warned:
            self.log.warning(NO_WALLS)
            _warned.add(run)
        return Kernel(self, self._limits())

    def _sandbox(self, resources: dict[str, Any]) -> Sandbox:
        course, about = Course.of(self), resources["nbgrader"]
        source, frame = _source(course, about), course.frame
        limits = self._limits()
        exchange = self.config.Exchange.get("root", EXCHANGE)
        key = (source, frame, course.root, str(exchange), limits, self.isolation, self.everything)
        if key not in _sandboxes:
            close_all()  # one at a time: another notebook or another course has come
            hidden = to_be_hidden(course.root, Path(str(exchange)), course.misconception_folders)
            modules = (OURS, *imports_of(source, frame, self.everything))
            early = warming.taken(Recipe(modules, tuple(hidden), limits, self.isolation))
            _sandboxes[key] = Sandbox(modules, hidden, limits, self.isolation, early)
        return _sandboxes[key]


_sandboxes: dict[Any, Sandbox] = {}
_warned = weakref.WeakSet[Any]()
"""Runs that have said that there are no walls. A server has several."""


@atexit.register
def close_all() -> None:
    """End the sandboxes of this process."""
    while _sandboxes:
        _sandboxes.popitem()[1].close()


def _source(course: Course, about: Mapping[str, Any]) -> Path:
    return course.source(about["assignment"]) / f"{about['notebook']}.ipynb"


def imports_of(source: Path, frame: Frame = NO_FRAME, everything: bool = False) -> list[str]:
    """Names of the modules that the instructor's notebook imports in the cells that run."""
    notebook = frame.read(source)
    return modules_of(notebook.cells[index].source for index in cells_to_run(notebook, everything))


def side_files(folder: Path, at_most: int) -> tuple[dict[str, bytes], list[str]]:
    """The files that lie beside the notebook, by the paths that they had, and the names of those that are too large.

    Links aren't followed. When it came in is no part of what was handed in, so no answer is to depend on it. Where a
    student's file had the name of one of the exercise's, that one counts, also if there is no room for it.
    """
    files: dict[str, bytes] = {}
    left_out: list[str] = []
    there = [Path(place, name).relative_to(folder) for place, _, names in os.walk(folder) for name in names]
    for name in sorted(there, key=lambda name: (handed_in_name(name) != name, name)):  # the exercise's own have theirs
        path, relative = folder / name, str(handed_in_name(name))
        about = path.lstat()
        if not stat.S_ISREG(about.st_mode) or path.suffix == ".ipynb" or relative == TIMESTAMP:
            continue
        if relative in files or relative in left_out:
            continue
        if about.st_size > at_most:
            left_out.append(relative)
        else:
            at_most -= about.st_size
            files[relative] = path.read_bytes()
    return files, left_out


def execute(
    sandbox: Sandbox | Kernel,
    cells: dict[int, str],
    files: dict[str, bytes],
    answers: Collection[int] = (),
    afterwards: str = "",
) -> dict[int, Result]:
    """Run all cells; one that ends the process or can't be stopped is left out, and the others are run again.

    Parameters
    ----------
    cells
        Text of each cell, by its index, in their order.
    files
        What lies beside the notebook.
    answers
        Cells in which a method that can't be compiled doesn't cost the others.
    afterwards
        A further cell. Whatever becomes of it, the others have their results.

    Returns
    -------
    the result of every cell; that of the further one, if it has one, at the index after the last
    """
    limits = sandbox.limits
    sandbox.start()  # whoever ended the one before: that isn't time of this notebook
    end, processor = time.monotonic() + limits.notebook_seconds, limits.notebook_seconds
    left_out: dict[int, Result] = {}
    further = {max(cells) + 1: afterwards} if afterwards and cells else {}
    for attempt in itertools.count(1):
        waiting = [(index, text) for index, text in cells.items() if index not in left_out]
        execution = sandbox.run([*waiting, *further.items()], files, end, processor, answers)
        processor -= execution.processor
        results = {**execution.results, **left_out}
        for index in execution.late & execution.results.keys() & cells.keys():
            results[index] = _stopped(results[index], replace(execution, reason="time"), limits)
        missing = [index for index, _ in waiting if index not in results]
        if missing and execution.reason:
            culprit = execution.stopped_at if execution.stopped_at in missing else missing[0]  # it may be forged
            left_out[culprit] = results[culprit] = _stopped(Result(), execution, limits)
            missing.remove(culprit)
        over = time.monotonic() >= end or processor <= 0
        if not execution.reason:
            results |= {index: _stopped(Result(), execution, limits) for index in missing}
        elif missing and (over or attempt == ATTEMPTS):
            why = "its time was over" if over else f"cells before it had ended it {ATTEMPTS} times"
            results |= {index: _not_run(why, execution) for index in missing}
        elif missing:
            continue
        return {index: results[index] for index in [*cells, *further] if index in results or index in cells}
    raise AssertionError("unreachable")


def _stopped(result: Result, execution: Execution, limits: Limits) -> Result:
    """The result of a cell that didn't come to its own end."""
    of_notebook = "the notebook was stopped in this cell, because"
    name, sentence = {
        "time": (
            "CellTimeoutError",
            f"the cell was stopped, because it took longer than {limits.cell_seconds:g} seconds",
        ),
        "end": ("CellTimeoutError", f"{of_notebook} it took longer than {limits.notebook_seconds:g} seconds in all"),
        "processor": (
            "CellTimeoutError",
            f"{of_notebook} its processes took more than {limits.notebook_seconds:g} seconds of processor time",
        ),
        "memory": ("MemoryError", f"{of_notebook} it used more than {limits.memory} MiB"),
        "scarce": (
            "MemoryError",
            f"{of_notebook} the machine had no memory left, and it used more than {limits.reserve} MiB",
        ),
        "disk": (
            "ResourceError",
            f"{of_notebook} it had more in its folders than {limits.disk} MiB in each, or too many files or folders",
        ),
        "kernel": (
            "ResourceError",
            f"{of_notebook} it held too many sockets, pipes, sessions, locks, files of /proc or pieces of memory",
        ),
        "unseen": ("ResourceError", f"{of_notebook} what it used couldn't be measured"),
        "output": ("OutputError", f"{of_notebook} it put out too much"),
        "crash": ("DeadKernelError", f"this cell ended the whole process ({_way_of(execution.code)})"),
        "": ("ChannelError", "the result of this cell can't be read"),
    }[execution.reason]
    kept = [output for output in result.outputs if output.output_type != "error"]
    return Result([*kept, _error(name, sentence)], result.count, _kind(execution))


def _not_run(why: str, execution: Execution) -> Result:
    """The result of a cell that the notebook didn't come to."""
    sentence = f"this cell didn't run, because the notebook was stopped before it: {why}"
    return Result([_error("NotRunError", sentence)], None, _kind(execution))


def _error(name: str, sentence: str) -> NotebookNode:
    return new_output("error", ename=name, evalue=sentence, traceback=[f"\x1b[31m{name}\x1b[39m: {sentence}"])


def _kind(execution: Execution) -> str:
    """What stopped it, in the words of the report."""
    kinds = {"": "channel", "end": "time", "processor": "time", "scarce": "memory"}
    return kinds.get(execution.reason, execution.reason)


def _way_of(code: int) -> str:
    return f"signal {code - 128}" if code > 128 else f"exit code {code}"
