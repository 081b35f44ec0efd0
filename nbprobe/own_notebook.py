"""What a notebook can know of its own file while it runs in JupyterLab."""

import json
import os
from collections import Counter
from pathlib import Path

PATH = "JPY_SESSION_NAME"
"""The variable in which Jupyter tells a kernel the path of its notebook."""


def warn_of_repeated_cells() -> None:
    """Say if a cell of the exercise is there several times in the file: nbgrader's Validate can't read it then.

    Splitting or copying a cell makes that. Where the file isn't known, nothing is said.
    """
    for name, times in repeated_cells(Path(os.environ.get(PATH, ""))).items():
        print(
            f"The cell {name} is there {times} times, split or copied. It counts all the same when you hand it in, but "
            'Validate stops with "metadata may be corrupted". To mend it: select the parts of a split cell and choose '
            "Edit, Merge Selected Cells; delete a copy."
        )


def repeated_cells(path: Path) -> dict[str, int]:
    """How often each ``grade_id`` is there that several cells of the file at ``path`` have."""
    try:
        cells = json.loads(path.read_bytes())["cells"]
        names = [cell["metadata"]["nbgrader"]["grade_id"] for cell in cells if "nbgrader" in cell["metadata"]]
        return {str(name): times for name, times in Counter(names).items() if times > 1}
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return {}
