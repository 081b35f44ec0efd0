"""Makes the folder of a new course from the templates: all but its exercises, which `course new` makes."""

import os
import re
import shutil
from importlib import metadata
from pathlib import Path

import jinja2

import nbjudge
from nbjudge.authoring.own_wheel import own_wheel
from nbjudge.course.errors import CourseError

TEMPLATES = Path(__file__).parent / "templates" / "course"
FILES = {
    # file of the course: template; what begins with a dot has none there, as tools would obey it
    "README.md": "README.md.j2",
    "nbgrader_config.py": "nbgrader_config.py.j2",
    "requirements.txt": "requirements.txt.j2",
    "requirements-students.txt": "requirements-students.txt.j2",
    "Makefile": "Makefile",
    ".gitignore": "gitignore",
    ".github/workflows/ci.yml": "ci.yml",
    "exercise_code/__init__.py": "exercise_code.py",
    "tests/test_course.py": "course_test.py",
}
EMPTY = "source/.gitkeep"
"""git keeps no folder without a file."""
STUDENTS = ("ipykernel", "ipython", "jupyterlab", "nbgrader", "numpy")
"""What every notebook needs: the kernel, what draws a check's table, JupyterLab, and nbgrader's button Validate."""
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,59}")


class NewCourseError(CourseError):
    """The course can't be made. Nothing was written."""


def create(folder: Path) -> list[Path]:
    """Write the files of a new course into ``folder``, which is made if need be.

    Returns
    -------
    the files, relative to ``folder``; the last one is the wheel of the engine, if it was installed from one that is
    still there

    Raises
    ------
    NewCourseError
        If the name won't do, if something is in the way, or if it can't be written.
    """
    name = Path(os.path.abspath(folder)).name
    if not NAME.fullmatch(name):
        shown = name if len(name) <= 60 else f"{name[:50]}…"
        raise NewCourseError(
            f"{shown!r} can't be the name of a course; take letters, digits, _ and -, a letter or digit first and at "
            "most 60 characters, for example my-course."
        )
    is_new = _require_free(folder)
    wheel = own_wheel()
    texts = _texts(name, f"wheels/{wheel.name}" if wheel else "")
    try:
        folder.mkdir(exist_ok=True)
        for path, text in texts.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text, encoding="utf-8")
        if wheel:
            (folder / "wheels").mkdir()
            shutil.copyfile(wheel, folder / "wheels" / wheel.name)
    except BaseException as error:
        _remove(folder, is_new)
        if isinstance(error, OSError):
            raise NewCourseError(f"{error.filename} can't be written: {error.strerror}. Nothing was made.") from error
        raise
    return [*map(Path, texts), *([Path("wheels", wheel.name)] if wheel else [])]


def _require_free(folder: Path) -> bool:
    """Whether the folder has to be made; else it is there, and empty."""
    if not os.path.lexists(folder):
        if not folder.absolute().parent.is_dir():
            raise NewCourseError(f"there is no folder {folder.parent} to make {folder.name} in; make it first.")
        return True
    if not folder.is_dir():
        raise NewCourseError(f"{folder} exists and is no folder; choose another name.")
    try:
        taken = sorted(os.listdir(folder))
    except OSError as error:
        raise NewCourseError(f"{folder} can't be read: {error.strerror}.") from error
    if taken:
        raise NewCourseError(f"{folder} exists and isn't empty (it holds {taken[0]}); choose another name.")
    return False


def _texts(name: str, wheel: str) -> dict[str, str]:
    loader = jinja2.FileSystemLoader(TEMPLATES)
    templates = jinja2.Environment(loader=loader, undefined=jinja2.StrictUndefined, keep_trailing_newline=True)
    known = {
        "name": name,
        "students": {package: metadata.version(package) for package in STUDENTS},
        "version": nbjudge.__version__,
        "wheel": wheel,
    }
    texts = {
        path: templates.get_template(template).render(known)
        if template.endswith(".j2")
        else (TEMPLATES / template).read_text(encoding="utf-8")
        for path, template in FILES.items()
    }
    return {**texts, EMPTY: ""}


def _remove(folder: Path, is_new: bool) -> None:
    """Take away what was made. The folder was empty before, or wasn't there."""
    if is_new:
        shutil.rmtree(folder, ignore_errors=True)
        return
    for name in {Path(path).parts[0] for path in (*FILES, EMPTY, "wheels/")}:
        if (folder / name).is_dir():
            shutil.rmtree(folder / name, ignore_errors=True)
        else:
            (folder / name).unlink(missing_ok=True)
