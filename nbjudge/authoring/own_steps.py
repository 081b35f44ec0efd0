"""Steps of a course's own, by which nbgrader changes a source notebook on its way to students."""

from nbformat import NotebookNode
from nbgrader.converters import GenerateAssignment
from traitlets.utils.importstring import import_item

from nbjudge.authoring.errors import ReleaseError
from nbjudge.course.config_files import CONFIG
from nbjudge.course.course import Course
from nbjudge.course.frame import name_of

KNOWN = ("nbgrader.", "nbjudge.")


def after_own_steps(notebook: NotebookNode, course: Course, assignment: str, name: str) -> NotebookNode:
    """The notebook as the course's own steps leave it: what is proven of a release is proven of that.

    Raises
    ------
    ReleaseError
        If one of these can't be imported.
    """
    for step in map(name_of, GenerateAssignment(config=course.config).preprocessors):
        if step.startswith(KNOWN):
            continue
        try:
            own = import_item(step)(parent=course.app)
        except (ImportError, AttributeError) as error:
            raise ReleaseError(f"the step {step} in {CONFIG} can't be imported: {error}.") from None
        about = {"notebook": name, "assignment": assignment, "student": ".", "db_url": course.db_url}
        notebook, _ = own.preprocess(notebook, {"nbgrader": about, "metadata": {"name": name}})
    return notebook
