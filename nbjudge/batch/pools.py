"""Who grades: processes of this machine or workers of a Dask cluster. Both are ``concurrent.futures`` executors."""

import contextlib
import os
import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from typing import Any, Protocol

from nbjudge.batch import lanes, worker
from nbjudge.batch.lanes import Lane, LaneDiedError
from nbjudge.batch.ledger import Outcome
from nbjudge.course.errors import CourseError
from nbjudge.sandbox import bubblewrap
from nbjudge.sandbox.warming import Warming

RENEWED_AFTER = 500
"""Submissions after which a process is replaced by a fresh one, whatever it has gathered."""


class NoGradeError(CourseError):
    """A submission is left without a grade."""


class LostError(NoGradeError):
    """A submission was lost with the process that graded it, by its own fault or by that of another one there."""


class Pool(Protocol):
    """Something that grades several submissions at once."""

    capacity: int
    patience: float | None
    """Seconds after which submissions count as lost if none of them was finished; None if they can't get lost."""

    def submit(self, task: Any) -> Future: ...
    def ended(self, future: Future) -> BaseException | None:
        """Called when a future is done; tells what went wrong.

        Raises
        ------
        CourseStoppedError
            If there is nothing left to grade on.
        """
        ...

    def give_up(self, futures: list[Future]) -> None:
        """Called when these are lost. Whoever may still be at one of them ends."""
        ...

    def close(self) -> None: ...


SILENCE = 1800.0
"""No submission takes as long as this many seconds, so a cluster that is silent for longer has lost what it had."""
DIED = "the process that graded it died twice; is the machine out of memory?"
SILENT = "the worker that graded it was never heard of again."


class Local:
    """Processes of this machine. Each is a pool of its own, so that one that dies takes nothing with it.

    A pool in which they share queues and locks ends, or hangs, if one of them dies at the wrong moment.

    A process that is at one submission for longer than ``deadline`` seconds ends.
    """

    patience: float | None = None

    def __init__(
        self,
        jobs: int,
        deadline: float,
        function: Callable[[Any], Any] = worker.grade,
        early: Sequence[Warming] | None = None,
    ) -> None:
        """
        Parameters
        ----------
        early
            Warm processes that this one has started, for the first sandboxes. It is given, if only an empty list, by a
            process that has imported all that is needed and has done nothing that others mustn't inherit: the first
            ones are forked from it then.
        """
        self.capacity, self.deadline, self._function = jobs, deadline, function
        self._idle = deque(_Slot(lane) for lane in _first_lanes(jobs, early))
        self._busy: dict[Future, tuple[_Slot, float]] = {}

    def submit(self, task: Any) -> Future:
        slot = self._idle.popleft()
        future = slot.lane().submit(worker.within, self.deadline, self._function, task)
        self._busy[future] = slot, time.monotonic()
        return future

    def ended(self, future: Future) -> BaseException | None:
        slot, since = self._busy.pop(future)
        self._idle.append(slot)
        error = future.exception()
        if not isinstance(error, LaneDiedError):
            return error
        slot.close()
        if time.monotonic() - since < self.deadline:
            return LostError(DIED)
        minutes = f"{self.deadline / 60:.0f} minutes"
        return NoGradeError(f"grading it took longer than {minutes}, so it was given up; look at the notebook.")

    def give_up(self, futures: list[Future]) -> None:
        raise NotImplementedError("nothing gets lost on one machine")

    def close(self) -> None:
        for slot in [*self._idle, *(slot for slot, _ in self._busy.values())]:
            slot.close()


def _first_lanes(jobs: int, early: Sequence[Warming] | None) -> Sequence[Lane | None]:
    """Those that are forked from this process at once, or as many None."""
    unused = deque(early or [])
    first: list[Lane] = []
    if early is not None and lanes.can_be_forked():
        os.environ.update(bubblewrap.ONE_THREAD)
        while len(first) < jobs:
            own = unused.popleft() if unused else None
            theirs = [part for one in unused for part in (one.control, one.log)]
            first.append(Lane(lanes.forked(), own, [*(lane.connection for lane in first), *theirs]))
    for one in unused:
        one.close()
    return first or [None] * jobs


class _Slot:
    """A place for one process, in which it is renewed."""

    def __init__(self, lane: Lane | None) -> None:
        self._lane, self._submitted = lane, 0

    def lane(self) -> Lane:
        """The process that takes the next submission."""
        if self._lane is not None and (self._submitted == RENEWED_AFTER or not self._lane.is_alive()):
            self.close()
        if self._lane is None:
            self._lane, self._submitted = Lane(lanes.afresh()), 0
        self._submitted += 1
        return self._lane

    def close(self) -> None:
        if self._lane is not None:
            self._lane.close()
        self._lane = None


