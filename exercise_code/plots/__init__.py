"""The pictures of the exercise. Each function shows one picture and returns nothing.

A picture that needs a trained model, or a function that isn't right yet, says so with a ``NotReadyError``; wrap the
call in ``when_ready()`` to see one sentence in place of the picture.

matplotlib takes a while to import. So a picture's module is imported when somebody asks for the picture.
"""

from importlib import import_module
from typing import Any

MODULES = {
    "boundary_over_time": "boundary",
    "boundary_slider": "boundary",
    "calibration_and_confusion": "verdicts",
    "coefficients": "weights",
    "data_flow": "flow",
    "decision_boundary": "boundary",
    "early_stopping": "training",
    "learning_rate_slider": "rates",
    "learning_rates": "training",
    "loss_branches": "functions",
    "loss_surface": "surface",
    "samples": "plane",
    "sigmoid_and_slope": "functions",
    "threshold_slider": "threshold",
    "training_curves": "training",
}
"""Where each picture is drawn."""


def __getattr__(name: str) -> Any:
    if name not in MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{MODULES[name]}"), name)


def __dir__() -> list[str]:
    return [*globals(), *MODULES]
