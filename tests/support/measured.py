"""What the solution of a course gives: measured once in a process, and put into each course of that content."""

import atexit
import shutil
import tempfile
from pathlib import Path

from nbjudge.batch.ledger import contents
from nbjudge.course.course import Course
from nbjudge.judging import oracle

_kept: dict[str, Path] = {}


def put(course: Path, assignment: str = "ex04") -> None:
    """Put the answers into a course, as a grading before would have."""
    key = contents(course / "source")
    if key not in _kept:
        here = Course.here(course)
        for notebook in here.notebooks(assignment):
            oracle.load(here, assignment, notebook)
        folder = Path(tempfile.mkdtemp(prefix="measured-"))
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        _kept[key] = Path(shutil.copytree(here.answers, folder / "answers"))
        return
    shutil.copytree(_kept[key], Course.here(course).answers, dirs_exist_ok=True)
