"""The course in the working directory as its configuration describes it, also where no other command would begin."""

import os
import sys
import traceback
from pathlib import Path
from typing import NoReturn

from nbgrader.apps import AutogradeApp
from traitlets.config.loader import PyFileConfigLoader

from nbjudge.course.config_files import CONFIG
from nbjudge.course.course import Course


class SettingsError(Exception):
    """nbgrader's configuration can't be used; the message says why."""


def is_course() -> bool:
    """Whether there is a configuration here. It may be one that can't be read."""
    return os.path.exists(CONFIG)


def read(root: str | None) -> Course:
    """The course here; in a folder that is none, what the machine's own configuration says of one.

    Parameters
    ----------
    root
        Where the course's files lie, if elsewhere.

    Raises
    ------
    SettingsError
        If the configuration can't be read.
    """
    place = [] if root is None else [f"--CourseDirectory.root={Path(root).resolve()}"]
    try:
        if is_course():
            PyFileConfigLoader(CONFIG, path=str(Path.cwd())).load_config()
        app = AutogradeApp()
        app.exit = _raise  # what nbgrader would do is to log the reason, and end
        app.initialize(["--log-level=CRITICAL", *place])
        return Course(app.coursedir, place)
    except (Exception, SystemExit) as error:
        raise SettingsError(_said(error)) from None


def _raise(_: int = 0) -> NoReturn:
    raise sys.exc_info()[1] or SystemExit("nbgrader ended without a reason")


def _said(error: BaseException) -> str:
    """The error in one line, with the last line of the configuration that led to it."""
    lines = str(error).strip().splitlines()
    said = lines[0] if lines else ""
    if isinstance(error, SyntaxError):
        return f"line {error.lineno}: {error.msg}"
    places = [frame for frame in traceback.extract_tb(error.__traceback__) if Path(frame.filename).name == CONFIG]
    where = f"line {places[-1].lineno}: " if places else ""
    if isinstance(error, SystemExit):
        return where + (said if isinstance(error.code, str) else "it ends Python")
    return f"{where}{type(error).__name__}: {said}" if said else f"{where}{type(error).__name__}"
