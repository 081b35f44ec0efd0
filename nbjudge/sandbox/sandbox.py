"""Runs notebooks of students, one after the other, in forks of one warm process."""

import contextlib
import itertools
import json
import os
import subprocess
import tempfile
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from nbjudge.sandbox import walls
from nbjudge.sandbox.bubblewrap import SandboxError
from nbjudge.sandbox.channel import Channel
from nbjudge.sandbox.control import Control
from nbjudge.sandbox.following import GRACE_SECONDS, follow
from nbjudge.sandbox.job import Execution, task_of
from nbjudge.sandbox.limits import Limits
from nbjudge.sandbox.walls import Wall, Way
from nbjudge.sandbox.warming import Process, Recipe, Warming, needed, started

START_SECONDS = 120.0
NOR = " Nor is there the second wall: "
END_SECONDS = 5.0
"""How long a submission may take to end after it was killed."""


class Sandbox:
    """One warm process. It starts when it is first needed, and again if it died."""

    def __init__(
        self,
        modules: Sequence[str] = (),
        hidden: Sequence[Path] = (),
        limits: Limits | None = None,
        isolation: str = "sandbox",
        early: Warming | None = None,
    ) -> None:
        """
        Parameters
        ----------
        modules
            To be imported before the first submission comes.
        hidden
            Folders that must not be seen in there, such as the course's.
        limits
            What each submission may use.
        isolation
            Which wall is put up: "namespaces", "landlock", or "sandbox" for the best that there is.
        early
            A warm process that was started already, by the same recipe; it becomes this one's.
        """
        self.limits = limits or Limits()
        self._recipe = Recipe(tuple(modules), tuple(hidden), self.limits, isolation)
        self._walls, self._early = walls.chosen(isolation), early
        if early is not None:  # it knows what it has of the machine
            self._walls = [early.wall if wall.name == early.wall.name else wall for wall in self._walls]
        self._works: tuple[Wall, Way] | None = None
        """How it started the first time; so it starts again, and in no other way."""
        self._process: Process | None = None
        self._control: Control | None = None
        self.has_worked = False
        """Whether it ever started. If so, it may start again, whatever keeps it from that now."""
        self._jobs = itertools.count(1)
        self._complaint = ""  # of the last submission that didn't come to run

    @property
    def wall(self) -> str:
        """The wall that is up: "namespaces" or "landlock"; "" as long as it was never started."""
        return self._works[0].name if self._works else ""

    def start(self) -> None:
        """Start the warm process, unless it runs already.

        Raises
        ------
        SandboxError
            If it can't be started; the message says what to do.
        """
        if self._process is not None and self._process.poll() is None:
            return
        if self._process is not None:
            self.close()
        walls.require_linux()
        complaints = []
        for wall in [self._works[0]] if self._works else self._walls:
            complaint = self._start_behind(wall)
            if not complaint:
                self._end_early()
                return
            complaints.append(complaint)
            if isinstance(wall, walls.Namespaces) and wall is not self._walls[-1] and not wall.missing():
                break  # it can be had here, so no other is taken in its place
        raise SandboxError(NOR.join(complaints) + " `course doctor` says more.")

    def _start_behind(self, wall: Wall) -> str:
        """Returns why it doesn't work, in a sentence, or ""."""
        line = ""
        try:
            for way in [self._works[1]] if self._works else wall.ways(needed(self._recipe)):
                line = self._try(wall, way)
                if not line:
                    self._works, self.has_worked = (wall, way), True
                    return ""
        except SandboxError as error:
            return str(error)
        return wall.explained(line)

    def _try(self, wall: Wall, way: Way) -> str:
        """Start in this way. Returns the last line that was said if it doesn't work, or ""."""
        warming = self._started(wall, way)
        with warming.log as log:
            self._process, self._control = warming.process, Control(warming.control)
            ready = self._control.hear(START_SECONDS).get("ready") is True
            if ready and self._is_tried():
                return ""
            self.close()
            log.seek(0)
            lines = log.read().decode(errors="replace").strip().splitlines()
            why = self._complaint if ready else lines[-1] if lines else ""  # the log is full of what IPython warns of
            return why or "it ended without a word"

    def _is_tried(self) -> bool:
        """Whether a notebook runs."""
        tried = self._run(task_of([(0, "None")], {}), time.monotonic() + START_SECONDS)
        return tried is not None and 0 in tried.results

    def _started(self, wall: Wall, way: Way) -> Warming:
        """A warm process in this way: the one that was started early, if there is one and it is of this way."""
        early = self._early
        if early is None or early.wall is not wall:
            return started(self._recipe, wall, way)
        self._early = None
        if early.way == way and early.process.poll() is None:
            return early
        early.close()
        return started(self._recipe, wall, way)

    def run(
        self,
        cells: Sequence[tuple[int, str]],
        files: Mapping[str, bytes],
        end: float | None = None,
        processor: float | None = None,
        mend: Collection[int] = (),
    ) -> Execution:
        """Run the cells of one notebook in a new process, in their order.

        Parameters
        ----------
        cells
            Index and text of each.
        files
            What lies in the folder in which they run, by relative path.
        end
            When the time of the notebook is over, by ``time.monotonic``, if not ``notebook_seconds`` from now. Nothing
            moves it.
        processor
            Seconds of processor time that it may take, if other than ``notebook_seconds``.
        mend
            Cells that run without the methods that can't be compiled.

        Raises
        ------
        SandboxError
            If there is no sandbox to run them in, or it ends before the first of them.
        """
        task = task_of(cells, files, mend)
        if end is None:
            self.start()
            end = time.monotonic() + self.limits.notebook_seconds
        for _ in range(2):
            self.start()
            execution = self._run(task, end, processor)
            if execution is not None:
                return execution
        why = self._complaint or "is the machine out of memory?"
        raise SandboxError(f"the sandbox ends as soon as a notebook is to run in it: {why}")

    def _run(self, task: dict, end: float, processor: float | None = None) -> Execution | None:
        """One try. None if it ended before any cell began. Whatever goes wrong here, nothing of it goes on running."""
        try:
            return self._watched(task, end, self.limits.notebook_seconds if processor is None else processor)
        except BaseException:
            self.close()
            raise

    def _watched(self, task: dict, end: float, processor: float) -> Execution | None:
        control = self._control
        assert control is not None
        control.job = next(self._jobs)
        limits = {**asdict(self.limits), "processor": processor, "cpu": int(processor) + 10}
        channel, self._complaint = Channel([cell["index"] for cell in task["cells"]]), ""
        receiving, sending = os.pipe()
        os.set_blocking(receiving, False)  # whoever writes may open the other end, too, and take back what was written
        with os.fdopen(receiving, "rb", 0), tempfile.TemporaryFile() as job:
            with os.fdopen(sending, "wb", 0):
                job.write(json.dumps(task).encode())
                job.flush()
                job.seek(0)
                if not control.hand_over(limits, job.fileno(), sending):
                    self.close()
                    return None
            reason, late = follow(control, channel, receiving, end, self.limits.cell_seconds)
        if reason:
            control.order("kill")
        message = control.end_of_job(END_SECONDS if reason else GRACE_SECONDS)
        if not message and not reason:  # it said that it ended, or closed the channel, and goes on
            control.order("kill")
            message = control.end_of_job(END_SECONDS)
        code, used = message.get("ended", -1), message.get("processor", 0.0)
        if not message:
            self.close()
        if channel.ended and not reason:
            return Execution(channel.results, code=code, late=late, processor=used)
        if not channel.results and channel.current is None and reason != "end":
            self._complaint = channel.complaint or str(message.get("reason") or "")
            return None
        reason = message.get("reason") or reason or "crash"
        return Execution(channel.results, channel.current, reason, code, late, used)

    def close(self) -> None:
        """End the warm process, and with it whatever runs in the sandbox."""
        self._end_early()
        if self._control is not None:
            self._control.close()
        if self._process is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(GRACE_SECONDS)
            self._process.kill()
            self._process.wait()
        for wall in self._walls:
            wall.close()
        self._control = self._process = None

    def _end_early(self) -> None:
        """End the one that was started early, if it isn't the one that is used."""
        if self._early is not None:
            self._early.close()
        self._early = None
