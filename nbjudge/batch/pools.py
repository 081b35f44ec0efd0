"""Who grades: processes of this machine or workers of a Dask cluster. Both are ``concurrent.futures`` executors."""

import contextlib
import math
import multiprocessing
import multiprocessing.context
import os
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from typing import Any, Protocol

from pebble import ProcessExpired, ProcessPool

from nbjudge.batch import worker
from nbjudge.batch.ledger import Outcome
from nbjudge.course.errors import CourseError
from nbjudge.sandbox import bubblewrap

RENEWED_AFTER = 500
"""Submissions after which a process is replaced by a fresh one, whatever it has gathered."""


class Pool(Protocol):
    """Something that grades several submissions at once."""

    capacity: int
    patience: float | None
    """Seconds after which submissions count as lost if none of them was finished; None if they can't get lost."""
    deadline: float
    """Seconds after which a process that is still at one submission ends."""

    def submit(self, task: Any) -> Future: ...
    def ended(self, future: Future) -> bool:
        """Called when a future is done; tells whether its process died, and not its code.

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


class Local:
    """Processes of this machine. One that dies, or that is stopped at the deadline, takes only its own submission."""

    patience: float | None = None

    def __init__(self, jobs: int, deadline: float, function: Callable[[Any], Any] = worker.grade) -> None:
        self.capacity, self.deadline, self._function = jobs, deadline, function
        self._pool = ProcessPool(
            max_workers=max(jobs, 1), max_tasks=RENEWED_AFTER, initializer=worker.start, context=_context()
        )

    def submit(self, task: Any) -> Future:
        return self._pool.schedule(self._function, args=[task], timeout=self.deadline)

    def ended(self, future: Future) -> bool:
        return isinstance(future.exception(), (ProcessExpired, TimeoutError))

    def give_up(self, futures: list[Future]) -> None:
        raise NotImplementedError("nothing gets lost on one machine")

    def close(self) -> None:
        self._pool.close()
        self._pool.join()


def _context() -> multiprocessing.context.BaseContext:
    """Processes are forked from one that has imported everything, has one thread, and has done nothing else."""
    os.environ.update(bubblewrap.ONE_THREAD)
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["nbjudge.batch.preload"])
    return context


class Cluster:
    """The workers of a Dask cluster."""

    patience: float | None = SILENCE
    deadline = math.inf

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
            raise CourseError("Dask is missing; install it on this machine and on the workers (distributed).") from None
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

    def ended(self, future: Future) -> bool:
        if future.cancelled():
            raise worker.CourseStoppedError("the Dask scheduler has gone; run the same command again to go on.")
        return type(future.exception()).__name__ == "KilledWorker"

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
    lost with a process isn't reported at once: at the end, each of them is tried again with nothing beside it.

    Raises
    ------
    CourseStoppedError
        If nothing can be graded. What was running is finished first.
    """
    suspects: list[Any] = []
    yield from _graded(tasks, pool, pool.capacity, is_stopped, suspects)
    yield from _graded(suspects, pool, 1, is_stopped, None)


def _graded(
    tasks: Iterable[Any], pool: Pool, at_once: int, is_stopped: Callable[[], bool], suspects: list[Any] | None
) -> Iterator[Any]:
    """Grade so many at once. Who is lost with a process is added to the suspects, or reported if there is no list."""
    waiting = iter(tasks)
    running: dict[Future, tuple[Any, float]] = {}
    stopped: worker.CourseStoppedError | None = None
    while True:
        while len(running) < at_once and not stopped and not is_stopped():
            task = next(waiting, None)
            if task is None:
                break
            running[pool.submit(task)] = (task, time.monotonic())
        if not running:
            break
        finished = wait(running, timeout=pool.patience, return_when=FIRST_COMPLETED).done
        if not finished:
            pool.give_up(list(running))
        for future in finished or list(running):
            task, since = running.pop(future)
            too_long = time.monotonic() - since >= pool.deadline
            if finished:
                died, error = pool.ended(future), future.exception()
            else:
                died, error = True, TimeoutError("the worker that graded it was never heard of again.")
            if isinstance(error, worker.CourseStoppedError):
                stopped = error
            elif died and not too_long and suspects is not None:
                suspects.append(task)
            elif error is not None:
                reason = _sentence(error, died, pool.deadline if too_long else 0) if finished else str(error)
                yield Outcome(task.student, "failed", reason, log=repr(error))
            else:
                yield future.result()
    if stopped:
        raise stopped


def _sentence(error: BaseException, died: bool, deadline: float) -> str:
    if died and deadline:
        return f"grading it took longer than {deadline / 60:.0f} minutes, so it was given up; look at the notebook."
    if died:
        return "the process that graded it died twice; is the machine out of memory?"
    return f"{type(error).__name__}: {error}"[:300]