class Cluster:
    """The workers of a Dask cluster."""

    patience: float | None = SILENCE

    def __init__(self, address: str, function: Callable[[Any], Any] = worker.grade) -> None:
        """
        Raises
        ------
        CourseError
            If there is no such cluster, or it has no workers.
        """
        try:
            from distributed import Client
        except ImportError:
            raise CourseError(
                "Dask is missing; install it on this machine and on the workers (distributed); `course doctor` says "
                "more about this one."
            ) from None
        try:
            self._client = Client(address, timeout=10, set_as_default=False)
        except (OSError, ValueError) as error:
            raise CourseError(f"there is no Dask scheduler at {address} ({error}).") from None
        workers = self._client.scheduler_info(n_workers=-1)["workers"]
        if not workers:
            self._client.close()
            raise CourseError(f"the Dask scheduler at {address} has no workers; start some: dask worker {address}.")
        self.capacity, self._function = len(workers) + 1, function  # each grades one at a time, and one may wait
        self._executor = self._client.get_executor(pure=False)

    def submit(self, task: Any) -> Future:
        return self._executor.submit(self._function, task)

    def ended(self, future: Future) -> BaseException | None:
        if future.cancelled():
            raise worker.CourseStoppedError("the Dask scheduler has gone; run the same command again to go on.")
        error = future.exception()
        return LostError(DIED) if type(error).__name__ == "KilledWorker" else error

    def give_up(self, futures: list[Future]) -> None:
        """Restart the workers that have them: a submission that never ends would hold up whatever waits behind it."""
        ours = set(self._client.futures)
        workers = [address for address, keys in self._client.processing().items() if ours & set(keys)]
        for future in futures:
            future.cancel()
        with contextlib.suppress(ValueError):  # nobody looks after these workers, so nobody can restart them
            self._client.restart_workers(workers, raise_for_error=False)

    def close(self) -> None:
        self._executor.shutdown(wait=False)
        self._client.close()


def run(tasks: Iterable[Any], pool: Pool, is_stopped: Callable[[], bool]) -> Iterator[Any]:
    """Grade all; after a stop, only what is running is finished.

    A process that dies takes with it what only waited for it, and nobody can tell the one from the other. So who is
    lost with a process isn't reported at once: at the end, each of them is tried again with nothing beside it. The same
    holds for those for whom no sandbox started, since a neighbour may have taken what it needs.

    Raises
    ------
    CourseStoppedError
        If nothing can be graded. What was running is finished first.
    """
    suspects: list[Any] = []
    worked = yield from _graded(tasks, pool, pool.capacity, is_stopped, suspects)
    yield from _graded(suspects, pool, 1, is_stopped, None, worked)


def _graded(
    tasks: Iterable[Any],
    pool: Pool,
    at_once: int,
    is_stopped: Callable[[], bool],
    suspects: list[Any] | None,
    worked: bool = False,
) -> Generator[Any, None, bool]:
    """Grade so many at once. Who is lost with a process is added to the suspects, or reported if there is no list.

    Returns whether a sandbox ``worked``, then or before. As long as none did and one didn't start, no more are tried.
    A sandbox that came up worked, also where the submission that it came up for didn't come to run in it.
    """
    waiting = iter(tasks)
    running: dict[Future, Any] = {}
    stopped: worker.CourseStoppedError | None = None
    missing: worker.NoSandboxError | None = None
    while True:
        while len(running) < at_once and not stopped and not is_stopped() and (worked or not missing):
            task = next(waiting, None)
            if task is None:
                break
            running[pool.submit(task)] = task
        if not running:
            break
        finished = wait(running, timeout=pool.patience, return_when=FIRST_COMPLETED).done
        if not finished:
            pool.give_up(list(running))
        for future in finished or list(running):
            task = running.pop(future)
            error = pool.ended(future) if finished else LostError(SILENT)
            came_up = isinstance(error, (NoGradeError, worker.OwnSandboxError))
            worked = worked or came_up or (not error and future.result().status == "graded")
            if isinstance(error, worker.CourseStoppedError):
                stopped = error
                continue
            missing = error if isinstance(error, worker.NoSandboxError) else missing
            if isinstance(error, (LostError, worker.NoSandboxError)) and suspects is not None:
                suspects.append(task)
            elif error is not None:
                reason = str(error) if isinstance(error, CourseError) else f"{type(error).__name__}: {error}"
                yield Outcome(task.student, "failed", reason[:300], log=repr(error))
            else:
                yield future.result()
    if missing and not worked:
        stopped = stopped or worker.CourseStoppedError(f"Nothing was graded: {missing}")
    if stopped:
        raise stopped
    return worked
