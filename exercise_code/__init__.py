"""What the notebook of the exercise "Simple Classifier" imports.

Read in this order: ``loss``, ``network``, ``optimizer``, ``solver`` are the four interfaces that the
exercise fills with life. ``data`` is where the samples come from, ``checks`` looks at your answers, with
``standins`` in the place of the other tasks, and ``plots`` draws.
"""

import sys
from importlib.util import find_spec

if sys.version_info < (3, 11):  # noqa: UP036 (before any other import: those would fail in an unreadable way)
    raise ImportError(
        "exercise_code needs Python 3.11 or newer, and this kernel runs Python "
        f"{sys.version_info[0]}.{sys.version_info[1]}; choose the kernel of the course environment "
        "(menu Kernel, Change Kernel)"
    )

from exercise_code.errors import DataError, ExerciseError, SetupError, TrainingError
from exercise_code.loss import Loss
from exercise_code.network import Network
from exercise_code.optimizer import BaseOptimizer
from exercise_code.ready import when_ready
from exercise_code.solver import BaseSolver
from nbprobe.own_notebook import warn_of_repeated_cells

for needed in ("matplotlib", "sklearn"):  # later cells import them; whoever lacks one is to know it at once
    if find_spec(needed) is None:
        raise ModuleNotFoundError(f"No module named {needed!r}", name=needed)

__version__ = "1.0"

__all__ = [
    "BaseOptimizer",
    "BaseSolver",
    "DataError",
    "ExerciseError",
    "Loss",
    "Network",
    "SetupError",
    "TrainingError",
    "require_version",
    "when_ready",
]


def require_version(wanted: str) -> None:
    """Stop with one sentence unless this package is the version that the notebook was written for.

    Then say what the notebook's own file has that Validate can't read.

    Raises
    ------
    SetupError
        If ``wanted`` is not the version of this package.
    """
    if wanted != __version__:
        raise SetupError(
            f"this notebook belongs to exercise_code {wanted}, but version {__version__} is installed; "
            "put the notebook back into the folder that it came in, or run `pip install -e .` there, "
            "then restart the kernel."
        )
    warn_of_repeated_cells()
