"""Numbers worked out by hand or with a pocket calculator: what the checks compare with. No formula is behind them."""

import numpy as np
from numpy.typing import NDArray

# prediction, label, loss, its derivative with respect to the prediction, loss if the sigmoid is applied once too often
LOSSES = np.array(
    [
        (0.50, 1, 0.69314718, -2.0, 0.47407698),
        (0.50, 0, 0.69314718, 2.0, 0.97407698),
        (0.25, 1, 1.38629436, -4.0, 0.57593942),
        (0.25, 0, 0.28768207, 4 / 3, 0.82593942),
        (0.80, 1, 0.22314355, -1.25, 0.37110067),
        (0.80, 0, 1.60943791, 5.0, 1.17110067),
        (0.10, 1, 2.30258509, -10.0, 0.64439666),
        (0.10, 0, 0.10536052, 10 / 9, 0.74439666),
    ]
)

# logit, its sigmoid, slope of the sigmoid there
LOGITS = np.array(
    [
        (-3.0, 0.04742587, 0.04517666),
        (-1.0, 0.26894142, 0.19661193),
        (0.0, 0.5, 0.25),
        (0.5, 0.62245933, 0.23500371),
        (1.0, 0.73105858, 0.19661193),
        (2.0, 0.88079708, 0.10499359),
    ]
)
# at the same logits: the sigmoid of the sigmoid; of twice the logit; with powers of 2 in place of e; half a unit lower
TWICE = np.array([0.51185425, 0.56683301, 0.62245933, 0.65077768, 0.67503753, 0.70698737])
STEEPER = np.array([0.00247262, 0.11920292, 0.5, 0.73105858, 0.88079708, 0.98201379])
BASE_TWO = np.array([0.11111111, 0.33333333, 0.5, 0.58578644, 0.66666667, 0.8])
NO_BIAS = np.array([0.02931223, 0.18242552, 0.37754067, 0.5, 0.62245933, 0.81757448])

# what stands in for the sigmoid in other tasks: exact at halves, a polygon in between
HALVES = np.arange(-4.0, 4.5, 0.5)
RISING = np.array([0.01798621, 0.02931223, 0.04742587, 0.07585818, 0.11920292, 0.18242552, 0.26894142, 0.37754067, 0.5])
AT_HALVES = np.concatenate([RISING, 1 - RISING[-2::-1]])

# Classifier.backward: rows of the cache (W is 1, 0, 0), predictions, and the derivative by hand
CACHE = np.array([[-1.0, 3.0, 1.0], [0.0, -1.0, 1.0], [0.5, 2.0, 1.0], [2.0, 0.5, 1.0]])
PREDICTIONS = np.array([[0.26894142], [0.5], [0.62245933], [0.88079708]])
DERIVATIVE = np.array(
    [
        [-0.19661193, 0.58983580, 0.19661193],
        [0.0, -0.25, 0.25],
        [0.11750186, 0.47000742, 0.23500371],
        [0.20998717, 0.05249679, 0.10499359],
    ]
)
SLOPE_OF_PREDICTION = np.array([[0.24553335], [0.23500371], [0.22726609], [0.20715623]])  # y mistaken for a logit

# Optimizer.step: weights, gradient, and the weights after steps of various kinds
W = np.array([[1.0], [2.0], [-3.0]])
DW = np.array([[2.0], [1.0], [-4.0]])
W_STEP_HALF = np.array([[0.0], [1.5], [-1.0]])
W_TWO_STEPS = np.array([[-1.0], [1.0], [1.0]])
W_STEP_TENTH = np.array([[0.8], [1.9], [-2.6]])

# Solver._step: what the stand-ins give for four samples and three weights, and the gradient by hand
X_TRAIN = np.array([[1.0, 0.0], [2.0, 1.0], [0.0, 3.0], [1.0, -1.0]])
Y_TRAIN = np.array([[0.0], [1.0], [1.0], [0.0]])
X_VAL = np.array([[5.0, 1.0], [-2.0, 4.0], [3.0, 3.0], [1.0, 7.0]])
Y_VAL = np.array([[1.0], [1.0], [0.0], [0.0]])
Y_OUT = np.array([[0.2], [0.6], [0.7], [0.9]])
LOSS = np.array([[0.5], [1.5], [2.0], [0.25]])
DLOSS = np.array([[2.0], [-4.0], [1.0], [3.0]])
DY_DW = np.array([[1.0, 2.0, 3.0], [0.0, 1.0, -1.0], [2.0, 0.0, 1.0], [1.0, -1.0, 1.0]])
GRADIENT = np.array([[1.75], [-0.75], [3.5]])


def rows(table: NDArray, n: int) -> list[NDArray]:
    """``n`` rows of a table, from the top and over again, as columns of shape [n, 1]."""
    chosen = table[np.arange(n) % len(table)]
    return [chosen[:, [j]] for j in range(table.shape[1])]


def loss_cases() -> list[tuple[str, list[NDArray], list[str]]]:
    """What the two checks of BCE look at: title, columns of the table, and the input of each row in words."""
    cases = []
    sizes = {"8 predictions, shape [N, 1]": 8, "vectors, shape [N]": 8, "a single sample": 1, "200 samples": 200}
    for what, n in sizes.items():
        columns = rows(LOSSES, n)
        given = [f"ŷ = {p:g}, y = {y:g}" for p, y in zip(columns[0][:, 0], columns[1][:, 0], strict=True)]
        if what.startswith("vectors"):
            columns = [column.ravel() for column in columns]
        cases.append((what, columns, given))
    return cases
