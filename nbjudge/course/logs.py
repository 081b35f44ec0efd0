"""Keeps the log worth reading, and harmless."""

import logging
import re

from nbjudge.course.characters import printable_lines

ROUTINE = re.compile(r"Attribute 'checksum' for cell [\w-]+ has changed!")
"""Logged for every test cell of every submission: nbgrader puts the hidden tests back."""


class RoutineFilter(logging.Filter):
    """Drops what nbgrader logs as a warning although nothing is wrong."""

    def filter(self, record: logging.LogRecord) -> bool:
        return not ROUTINE.match(record.getMessage())


class PrintableRecord(logging.LogRecord):
    """A message without what a terminal takes for orders, whoever logs it and wherever it is written to."""

    _exc_text: str | None = None

    def getMessage(self) -> str:  # noqa: N802 (logging calls it so)
        return printable_lines(super().getMessage())

    @property
    def exc_text(self) -> str | None:
        """The traceback, in which a formatter keeps it."""
        return self._exc_text

    @exc_text.setter
    def exc_text(self, text: str | None) -> None:
        self._exc_text = printable_lines(text) if text else text


def keep_harmless() -> None:
    """From now on, all that this process logs is of this kind."""
    logging.setLogRecordFactory(PrintableRecord)
