"""What nbgrader puts above and below each notebook when it makes the students' version of it."""

import os
from dataclasses import dataclass
from pathlib import Path

from nbformat import NotebookNode
from traitlets.config import Config

from nbjudge.course import notebooks
from nbjudge.course.grading_steps import class_name

HEADER_STEP = "IncludeHeaderFooter"


@dataclass(frozen=True)
class Frame:
    """Paths of the notebooks whose cells come first and last in each notebook of a course; "" where there is none."""

    header: str = ""
    footer: str = ""

    @classmethod
    def of(cls, config: Config) -> "Frame":
        """The frame that a course configures."""
        from nbgrader.preprocessors import IncludeHeaderFooter  # only here: what runs by itself is given its frame

        steps = config.GenerateAssignment.get("preprocessors")
        if isinstance(steps, list) and HEADER_STEP not in map(class_name, steps):
            return cls()  # the course has steps of its own
        step = IncludeHeaderFooter(config=config)
        return cls(*(os.path.abspath(path) if path else "" for path in (step.header, step.footer)))

    @property
    def files(self) -> list[str]:
        return [path for path in (self.header, self.footer) if path]

    def read(self, path: Path) -> NotebookNode:
        """The instructor's notebook at ``path`` as a whole: what students get, with solutions and hidden tests.

        It is parsed anew only if a file has changed.

        Raises
        ------
        CourseError
            If one of the notebooks can't be read.
        """
        return self.around(notebooks.read_again(path))

    def around(self, notebook: NotebookNode) -> NotebookNode:
        """The notebook with the cells above and below it.

        Raises
        ------
        CourseError
            If these can't be read.
        """
        above, below = self.cells()
        taken = {cell.id for cell in notebook.cells}
        for cell in (*above, *below):
            cell.id = f"frame-{cell.id}"[:64] if cell.id in taken else cell.id
            taken.add(cell.id)
        notebook.cells = [*above, *notebook.cells, *below]
        return notebook

    def cells(self) -> tuple[list[NotebookNode], list[NotebookNode]]:
        """The cells above, and those below.

        Raises
        ------
        CourseError
            If one of the notebooks can't be read.
        """
        above, below = (
            notebooks.read_again(Path(other)).cells if other else [] for other in (self.header, self.footer)
        )
        return above, below


NO_FRAME = Frame()
