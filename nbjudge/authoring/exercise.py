"""One notebook of an assignment, as it is handed out, and what nbgrader cuts out of it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from nbformat import NotebookNode
from nbgrader.preprocessors import ClearSolutions

from nbjudge.authoring.errors import ReleaseError
from nbjudge.authoring.parts import Bundle
from nbjudge.course import notebooks
from nbjudge.course.course import Course
from nbjudge.course.delimiters import Delimiters
from nbjudge.course.errors import CourseError
from nbjudge.course.regions import Stubs, delimiters_of
from nbjudge.course.whole_notebook import whole_notebook


@dataclass(frozen=True)
class Exercise:
    """What has to be known of a course to hand out one notebook.

    Attributes
    ----------
    notebook : its file name
    notebooks : those of all notebooks of the assignment
    stub : what stands in place of a solution
    parts : what students get beside the release
    """

    course: Course
    assignment: str
    notebook: str
    notebooks: tuple[str, ...]
    delimiters: list[Delimiters]
    stub: Stubs
    parts: Bundle

    @classmethod
    def load(cls, course: Course, assignment: str) -> list["Exercise"]:
        """The notebooks of the assignment as nbgrader's configuration describes them.

        Raises
        ------
        CourseError
            If there is no such assignment.
        """
        names = tuple(path.name for path in course.require_assignment(assignment))
        config = course.config
        step = ClearSolutions(config=config)
        stubs, delimiters = Stubs(step.code_stub["python"], step.text_stub), delimiters_of(config)
        parts = Bundle(config=config)
        return [cls(course, assignment, name, names, delimiters, stubs, parts) for name in names]

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

    @property
    def others(self) -> list[str]:
        """File names of the other notebooks, which may begin with the solution of this one."""
        return [name for name in self.notebooks if name != self.notebook]

    def show(self, path: Path) -> str:
        return self.course.show(path)

    def read_source(self) -> NotebookNode:
        """The source notebook, with what stands above and below it, as the course's own steps leave it.

        Raises
        ------
        ReleaseError
            If it can't be read.
        """
        return self._read(self.source_notebook, lambda path: whole_notebook(self.course, self.assignment, path))

    def read_notebook(self, path: Path) -> NotebookNode:
        """
        Raises
        ------
        ReleaseError
            If the notebook at ``path`` can't be read.
        """
        return self._read(path, notebooks.read)

    def _read(self, path: Path, read: Callable[[Path], NotebookNode]) -> NotebookNode:
        try:
            return read(path)
        except CourseError as error:
            raise ReleaseError(str(error).replace(str(path), self.show(path))) from error
        except Exception as error:
            reason = str(error).splitlines()[0]
            raise ReleaseError(f"{self.show(path)} can't be read as a notebook: {reason}") from error
