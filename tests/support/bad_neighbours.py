"""Stands in for grading on the workers of a cluster. It imports little, because a new worker imports it again."""

import os
import time
from pathlib import Path
from types import SimpleNamespace

from distributed import get_worker

BAD = {"always", "stuck"}
THERE, HELD = "who is there", "a worker is held"
"""Files: who was given to the cluster when the coordinator began to wait; and a sign that a worker does no more."""


def bad_neighbour(task: SimpleNamespace) -> SimpleNamespace:
    """Some students bring their worker down, or hold it for ever, as soon as ``b`` is on it.

    And ``b`` doesn't end while one of them is there. So ``b`` is with them each time, however slow the machine is.
    """
    folder = Path(task.folder)
    if task.student in BAD:
        while "b" in _there(folder) and not _with_others():
            time.sleep(0.01)
        if task.student == "always":
            os._exit(9)
        folder.joinpath(HELD).touch()
        time.sleep(86397)
    while task.student == "b" and BAD.intersection(_there(folder)):
        time.sleep(0.01)
    return SimpleNamespace(student=task.student, status="graded")


def _there(folder: Path) -> list[str]:
    while True:
        try:
            return folder.joinpath(THERE).read_text().split()
        except OSError:
            time.sleep(0.01)


def _with_others() -> bool:
    state = get_worker().state
    return len(state.executing) + len(state.ready) > 1
