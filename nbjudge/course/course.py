"""The course in a folder: nbgrader's configuration, and the places and people that follow from it."""

import glob
import re
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from nbgrader.apps import AutogradeApp
from nbgrader.coursedir import CourseDirectory
from sqlalchemy import make_url

CONFIG = "nbgrader_config.py"


class CourseError(ValueError):
    """Something about the course folder that the instructor can mend. One sentence."""


def database_said(error: Exception) -> str:
    """What the database said, without the query."""
    first = str(getattr(error, "orig", None) or error).strip().splitlines()
    return first[0] if first else type(error).__name__


def configured(options: Sequence[str] = ()) -> AutogradeApp:
    """nbgrader with its configuration: that of this machine, of the working directory, and ``options``.

    Raises
    ------
    CourseError
        If the working directory isn't a course folder.
    """
    if not Path(CONFIG).is_file():
        raise CourseError(f"there is no {CONFIG} here; go to the course folder first.")
    app = AutogradeApp()
    app.initialize(["--log-level=WARN", *map(_absolute, options)])
    return app


def directory(root: Path | None = None) -> CourseDirectory:
    """nbgrader's view of the course in the working directory; ``root`` says where its files lie, if elsewhere.

    Raises
    ------
    CourseError
        If there is no course there.
    """
    if root is not None and not root.is_dir():
        raise CourseError(f"there is no folder {root}.")
    return configured(options_for(root)).coursedir


def options_for(root: Path | None) -> list[str]:
    """``root`` in nbgrader's words."""
    return [] if root is None else [f"--CourseDirectory.root={root}"]


def require_gradebook(course: CourseDirectory, assignment: str) -> None:
    """Make sure that the gradebook is there, if it is a file; to open it would make an empty one.

    Raises
    ------
    CourseError
        If it isn't.
    """
    url = make_url(course.db_url)
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").is_file():
        raise CourseError(f"there is no gradebook {url.database}; run nbgrader autograde {assignment} first.")


def directory_of(preprocessor: Any) -> CourseDirectory:
    """The course for which a preprocessor works: that of the converter above it."""
    owner = preprocessor
    while owner is not None and not hasattr(owner, "coursedir"):
        owner = owner.parent
    return owner.coursedir if owner is not None else CourseDirectory(config=preprocessor.config)


def source_of(directory: CourseDirectory, about: dict[str, str]) -> Path:
    """The instructor's notebook; ``about`` is what nbgrader says of a submission (its ``resources["nbgrader"]``)."""
    folder = directory.format_path(directory.source_directory, ".", about["assignment"])
    return Path(folder) / f"{about['notebook']}.ipynb"


class Course:
    """One assignment of the course whose ``nbgrader_config.py`` lies in the working directory.

    Attributes
    ----------
    assignment : its name, such as ``ex04``
    options : further options in nbgrader's own words, such as ``--SandboxedExecute.memory=4096``
    """

    def __init__(self, assignment: str, options: Sequence[str] = ()) -> None:
        """
        Raises
        ------
        CourseError
            If the folder holds no course, or the course no such assignment.
        """
        self.assignment, self.options = assignment, tuple(map(_absolute, options))
        if not re.fullmatch(r"[\w-]+", assignment):
            raise CourseError(f"{assignment!r} can't be the name of an assignment.")
        self.app = configured([f"--assignment={assignment}", *self.options])
        if not self.notebooks:
            raise CourseError(f"there is no notebook in {self.source}; is {assignment} the name of the assignment?")

    @property
    def directory(self) -> CourseDirectory:
        return self.app.coursedir

    @property
    def root(self) -> Path:
        return Path(self.directory.root)

    @property
    def db_url(self) -> str:
        return self.directory.db_url

    @cached_property
    def source(self) -> Path:
        return Path(self.directory.format_path(self.directory.source_directory, ".", self.assignment))

    @cached_property
    def notebooks(self) -> list[Path]:
        """The instructor's notebooks."""
        return sorted(self.source.glob("*.ipynb"))

    def submitted(self, student: str) -> Path:
        return Path(self.directory.format_path(self.directory.submitted_directory, student, self.assignment))

    def graded(self, student: str) -> Path:
        return Path(self.directory.format_path(self.directory.autograded_directory, student, self.assignment))

    def students(self) -> list[str]:
        """Those who handed something in, in alphabetical order."""
        where = self.directory.submitted_directory
        name = re.compile(self.directory.format_path(where, "(?P<student>[^/]+)", self.assignment, escape=True))
        found = (name.fullmatch(each) for each in glob.glob(str(self.submitted("*"))))
        return sorted(each["student"] for each in found if each)


def _absolute(option: str) -> str:
    """nbgrader changes its working directory, after which a relative root would be another one."""
    name, _, value = option.partition("=")
    return f"{name}={Path(value).resolve()}" if name == "--CourseDirectory.root" else option
