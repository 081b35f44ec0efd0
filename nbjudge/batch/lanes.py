"""A process that does one task after the other, and the one beside it that waits for its results.

Each lane is alone with its process: what dies takes nothing with it that another lane needs.
"""

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection
from multiprocessing.context import BaseContext
from multiprocessing.process import BaseProcess
from multiprocessing.reduction import ForkingPickler
from pathlib import Path
from typing import Any

from nbjudge.sandbox import bubblewrap, warming
from nbjudge.sandbox.step import close_all
from nbjudge.sandbox.warming import Elder, Warming

PRELOADED = "nbjudge.batch.preload"


class LaneDiedError(Exception):
    """The process ended before it gave its result."""


class Lane:
    """One long-lived process. What it is asked to do is done in turn."""

    def __init__(self, context: BaseContext, early: Warming | None = None, others: list[Any] | None = None) -> None:
        """
        Parameters
        ----------
        context
            How the process is made.
        early
            A warm process for its sandbox, which this process has started. Only for one that is forked.
        others
            What a forked process must not hold open: it belongs to other lanes.
        """
        self._early = early
        self.connection, theirs = context.Pipe()
        handed_on = _handed_on(early) if early is not None else None
        arguments = (theirs, handed_on, [*(others or []), self.connection] if others is not None else [])
        self._process: BaseProcess = context.Process(  # type: ignore[attr-defined]
            target=_serve, args=arguments, daemon=True
        )
        with _undisturbed():
            self._process.start()
        theirs.close()
        if early is not None:
            early.let_go()
        self._thread = ThreadPoolExecutor(1)

    def submit(self, function: Callable[..., Any], *arguments: Any) -> Future:
        """Have the process call a function. The future raises ``LaneDiedError`` if it ends before it has done that."""
        return self._thread.submit(self._ask, function, *arguments)

    def _ask(self, *call: Any) -> Any:
        try:
            self.connection.send(call)
            has_result, what = self.connection.recv()
        except (EOFError, ConnectionError) as error:
            raise LaneDiedError from error
        if not has_result:
            raise what
        return what

    def is_alive(self) -> bool:
        return self._process.is_alive()

    def close(self) -> None:
        """End the process, when it has done what it is at."""
        self._thread.shutdown(wait=True, cancel_futures=True)
        with suppress(OSError, ValueError):  # it has ended
            self.connection.send(None)
        self._process.join()
        self._process.close()
        self.connection.close()
        if self._early is not None:
            self._early.process.kill()
            self._early.process.wait()
            self._early.wall.close()


def _handed_on(early: Warming) -> Warming:
    """The same as the forked process has it: it can't wait for a child of this one."""
    number = early.process.pid  # type: ignore[attr-defined]
    return Warming(early.recipe, early.wall, early.way, Elder(number), early.control, early.log)


@contextmanager
def _undisturbed() -> Iterator[None]:
    """While a process is made, Ctrl-C waits: it is the coordinator's affair, and the new one ignores it in a moment."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _serve(connection: Connection, early: Warming | None, others: list[Any]) -> None:
    """What the process does."""
    _begin()
    for other in others:
        other.close()
    warming.hand_on(early)
    try:
        while (call := connection.recv()) is not None:
            connection.send_bytes(_answer(*call))
    finally:
        close_all()  # such a process ends without what is to be done when Python ends


def _answer(function: Callable[..., Any], *arguments: Any) -> Any:
    try:
        answer = True, function(*arguments)
        return ForkingPickler.dumps(answer)
    except BaseException as error:  # the coordinator decides what it means, also SystemExit
        return _as_bytes(error)


def _as_bytes(error: BaseException) -> Any:
    try:
        return ForkingPickler.dumps((False, error))
    except Exception:
        return ForkingPickler.dumps((False, RuntimeError(f"{type(error).__name__}: {error}")))


def _begin() -> None:
    """Ctrl-C is the coordinator's affair, and this process doesn't outlive that one."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    coordinator = multiprocessing.parent_process()
    assert coordinator is not None
    if sys.platform != "linux":
        threading.Thread(target=_end_with, args=[coordinator], daemon=True).start()
        return
    import fcntl

    # The kernel sends SIGIO when the other end of this pipe closes, and ends a process that doesn't handle it, also
    # where the interpreter itself is stuck and no thread of it runs.
    pipe = coordinator.sentinel
    fcntl.fcntl(pipe, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(pipe, fcntl.F_SETFL, fcntl.fcntl(pipe, fcntl.F_GETFL) | os.O_ASYNC)
    if not coordinator.is_alive():
        os._exit(1)


def _end_with(coordinator: BaseProcess) -> None:
    coordinator.join()
    os._exit(1)


def can_be_forked() -> bool:
    """Whether this process has one thread, and so can be forked safely."""
    try:
        return sys.platform == "linux" and len(list(Path("/proc/self/task").iterdir())) == 1
    except OSError:
        return False


def forked() -> BaseContext:
    """Processes are forked from this one: it has imported everything, and has one thread."""
    return multiprocessing.get_context("fork")


def afresh() -> BaseContext:
    """Processes are forked from one that has imported everything, has one thread, and has done nothing else.

    Where the libraries of the system don't bear that, each starts afresh.
    """
    os.environ.update(bubblewrap.ONE_THREAD)
    if sys.platform != "linux":
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([PRELOADED])
    return context
