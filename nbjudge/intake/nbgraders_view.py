"""What nbgrader sees of submissions: copies of ours, in place of folders to which others may write."""

import os
import re
from datetime import datetime
from pathlib import Path

from nbgrader.converters import Autograde
from nbgrader.coursedir import CourseDirectory


class CopiedSubmissions(CourseDirectory):
    """nbgrader's view of a course whose submissions lie in ``copies``, and all else where it lies."""

    copies = ""
    failures: dict[str, Exception]
    """What went wrong when a submission was copied, by the folder that the copy should be in."""

    @classmethod
    def of(cls, course: CourseDirectory, copies: Path) -> "CopiedSubmissions":
        view = cls(parent=course.parent, **course.trait_values(config=True))
        view.copies, view.failures = str(copies), {}
        return view

    def format_path(self, nbgrader_step: str, student_id: str, assignment_id: str, escape: bool = False) -> str:
        if nbgrader_step != self.submitted_directory:
            return super().format_path(nbgrader_step, student_id, assignment_id, escape)
        return os.path.join(re.escape(self.copies) if escape else self.copies, student_id, assignment_id)

    def get_existing_timestamp(self, dest_path: str) -> datetime | None:
        """nbgrader asks for it before it gives anybody a score, such as 0 for a notebook that isn't there."""
        if dest_path in self.failures:
            raise self.failures[dest_path]
        return super().get_existing_timestamp(dest_path)


class OneSubmission(Autograde):
    """Grades the submission of the one student that is named. nbgrader's own looks for folders with notebooks."""

    def init_notebooks(self) -> None:
        folder = self._format_source(self.coursedir.assignment_id, self.coursedir.student_id)
        self.assignments = {folder: [os.path.join(folder, "*.ipynb")]}
        self.notebooks: list[str] = []

    @property
    def seen(self) -> str:
        """A sum over what was handed in; "" if nothing was read."""
        return self.exporter.seen if self.trait_has_value("exporter") else ""

    def close(self) -> None:
        """Delete the copy."""
        if self.trait_has_value("exporter"):
            self.exporter.close()
