"""Reads, runs and writes notebooks."""

import copy
import os
import re
from functools import lru_cache
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbformat import NotebookNode

from nbjudge.course.errors import CourseError

KEPT_CELL_METADATA = {"nbgrader", "tags"}
HIDDEN = re.compile(r"^[^\n]*BEGIN HIDDEN TESTS.*?END HIDDEN TESTS[^\n]*\n?", re.DOTALL | re.MULTILINE)
"""A hidden region of a test cell, with its delimiters."""


def read(path: Path) -> NotebookNode:
    """The notebook at ``path``, in the newest format."""
    return nbformat.read(path, as_version=4)


def read_again(path: Path) -> NotebookNode:
    """As ``read``, for a notebook that is read for each submission: parsed anew only if the file has changed."""
    about = path.stat()
    return copy.deepcopy(_read(path, about.st_mtime_ns, about.st_size))


@lru_cache(maxsize=8)
def _read(path: Path, mtime_ns: int, size: int) -> NotebookNode:
    return read(path)


def write(notebook: NotebookNode, path: Path) -> None:
    """Write ``notebook`` to ``path``; folders are made as needed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, path)


def graded_cells(notebook: NotebookNode) -> dict[str, NotebookNode]:
    """The cells that nbgrader knows, by their ``grade_id``, in the order of the notebook."""
    return {cell.metadata.nbgrader.grade_id: cell for cell in notebook.cells if "nbgrader" in cell.metadata}


def store_outputs(path: Path) -> None:
    """Run the notebook at ``path`` and store its outputs in it, and nothing that differs from run to run.

    Raises
    ------
    nbclient.exceptions.CellExecutionError
        If a cell fails; the file is then left as it was.
    CourseError
        If a check of the notebook fails on its own solution; the file is then left as it was, too.
    """
    notebook = read(path)
    kernel, language = (dict(notebook.metadata.get(key, {})) for key in ("kernelspec", "language_info"))
    os.environ["TQDM_DISABLE"] = "1"  # a progress bar shows times
    NotebookClient(notebook, record_timing=False, resources={"metadata": {"path": str(path.parent)}}).execute()
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    failed = [output.evalue for output in outputs if output.output_type == "error"]
    if failed:
        raise CourseError(f"the solution in {path} fails its own check: {failed[0]}")
    # nbclient and JupyterLab add the version of this Python, and more
    notebook.metadata = NotebookNode(
        kernelspec={key: kernel[key] for key in ("display_name", "language", "name") if key in kernel},
        language_info={"name": language.get("name", "python")},
    )
    for cell in notebook.cells:
        cell.metadata = {key: value for key, value in cell.metadata.items() if key in KEPT_CELL_METADATA}
    write(notebook, path)
