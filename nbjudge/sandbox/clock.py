"""How long a cell may go on, where other programs take the processor away from it."""

import time
from dataclasses import dataclass


@dataclass(frozen=True)
class Usage:
    """Seconds of a submission so far: of its processes on a processor, and of waiting for one."""

    processor: float = 0.0
    delayed: float = 0.0


class Span:
    """So many seconds from now on.

    What waits has them by the clock. What computes gets as much of a processor: the clock goes on for it while others
    have taken the processors, until its processes had them for so long, or could have had.
    """

    def __init__(self, seconds: float, usage: Usage) -> None:
        self._seconds, self._before, self._begin = seconds, usage, time.monotonic()

    def left(self, usage: Usage) -> float:
        """Seconds for which it can't be over; less than 0 if it is over."""
        passed = time.monotonic() - self._begin
        had = max(usage.processor - self._before.processor, passed - (usage.delayed - self._before.delayed))
        return self._seconds - min(passed, had)
