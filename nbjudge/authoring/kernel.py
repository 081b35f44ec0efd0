"""nbgrader's step that gives students the kernel that they have."""

from typing import Any

from nbformat import NotebookNode
from nbgrader.preprocessors import NbGraderPreprocessor

from nbjudge.course.notebooks import KERNEL


class KernelOfStudents(NbGraderPreprocessor):
    """Replaces a Python kernel of the instructor's own machine, without which a student's Validate would fail."""

    def preprocess(self, nb: NotebookNode, resources: dict[str, Any]) -> tuple[NotebookNode, dict[str, Any]]:
        if nb.metadata.get("kernelspec", {}).get("language", "python") == "python":
            nb.metadata.kernelspec = NotebookNode(KERNEL)
        return nb, resources
