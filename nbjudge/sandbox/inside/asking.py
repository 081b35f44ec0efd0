"""Asks the kernel what it tells of a process only when that one's memory stands still, in a thread of its own.

A process can keep who asks waiting for as long as it likes: with one thread in a call that lasts, and another one that
waits for its turn. A thread that waits there can't be called back. So whoever has to go on goes on without it.
"""

import contextlib
import threading
import time
from collections.abc import Callable
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, TypeVar, cast

LONG, MOST_KEPT_WAITING = 0.05, 0.5
"""Seconds between two looks at what can be told meanwhile; and in which who asks neither runs nor could run, unless it
is known that all others stand still as soon as it has waited."""
MOST_RUNNING = 0.5
"""Seconds in which it runs, or could run, unless all others stand still."""
UNKNOWN = 10
"""How many times longer it may take where the kernel doesn't say which it was."""
Answer = TypeVar("Answer")


class KeptWaitingError(Exception):
    """Those at whom a look is taken have kept it from going on: what the kernel says of memory waits for its owner."""


class Asking:
    """One question at a time. What was asked in vain is still being asked, until it is answered.

    Attributes
    ----------
    took : seconds of processor time of the question that was answered last
    """

    def __init__(self) -> None:
        self.took = 0.0
        self._thread: threading.Thread | None = None
        self._questions: SimpleQueue[Callable[[], Any] | None] = SimpleQueue()
        self._answers: SimpleQueue[tuple[Any, BaseException | None]] = SimpleQueue()
        self._unanswered = False

    @property
    def is_waiting(self) -> bool:
        """Whether what was asked in vain still is."""
        return self._unanswered and self._answers.empty()

    def begin(self) -> None:
        """Start the thread, if there is none: to the kernel, somebody is born."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._ask, daemon=True)
            self._thread.start()

    def answer(
        self, asks: Callable[[], Answer], meanwhile: Callable[[], None], patience: float = MOST_KEPT_WAITING
    ) -> Answer:
        """What ``asks`` returns or raises; as long as there is no answer, ``meanwhile`` is called, which may raise.

        ``patience``: seconds in which who asks may neither run nor be able to. Who has little of it has little for what
        takes long, too.

        Raises
        ------
        KeptWaitingError
            If there is none, or none yet to an earlier question.
        """
        self.begin()
        self._awaited(meanwhile, patience)
        self._questions.put(asks)
        self._unanswered = True
        answer, error = self._awaited(meanwhile, patience)
        if error is not None:
            raise error
        return cast(Answer, answer)

    def end(self) -> None:
        """Wait for what was asked in vain: whom it was about has ended."""
        if self._thread is not None:
            self._questions.put(None)
            self._thread.join()
            self._thread = None

    def _ask(self) -> None:
        while (asks := self._questions.get()) is not None:
            begin = time.thread_time()
            try:
                answer, error = asks(), None
            except BaseException as raised:
                answer, error = None, raised
            self.took = time.thread_time() - begin
            self._answers.put((answer, error))

    def _awaited(self, meanwhile: Callable[[], None], patience: float) -> tuple[Any, BaseException | None]:
        """The answer to what was asked last, if it isn't there yet."""
        found: tuple[Any, BaseException | None] = (None, None)
        begin, waited = time.monotonic(), self._waited()
        while self._unanswered:
            try:
                found = self._answers.get(timeout=LONG)
                self._unanswered = False
            except Empty:
                meanwhile()
                now_waited = self._waited() - waited
                ran = time.monotonic() - begin - now_waited
                if now_waited > patience or (ran > MOST_RUNNING and patience < MOST_KEPT_WAITING):
                    raise KeptWaitingError from None
        return found

    def _waited(self) -> float:
        """Seconds in which the thread neither ran nor waited for a processor."""
        assert self._thread
        with contextlib.suppress(FileNotFoundError):
            ran, could_run = Path(f"/proc/self/task/{self._thread.native_id}/schedstat").read_bytes().split()[:2]
            return time.monotonic() - (int(ran) + int(could_run)) / 1e9
        return time.monotonic() / UNKNOWN
