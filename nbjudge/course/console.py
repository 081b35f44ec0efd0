"""The terminal. All that commands say goes through here, so that a name, whoever made it up, can do nothing in it."""

import json
import sys
from collections.abc import Iterable
from typing import Any

import rich.console
from rich.console import ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.text import Text

from nbjudge.course.characters import printable, printable_lines


class Console(rich.console.Console):  # noqa: TID251 (the only one)
    """A text means nothing but itself here: no markup, no names of pictures, no order to the terminal."""

    def __init__(self, stderr: bool = False) -> None:
        super().__init__(stderr=stderr, markup=False, emoji=False, highlight=False)

    def render_str(self, text: str, **about: Any) -> Text:
        """Here columns learn how wide a text is."""
        return super().render_str(printable_lines(text), **about)

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """All that is printed, whatever it is made of."""
        for text, style, control in super().render(renderable, options):
            yield Segment(text if control else printable_lines(text), style, control)


def is_watched() -> bool:
    """Whether a person reads standard output; if not, it goes to a program or a file."""
    return sys.stdout.isatty()


def print_json(data: Any) -> None:
    """For programs, on standard output; characters beyond ASCII are escaped."""
    sys.stdout.write(json.dumps(data, indent=1) + "\n")


def print_rows(rows: Iterable[Iterable[Any]]) -> None:
    """For `cut`, `grep` and `sort`, on standard output: a line for each row, with tabs between whole cells."""
    for row in rows:
        sys.stdout.write("\t".join(printable(str(cell)) for cell in row) + "\n")
    sys.stdout.flush()  # where a pipe was closed, as by `head`, it shows here and not as Python ends
