"""One run of a notebook in the sandbox: what is asked for, and what comes of it."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from nbjudge.sandbox.channel import Result


@dataclass
class Execution:
    """How far one run of a notebook came.

    Attributes
    ----------
    results : what each finished cell put out, by its index
    stopped_at : index of the cell in which it ended early, or None
    reason : what ended it early, or "": "time" (of a cell), "end" (of the notebook's time), "processor", "memory",
        "scarce" (the machine has no memory left), "disk", "kernel", "unseen" (nobody knows what it uses), "output",
        "crash"
    code : exit code of the process; 128 + n after signal n
    late : cells that were interrupted because their time was over, and then ended
    processor : seconds of processor time that it took
    """

    results: dict[int, Result]
    stopped_at: int | None = None
    reason: str = ""
    code: int = 0
    late: frozenset[int] = frozenset()
    processor: float = 0.0


def task_of(cells: Iterable[tuple[int, str]], files: Mapping[str, bytes], mend: Collection[int] = ()) -> dict[str, Any]:
    """What the runner reads."""
    return {
        "cells": [{"index": index, "source": source, "mend": index in mend} for index, source in cells],
        "files": {name: data.hex() for name, data in files.items()},
    }
