"""Starts warm processes before anything else is done, while this process still imports what it needs.

What they are started with is worked out from the configuration alone. Whoever takes one compares that with what is
needed, so what is wrong here costs time and nothing else.
"""

import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import get_type_hints

from traitlets import Bool
from traitlets.config import Config

from nbjudge.course.cells import Cell, cells_to_run
from nbjudge.course.light_config import root_of
from nbjudge.course.student_ids import short_name
from nbjudge.sandbox.limits import Limits
from nbjudge.sandbox.needs import EXCHANGE, OURS, modules_of, to_be_hidden
from nbjudge.sandbox.warming import Recipe, Warming, started_early

PAYS = 2
"""So many submissions each process has to grade, or it isn't worth its start."""


def lanes(jobs: int, submissions: int) -> int:
    """How many processes grade so many submissions soonest."""
    return min(jobs, -(-submissions // PAYS))


@contextmanager
def warm_processes(
    assignment: str, config: Config | None, jobs: int, students: Sequence[str], force: bool
) -> Iterator[list[Warming]]:
    """Warm processes for the sandboxes, none where it can't be told yet what they need. Those that are left are ended.

    Parameters
    ----------
    config
        The course's, or None where it can't be read.
    jobs
        Processes of this machine that may grade; 0 if others do.
    students
        Those who are named; all others, too, if there are none.
    force
        Whether all of them are graded, or only what has changed.
    """
    early: list[Warming] = []
    with suppress(Exception):  # what is wrong is said by who needs it
        if config is not None:
            _start(early, assignment, config, jobs, students, force)
    try:
        yield early
    finally:
        for one in early:
            one.close()


def _start(
    early: list[Warming],
    assignment: str,
    config: Config,
    jobs: int,
    students: Sequence[str],
    force: bool,
) -> None:
    """Add to the warm processes. What was added before something goes wrong stays."""
    place = root_of(config)
    names = students or _students(config, place, assignment)
    todo = len(names) if force else sum(_may_have_changed(config, place, assignment, name) for name in names)
    recipe = recipe_of(config, place, assignment) if todo and jobs else None
    while recipe is not None and len(early) < lanes(jobs, todo) and (one := started_early(recipe)) is not None:
        early.append(one)


def recipe_of(config: Config, root: Path, assignment: str) -> Recipe | None:
    """What the sandbox of an assignment is made of; None if it has none."""
    step = config.SandboxedExecute
    isolation = step.get("isolation", "sandbox")
    source = _place(config, root, config.CourseDirectory.get("source_directory", "source"), ".", assignment)
    notebooks = sorted(source.glob("*.ipynb"))
    if isolation == "none" or not notebooks:
        return None
    limits = {name: kind(step[name]) for name, kind in get_type_hints(Limits).items() if name in step}
    above, below = (config.IncludeHeaderFooter.get(name, "") for name in ("header", "footer"))
    cells = [cell for path in (above, notebooks[0], below) if path for cell in _cells(Path(path))]
    everything = Bool().from_string(str(step.get("everything", False)))  # on a command line it is a word
    modules = modules_of("".join(cells[index]["source"]) for index in cells_to_run({"cells": cells}, bool(everything)))
    exchange = Path(str(config.Exchange.get("root", EXCHANGE)))
    misconceptions = [root / "misconceptions", Path(config.Judge.get("misconceptions", "misconceptions"))]
    hidden = to_be_hidden(root, exchange, misconceptions)
    return Recipe((OURS, *modules), tuple(hidden), Limits(**limits), isolation)


def _cells(path: Path) -> list[Cell]:
    cells: list[Cell] = json.loads(path.read_bytes())["cells"]
    return cells


def _place(config: Config, root: Path, step: str, student: str, assignment: str) -> Path:
    form = config.CourseDirectory.get("directory_structure", "{nbgrader_step}/{student_id}/{assignment_id}")
    place = form.format(nbgrader_step=step, student_id=student, assignment_id=assignment)
    return Path(os.path.normpath(root / place))


def _students(config: Config, root: Path, assignment: str) -> list[str]:
    folder = _place(config, root, config.CourseDirectory.get("submitted_directory", "submitted"), ".", ".")
    return [entry.name for entry in os.scandir(folder) if os.path.isdir(os.path.join(entry.path, assignment))]


def _may_have_changed(config: Config, root: Path, assignment: str, student: str) -> bool:
    """Whether nothing is known of a submission, or it is newer than that."""
    submitted = config.CourseDirectory.get("submitted_directory", "submitted")
    try:
        known = os.stat(root / ".grading" / assignment / f"{short_name(student)}.json")
        folder = _place(config, root, submitted, student, assignment)
        return any(os.lstat(each).st_ctime_ns > known.st_mtime_ns for each in (folder, *folder.glob("*.ipynb")))
    except OSError:
        return True
