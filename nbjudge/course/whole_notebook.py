"""A source notebook as nbgrader hands it out, with its solutions: what a course puts around it and changes in it."""

from pathlib import Path
from typing import Any

from nbformat import NotebookNode
from nbgrader.converters import GenerateAssignment
from traitlets.utils.importstring import import_item

from nbjudge.course import notebooks
from nbjudge.course.config_files import CONFIG
from nbjudge.course.course import Course
from nbjudge.course.errors import CourseError
from nbjudge.course.frame import HEADER_STEP
from nbjudge.course.grading_steps import class_name, name_of

KNOWN = ("nbgrader.", "nbjudge.")


def whole_notebook(course: Course, assignment: str, path: Path) -> NotebookNode:
    """The notebook at ``path`` after header, footer and the course's own steps, in nbgrader's order.

    Raises
    ------
    CourseError
        If a notebook can't be read, or one of the steps can't be imported.
    """
    given = course.config.GenerateAssignment.get("preprocessors")
    if given is None:
        return course.frame.read(path)
    steps = given if isinstance(given, list) else given.get_value(GenerateAssignment.preprocessors.default())
    notebook = notebooks.read_again(path)
    about = {"notebook": path.stem, "assignment": assignment, "student": ".", "db_url": course.db_url}
    for step in map(name_of, steps):
        if class_name(step) == HEADER_STEP:
            notebook = course.frame.around(notebook)
        elif not step.startswith(KNOWN):
            notebook, _ = _step(step, course).preprocess(notebook, {"nbgrader": about, "metadata": {"name": path.stem}})
    return notebook


def _step(name: str, course: Course) -> Any:
    try:
        return import_item(name)(parent=course.app)
    except (ImportError, AttributeError) as error:
        raise CourseError(f"the step {name} in {CONFIG} can't be imported: {error}.") from None
