"""Where the course keeps its things, as nbgrader_config.py says."""

import os
from pathlib import Path

from nbgrader.coursedir import CourseDirectory
from sqlalchemy.engine import make_url
from traitlets.config.loader import PyFileConfigLoader

CONFIG = "nbgrader_config.py"


def course_directory(root: Path | None = None) -> CourseDirectory:
    """nbgrader's view of the course: its folders and ``db_url``.

    Parameters
    ----------
    root
        Folder of the course, if it isn't the one that the configuration names (by default, the current one).

    Raises
    ------
    ValueError
        If this isn't a course folder, or there is no gradebook yet.
    """
    if not Path(CONFIG).is_file():
        raise ValueError(f"there is no {CONFIG} here; run this command in the course folder.")
    config = PyFileConfigLoader(CONFIG, path=os.getcwd()).load_config()
    if root is not None:
        config.CourseDirectory.root = str(root.resolve())
    course = CourseDirectory(config=config)
    address = make_url(course.db_url)
    if address.get_backend_name() == "sqlite" and address.database and not Path(address.database).is_file():
        raise ValueError(f"there is no gradebook {address.database}; grade with nbgrader autograde first.")
    return course
