"""Wrong implementations that are typical, each with the sentence that helps."""

import re
import textwrap
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Misconception:
    """A wrong way of writing a method: the reference solution with some of its lines replaced.

    Attributes
    ----------
    test : ``grade_id`` of the test cell that it fails
    sentence : what the student reads; it helps, and doesn't give the answer away
    replaced : lines of the solution, and what stands there instead; several lines are indented like the first
    """

    test: str
    sentence: str
    replaced: dict[str, str]

    def applied_to(self, solutions: dict[str, str]) -> dict[str, str]:
        """The solution cells that change, by ``grade_id``.

        Raises
        ------
        ValueError
            If a line to be replaced isn't there.
        """
        changed: dict[str, str] = {}
        for line, replacement in self.replaced.items():
            whole_line = re.compile(rf"^( *){re.escape(line)}$", re.MULTILINE)
            names = [name for name, text in solutions.items() if whole_line.search(text)]
            if not names:
                raise ValueError(f"no solution cell has the line {line!r}, which a misconception replaces.")
            for name in names:
                changed[name] = whole_line.sub(_indented(replacement), changed.get(name, solutions[name]))
        return changed


def _indented(text: str) -> Callable[[re.Match[str]], str]:
    return lambda found: textwrap.indent(text, found[1])
