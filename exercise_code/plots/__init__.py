"""The pictures of the exercise. Each function shows one picture and returns nothing.

A picture that needs a trained model, or a function that isn't right yet, says so with a ``NotReadyError``; wrap the
call in ``when_ready()`` to see one sentence in place of the picture.
"""

from exercise_code.plots.boundary import boundary_over_time, boundary_slider, decision_boundary
from exercise_code.plots.data_flow import data_flow
from exercise_code.plots.functions import loss_branches, sigmoid_and_slope
from exercise_code.plots.plane import samples
from exercise_code.plots.rates import learning_rate_slider
from exercise_code.plots.surface import loss_surface
from exercise_code.plots.threshold import threshold_slider
from exercise_code.plots.training import early_stopping, learning_rates, training_curves
from exercise_code.plots.verdicts import calibration_and_confusion
from exercise_code.plots.weights import coefficients

__all__ = [
    "boundary_over_time",
    "boundary_slider",
    "calibration_and_confusion",
    "coefficients",
    "data_flow",
    "decision_boundary",
    "early_stopping",
    "learning_rate_slider",
    "learning_rates",
    "loss_branches",
    "loss_surface",
    "samples",
    "sigmoid_and_slope",
    "threshold_slider",
    "training_curves",
]
