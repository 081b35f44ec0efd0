"""Makes the files of a new exercise from the templates: a small exercise that is complete, to be rewritten."""

import keyword
import os
import re
import shutil
from pathlib import Path

import nbjudge

TEMPLATES = Path(__file__).parent / "templates" / "exercise"
NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
PLACEHOLDER = "ex00"


class NewExerciseError(Exception):
    """The exercise can't be made. Nothing was written."""


def files_of(name: str) -> dict[Path, str]:
    """Where the files of the exercise go in the course folder, and what is in them.

    Raises
    ------
    NewExerciseError
        If the name can't be that of an exercise.
    """
    if not NAME.fullmatch(name) or keyword.iskeyword(name):
        raise NewExerciseError(
            f"{name!r} can't be the name of an exercise; take small letters, digits and _, a letter first "
            "and at most 40 characters, for example ex05."
        )
    (notebook,) = TEMPLATES.glob("*.ipynb")
    places = {
        notebook.name: Path("source", name, notebook.name),
        "misconceptions.py": Path("misconceptions", f"{name}.py"),
        "exercise_test.py": Path("tests", f"test_{name}.py"),
    }
    return {
        place: (TEMPLATES / template).read_text(encoding="utf-8").replace(PLACEHOLDER, name)
        for template, place in places.items()
    }


def create(name: str, course: Path) -> list[Path]:
    """Write the files of a new exercise into the folder ``course``.

    Returns
    -------
    the files, relative to ``course``

    Raises
    ------
    NewExerciseError
        If the name won't do, if ``course`` isn't the folder of this course, or if there is such an exercise already.
    """
    files = files_of(name)
    if not (course / "nbgrader_config.py").is_file() or not (course / "nbjudge").is_dir():
        raise NewExerciseError("this is not the course folder; go to the one that holds nbgrader_config.py.")
    ours = Path(nbjudge.__file__).parent
    if not ours.samefile(course / "nbjudge"):
        raise NewExerciseError(
            f"this command belongs to the course in {ours.parent}; go there, or activate the environment of this one."
        )
    taken = [
        *(Path(folder, name) for folder in ("source", "release")),
        Path("misconceptions", name),
        *files,
    ]
    there = [str(path) for path in taken if os.path.lexists(course / path)]
    if there:
        raise NewExerciseError(f"{there[0]} exists already, and nothing was changed; choose another name.")
    made: list[Path] = []
    try:
        for path, text in files.items():
            (course / path).parent.mkdir(parents=True, exist_ok=True)
            with open(course / path, "x", encoding="utf-8") as file:
                made.append(path)
                file.write(text)
    except OSError as error:
        for path in made:
            (course / path).unlink()
        shutil.rmtree(course / "source" / name, ignore_errors=True)
        raise NewExerciseError(f"{error.filename} can't be written: {error.strerror}. Nothing was changed.") from error
    return made
