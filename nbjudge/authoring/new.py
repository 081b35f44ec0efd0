"""Makes the files of a new exercise from the templates: a small exercise that is complete, to be rewritten."""

import json
import keyword
import os
import re
import shutil
from pathlib import Path

import nbjudge
from nbjudge.authoring.exercise_templates import TEMPLATES
from nbjudge.course.course import Course
from nbjudge.course.errors import CourseError

FOLDER = Path(__file__).parent / "templates" / "exercise"
NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
PLACEHOLDER, NO_POINTS = "ex00", "POINTS: dict[str, float] = {}"
"""What a template has in the place of the exercise's name, and of its points."""


class NewExerciseError(CourseError):
    """The exercise can't be made. Nothing was written."""


def create(name: str, course: Course, template: str = "numpy") -> list[Path]:
    """Write the files of a new exercise into the course folder.

    Parameters
    ----------
    template
        One of ``TEMPLATES``.

    Returns
    -------
    the files, relative to the course folder: notebook, misconceptions, test

    Raises
    ------
    NewExerciseError
        If the name won't do, if the course has another engine of its own, or if there is such an exercise already.
    """
    if template not in TEMPLATES:
        raise NewExerciseError(f"there is no template {template!r}; there are {', '.join(TEMPLATES)}.")
    texts = _texts(name, course, FOLDER / template)
    _require_own_engine(course)
    folders = [course.source(name), course.release(name), course.root / "misconceptions" / name]
    taken = [path for path in (*folders, *texts) if os.path.lexists(path)]
    if taken:
        raise NewExerciseError(f"{course.show(taken[0])} exists already, and nothing was changed; choose another name.")
    written: list[Path] = []
    try:
        for path, text in texts.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            with open(path, "x", encoding="utf-8") as file:
                written.append(path)
                file.write(text)
    except OSError as error:
        for path in written:
            path.unlink()
        shutil.rmtree(course.source(name), ignore_errors=True)
        raise NewExerciseError(f"{error.filename} can't be written: {error.strerror}. Nothing was changed.") from error
    return [Path(course.show(path)) for path in written]


def _texts(name: str, course: Course, template: Path) -> dict[Path, str]:
    """Where the files of the exercise go, and what is in them."""
    if not NAME.fullmatch(name) or keyword.iskeyword(name):
        raise NewExerciseError(
            f"{name!r} can't be the name of an exercise; take small letters, digits and _, a letter first "
            "and at most 40 characters, for example ex05."
        )
    (notebook,) = template.glob("*.ipynb")
    tests = (cell["metadata"].get("nbgrader", {}) for cell in json.loads(notebook.read_text(encoding="utf-8"))["cells"])
    points = {about["grade_id"]: about["points"] for about in tests if about.get("grade")}
    paths = {
        notebook: course.source(name) / notebook.name,
        template / "misconceptions.py": course.root / "misconceptions" / f"{name}.py",
        FOLDER / "exercise_test.py": course.root / "tests" / f"test_{name}.py",
    }
    texts = {path: file.read_text(encoding="utf-8").replace(PLACEHOLDER, name) for file, path in paths.items()}
    return {path: text.replace(NO_POINTS, f"POINTS = {json.dumps(points)}") for path, text in texts.items()}


def _require_own_engine(course: Course) -> None:
    """A course that brings the engine along is meant to be used with that one: its test imports it."""
    ours, own = Path(nbjudge.__file__).parent, course.root / "nbjudge"
    if own.is_dir() and not ours.samefile(own):
        raise NewExerciseError(
            f"this command belongs to the course in {ours.parent}; go there, or activate the environment of this one."
        )
