"""One assignment of a course, as it is handed out: its notebook, and what nbgrader cuts out of it."""

from dataclasses import dataclass
from pathlib import Path

from nbformat import NotebookNode
from nbgrader.preprocessors import ClearSolutions

from nbjudge.authoring.errors import ReleaseError
from nbjudge.authoring.parts import Bundle
from nbjudge.course import notebooks
from nbjudge.course.course import Course
from nbjudge.course.regions import Delimiters, delimiters_of


@dataclass(frozen=True)
class Exercise:
    """What has to be known of a course to hand out one assignment.

    Attributes
    ----------
    notebook : file name of its one notebook
    stub : what stands in place of a solution
    parts : what students get beside the release
    """

    course: Course
    assignment: str
    notebook: str
    delimiters: list[Delimiters]
    stub: str
    parts: Bundle

    @classmethod
    def load(cls, course: Course, assignment: str) -> "Exercise":
        """The assignment as nbgrader's configuration describes it.

        Raises
        ------
        CourseError
            If there is no such assignment, or not one notebook in it.
        """
        notebook = course.require_one_notebook(assignment).name
        config = course.config
        stub = ClearSolutions(config=config).code_stub["python"]
        return cls(course, assignment, notebook, delimiters_of(config), stub, Bundle(config=config))

    @property
    def root(self) -> Path:
        return self.course.root

    @property
    def source(self) -> Path:
        """The folder of what the instructor wrote."""
        return self.course.source(self.assignment)

    @property
    def release(self) -> Path:
        """The folder of what students get."""
        return self.course.release(self.assignment)

    @property
    def source_notebook(self) -> Path:
        return self.source / self.notebook

    @property
    def released_notebook(self) -> Path:
        return self.release / self.notebook

    def show(self, path: Path) -> str:
        return self.course.show(path)

    def read_notebook(self, path: Path) -> NotebookNode:
        """
        Raises
        ------
        ReleaseError
            If the notebook at ``path`` can't be read.
        """
        try:
            return notebooks.read(path)
        except Exception as error:
            reason = str(error).splitlines()[0]
            raise ReleaseError(f"{self.show(path)} can't be read as a notebook: {reason}") from error
