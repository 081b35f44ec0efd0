"""How much is unpacked and unwrapped of what one student has, so that nothing is taken from the rest of the search.

All in bytes of memory. It grows with what was handed in: unwrapping a notebook with pictures makes some hundred times
its size. Who hands in what grows more gets no further.
"""

import re
from collections import defaultdict
from collections.abc import Hashable

from nbjudge.authoring.readings import Budget
from nbjudge.course.lms_names import canvas_name, moodle_name

START, PER_BYTE = 16 * 2**20, 160
MOST_OF_ONE, MOST_OF_ALL = 2**29, 4 * 2**30
"""Of what one student has, and of a file in which there may be a class."""
ZIPPED = 4
"""A notebook of some length is packed to a quarter of its size, at most."""
OF_AN_ENTRY = 1000
"""What an entry of a zip file costs, and be it empty."""


class Shares:
    """What may still be made of each one's files."""

    def __init__(self) -> None:
        self._sizes = defaultdict[Hashable, int](int)
        self._budgets: dict[Hashable, Budget] = {}

    def of(self, whose: Hashable, size: int) -> Budget:
        """Theirs, when ``size`` more bytes of them are there."""
        if whose not in self._budgets:
            self._budgets[whose] = Budget(_for(0, MOST_OF_ONE))
        before, self._sizes[whose] = self._sizes[whose], self._sizes[whose] + size
        self._budgets[whose].left += _for(self._sizes[whose], MOST_OF_ONE) - _for(before, MOST_OF_ONE)
        return self._budgets[whose]


def for_all(size: int) -> Budget:
    """That of a file in which there may be a class."""
    return Budget(_for(ZIPPED * size, MOST_OF_ALL))


def _for(size: int, most: int) -> int:
    return min(most, START + PER_BYTE * size)


def whose(entry: str) -> str:
    """Whose an entry of a platform's archive is: that of a student's folder, or of a file that begins as one does."""
    first = re.split(r"[/\\]", entry, maxsplit=1)[0]
    given = moodle_name(first) or canvas_name(first)
    return given.digits if given else first
