"""Keeps the log worth reading."""

import logging
import re

ROUTINE = re.compile(r"Attribute 'checksum' for cell [\w-]+ has changed!")
"""Logged for every test cell of every submission: nbgrader puts the hidden tests back."""


class RoutineFilter(logging.Filter):
    """Drops what nbgrader logs as a warning although nothing is wrong."""

    def filter(self, record: logging.LogRecord) -> bool:
        return not ROUTINE.match(record.getMessage())
