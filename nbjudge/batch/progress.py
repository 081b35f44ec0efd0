"""Shows how far the grading is: a bar in a terminal, and lines from time to time in a log."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TimeRemainingColumn
from rich.text import Text

from nbjudge.course.console import Console

EVERY_SECONDS = 10.0
"""Between two lines of a log."""


@contextmanager
def progress(total: int, console: Console, silent: bool) -> Iterator[Callable[[], None]]:
    """Gives a function to be called after each of ``total`` submissions."""
    if silent:
        yield lambda: None
    elif console.is_terminal:
        with Progress(BarColumn(), MofNCompleteColumn(), _Rate(), TimeRemainingColumn(), console=console) as bar:
            task = bar.add_task("", total=total)
            yield lambda: bar.advance(task)
    else:
        yield _Lines(total, console).advance


class _Rate(ProgressColumn):
    """Submissions per second."""

    def render(self, task: Task) -> Text:
        return Text(f"{task.speed:.1f} per second" if task.speed else "", style="progress.data.speed")


class _Lines:
    def __init__(self, total: int, console: Console) -> None:
        self._total, self._done, self._console = total, 0, console
        self._begin = self._last = time.monotonic()

    def advance(self) -> None:
        self._done += 1
        now = time.monotonic()
        if now - self._last >= EVERY_SECONDS or self._done == self._total:
            self._last = now
            rate = self._done / (now - self._begin)
            left = f", {(self._total - self._done) / rate:.0f} s left" if self._done < self._total else ""
            said = f"{self._done} of {self._total}, {rate:.1f} per second{left}"
            self._console.print(said, soft_wrap=True)
