"""What goes wrong in exercise 4, one list per task; and what `course prove` is told of its tests."""

from . import bce, classifier, optimizer, sigmoid, solver
from .equivalent import EQUIVALENT, REDUNDANT

CATALOGUE = [
    *bce.FORWARD,
    *bce.BACKWARD,
    *sigmoid.SIGMOID,
    *classifier.FORWARD,
    *classifier.BACKWARD,
    *optimizer.STEP,
    *solver.STEP,
]

__all__ = ["CATALOGUE", "EQUIVALENT", "REDUNDANT"]
