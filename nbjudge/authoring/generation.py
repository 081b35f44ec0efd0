"""nbgrader's own step from source/ to release/, made to write elsewhere."""

import sys
from contextlib import suppress
from functools import partial
from pathlib import Path

from nbgrader.apps import NbGraderApp

from nbjudge.authoring.errors import ReleaseError
from nbjudge.authoring.exercise import Exercise
from nbjudge.course import own_process
from nbjudge.course.errors import CourseError
from nbjudge.course.sharing import begin_gradebook

NAME = "nbgrader generate_assignment"
FRESH = """
import gc
gc.disable()  # a seventh of the time that the import takes
from nbgrader.apps import NbGraderApp
NbGraderApp.launch_instance()
"""


def apart(exercise: Exercise, folder: Path) -> Path:
    """Make the release in ``folder``, with the course's own configuration, in a fresh process. No gradebook changes.

    Raises
    ------
    ReleaseError
        If nbgrader fails.
    """
    words = [*_words(exercise, folder), "--no-db"]
    return _made(exercise, folder, own_process.finish([sys.executable, "-c", FRESH, *words], NAME, ReleaseError))


def in_a_copy_of_this_process(exercise: Exercise, folder: Path) -> Path:
    """Make the release in ``folder``, and write into the gradebook what it is made of.

    nbgrader is imported already. As to chance, it is another process than that of ``apart``: Python gives each its own
    order of sets.

    Raises
    ------
    ReleaseError
        If nbgrader fails.
    """
    words = _words(exercise, folder)
    with suppress(CourseError):  # then nbgrader couldn't write to it either
        begin_gradebook(exercise.course)
    if sys.platform == "linux":
        ended = own_process.finish_copy(partial(NbGraderApp.launch_instance, words), NAME, ReleaseError)
    else:
        ended = own_process.finish([sys.executable, "-c", FRESH, *words], NAME, ReleaseError)
    return _made(exercise, folder, ended)


def _words(exercise: Exercise, folder: Path) -> list[str]:
    step = str(folder.relative_to(exercise.root))
    root = f"--CourseDirectory.root={exercise.root}"
    return ["generate_assignment", exercise.assignment, f"--CourseDirectory.release_directory={step}", root]


def _made(exercise: Exercise, folder: Path, ended: own_process.Ended) -> Path:
    generated = exercise.course.place(str(folder.relative_to(exercise.root)), ".", exercise.assignment)
    if ended.returncode != 0 or not all((generated / name).is_file() for name in exercise.notebooks):
        errors = [line.split("| ERROR] ")[-1] for line in ended.stderr.splitlines() if "| ERROR]" in line]
        raise ReleaseError(f"{NAME} failed: {(errors or ['no message'])[0]}")
    return generated
