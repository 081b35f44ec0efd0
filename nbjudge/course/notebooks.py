"""Reads, runs and writes notebooks."""

import copy
import json
import os
import re
import warnings
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbformat.warnings import MissingIDFieldWarning

from nbjudge.course.errors import CourseError
from nbjudge.course.stamps import Stamp, stamp

KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}
"""What a notebook says of the kernel that every student has. One's own, such as ``my-env``, they lack."""
KEPT_CELL_METADATA = {"nbgrader", "tags"}


def read(path: Path, kind: str = "cell") -> NotebookNode:
    """The notebook at ``path``, in the newest format. Cells without an id get one that begins with ``kind``.

    Raises
    ------
    CourseError
        If there is none that can be read.
    """
    try:
        text = path.read_text(encoding="utf-8")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", MissingIDFieldWarning)  # our own lint says it, and says what to do
            notebook = nbformat.reads(text, as_version=4)
    except UnicodeDecodeError:
        raise CourseError(f"{path} isn't UTF-8, so it is no notebook; save it in JupyterLab.") from None
    except (nbformat.reader.NotJSONError, nbformat.ValidationError, AttributeError, KeyError):
        raise CourseError(
            f"{path} is no notebook, or a damaged one; save it once more, or take back an older one "
            "(git, .ipynb_checkpoints)."
        ) from None
    _give_ids(notebook, [cell.get("id", "") for cell in json.loads(text).get("cells", [])], kind)
    return notebook


def _give_ids(notebook: NotebookNode, written: list[str], kind: str) -> None:
    """Give each cell without an id one that stays. nbformat would make them up by chance.

    Parameters
    ----------
    written : the ids as they stand in the file, "" where there is none; of formats before 4, nothing
    """
    kept = written or [""] * len(notebook.cells)
    if all(kept):
        return
    taken = set(kept)
    for number, (cell, own) in enumerate(zip(notebook.cells, kept, strict=True), 1):
        name = str(cell.metadata.get("nbgrader", {}).get("grade_id", ""))
        name = re.sub(r"[^\w-]", "-", name, flags=re.ASCII)[:60].replace("_", "-")
        new = name if name and name not in taken else f"{kind}-{number}"
        while not own and new in taken:
            new += "-1"
        cell.id = own or new
        taken.add(cell.id)
    notebook.nbformat_minor = max(notebook.nbformat_minor, 5)


def read_again(path: Path) -> NotebookNode:
    """As ``read``, for a notebook that is read for each submission: parsed anew only if the file has changed."""
    now = stamp(path)
    return copy.deepcopy(_read(path, now) if now else read(path))


@lru_cache(maxsize=8)
def _read(path: Path, now: Stamp) -> NotebookNode:
    return read(path)


def write(notebook: NotebookNode, path: Path) -> None:
    """Write ``notebook`` to ``path``; folders are made as needed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "w", encoding="utf-8", newline="\n") as file:  # the same bytes on each system
        nbformat.write(notebook, file)


def graded_cells(notebook: NotebookNode) -> dict[str, NotebookNode]:
    """The cells that nbgrader knows, by their ``grade_id``, in the order of the notebook."""
    return {cell.metadata.nbgrader.grade_id: cell for cell in notebook.cells if "nbgrader" in cell.metadata}


def store_outputs(path: Path, above: Sequence[NotebookNode] = (), below: Sequence[NotebookNode] = ()) -> None:
    """Run the notebook at ``path`` and store its outputs in it, and nothing that differs from run to run.

    It is put in order, too: the newest format, an id for each cell, line ends as everywhere, the kernel of students.
    The cells that stand above and below it in each notebook run with it.

    Raises
    ------
    CourseError
        If a cell fails, or a check of the notebook on its own solution; the file is then left as it was.
    """
    from nbclient import NotebookClient  # only here: most processes read notebooks, and run none
    from nbclient.exceptions import CellExecutionError, DeadKernelError
    from nbconvert.preprocessors import CoalesceStreamsPreprocessor

    notebook = read(path)
    put_in_order(notebook, path)
    os.environ["TQDM_DISABLE"] = "1"  # a progress bar shows times
    try:
        NotebookClient(
            nbformat.v4.new_notebook(cells=[*above, *notebook.cells, *below], metadata=notebook.metadata),
            record_timing=False,
            extra_arguments=["--IPKernelApp.log_level=ERROR"],  # or it says each time that it talks over TCP
            resources={"metadata": {"path": str(path.parent)}},
        ).execute()
    except CellExecutionError as error:
        place = next((cell for cell in notebook.cells if any(map(_is_error, cell.get("outputs", [])))), None)
        name = (place.metadata.get("nbgrader", {}).get("grade_id") or place.id) if place else "a cell"
        said = f"{error.ename}: {error.evalue}".strip().split("\n")[0][:300]
        raise CourseError(f"the cell {name} of {path} fails: {said}") from None
    except DeadKernelError:
        raise CourseError(f"the kernel died while it ran {path}; run it in JupyterLab to see at which cell.") from None
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    failed = [output.evalue for output in outputs if _is_error(output)]
    if failed:
        raise CourseError(f"the solution in {path} fails its own check: {failed[0]}")
    CoalesceStreamsPreprocessor().preprocess(notebook, {})  # or a slow machine stores what was printed in pieces
    _keep_little(notebook)
    write(notebook, path)


def tidy(path: Path, kind: str) -> bool:
    """Put a notebook in order that isn't run by itself, such as a header; says whether anything changed.

    Raises
    ------
    CourseError
        If it can't be read, or isn't for Python.
    """
    before, notebook = path.read_bytes(), read(path, kind)
    put_in_order(notebook, path)
    _keep_little(notebook)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    write(notebook, path)
    return path.read_bytes() != before


def _keep_little(notebook: NotebookNode) -> None:
    """Drop what nbclient and JupyterLab add: the version of this Python, and more."""
    notebook.metadata = NotebookNode(kernelspec=KERNEL, language_info={"name": "python"})
    for cell in notebook.cells:
        cell.metadata = {key: value for key, value in cell.metadata.items() if key in KEPT_CELL_METADATA}


def _is_error(output: NotebookNode) -> bool:
    return bool(output.output_type == "error")


def require_python(notebook: NotebookNode, path: Path) -> None:
    """
    Raises
    ------
    CourseError
        If the notebook isn't for Python.
    """
    about = notebook.metadata
    language = about.get("kernelspec", {}).get("language") or about.get("language_info", {}).get("name") or "python"
    if str(language).lower() not in ("python", "ipython"):
        raise CourseError(f"{path} is a notebook for {language}, and only Python can be graded.")


def put_in_order(notebook: NotebookNode, path: Path) -> None:
    """Give the notebook line ends as everywhere, and the kernel of students.

    Raises
    ------
    CourseError
        If it isn't for Python.
    """
    require_python(notebook, path)
    notebook.metadata.kernelspec = NotebookNode(KERNEL)
    for cell in notebook.cells:
        cell.source = cell.source.replace("\r\n", "\n").replace("\r", "\n")
