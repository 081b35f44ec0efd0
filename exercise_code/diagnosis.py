"""Which method to look at when a training stops: the values of each are compared with those of the ones before it.

Nothing here knows the right formulas. A derivative must fit the differences of the method that it belongs to, a loss
must be smaller for a better prediction, and a step must lead downhill.
"""

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from exercise_code.tasks import TASKS
from nbprobe.gradient_check import numeric_gradient, relative_error

if TYPE_CHECKING:
    from exercise_code.solver import BaseSolver

WIDTH, FITS = 1e-2, 1e-2
"""Half the width of a difference, and how closely derivatives have to fit: single precision gives no more."""


class Cause(NamedTuple):
    """What is wrong, and the number of the task that it belongs to; None if no method is to blame."""

    sentence: str
    task: int | None


def cause_of_stop(solver: "BaseSolver", W: NDArray) -> Cause:
    """Why the training that ``solver`` made can't go on from the weights ``W``. Weights and cache stay as they are."""
    model = solver.model
    kept = model.W, model.cache
    try:
        with np.errstate(all="ignore"):
            return _misfit(solver) or _at_the_end(solver, W)
    except Exception:  # a method that stops says so in its own check
        return Cause("the checks of the tasks say which method is wrong.", None)
    finally:
        model.W, model.cache = kept


def _blame(task: int, what: str) -> Cause:
    return Cause(f"look at {TASKS[task].method} (task {task}): {what}.", task)


def _misfit(solver: "BaseSolver") -> Cause | None:
    """The first method whose values don't fit, at weights and samples where no number is extreme."""
    model, loss_func = solver.model, solver.loss_func
    pick = np.linspace(0, len(solver.X_train) - 1, 20).astype(int)  # of both classes, if there are
    X = solver.X_train[pick]
    start = 0.1 * np.cos(np.arange(model.num_features + 1.0)).reshape(-1, 1)

    def forward(W: NDArray) -> NDArray:
        model.W = W.copy()
        return np.array(model.forward(X.copy()), dtype=float)

    probabilities = forward(start)
    if not ((probabilities > 0) & (probabilities < 1)).all():
        squeezed: Any = getattr(model, "sigmoid", lambda z: z)(np.linspace(-3.0, 3.0, 7).reshape(-1, 1))
        task = 4 if ((squeezed > 0) & (squeezed < 1)).all() else 3
        return _blame(task, "its results aren't between 0 and 1")

    p, y = np.array([[0.2], [0.6], [0.2], [0.6]]), np.array([[0.0], [0.0], [1.0], [1.0]])
    loss = np.asarray(loss_func.forward(p.copy(), y.copy()), dtype=float)
    if not np.isfinite(loss).all():
        return _blame(1, "it isn't finite for predictions between 0 and 1")
    if not (loss[0] < loss[1] and loss[3] < loss[2]):
        return _blame(1, "a prediction that is nearer to its label must cost less")
    numeric = numeric_gradient(lambda p: np.sum(loss_func.forward(p, y)), p, WIDTH)
    if _differ(numeric, loss_func.backward(p.copy(), y.copy())):
        return _blame(2, "it doesn't fit the differences of your loss")

    numeric = numeric_gradient(lambda W: forward(W)[:, 0], start, WIDTH)[:, :, 0]
    probabilities = forward(start)
    if _differ(numeric, model.backward(probabilities)):
        return _blame(5, "it doesn't fit the differences of your predictions")
    return _wrong_step(solver, start)


def _wrong_step(solver: "BaseSolver", start: NDArray) -> Cause | None:
    """The update of all training samples: its gradient, then its direction."""
    model, opt = solver.model, solver.opt
    gradients: list[NDArray] = []

    def mean_loss(W: NDArray) -> NDArray:
        model.W = W.copy()
        return np.mean(solver.loss_func.forward(model.forward(solver.X_train), solver.y_train))

    numeric = numeric_gradient(mean_loss, start, WIDTH)
    model.W = start.copy()
    step = opt.step
    opt.step = lambda dw: gradients.append(np.array(dw, dtype=float))  # type: ignore[method-assign]
    try:
        solver._step()
    finally:
        opt.step = step  # type: ignore[method-assign]
    if len(gradients) != 1 or _differ(numeric, gradients[0]):
        return _blame(7, "what it hands to the optimizer isn't the gradient of the mean loss")
    model.W = start.copy()
    opt.step(numeric.copy())
    if np.sum((np.asarray(model.W) - start) * numeric) >= 0:
        return _blame(6, "its step leads uphill, so the loss goes up from the first step on")
    return None


def _differ(numeric: NDArray, result: Any) -> bool:
    array = np.asarray(result, dtype=float)
    return array.shape != numeric.shape or not relative_error(numeric, array) < FITS


def _at_the_end(solver: "BaseSolver", W: NDArray) -> Cause:
    """All methods fit, so it is the size of the numbers: of the steps, or of predictions that are rounded."""
    losses, model = solver.history["train_loss"], solver.model
    model.W = W if np.isfinite(W).all() else solver.history["W"][-1].copy()
    p, y = (np.vstack(parts) for parts in ((solver.X_train, solver.X_val), (solver.y_train, solver.y_val)))
    p = np.asarray(model.forward(p), dtype=float)
    certain = np.count_nonzero((p == 0) | (p == 1))
    parts_of_loss = {1: solver.loss_func.forward(p, y), 2: solver.loss_func.backward(p, y)}
    broken = [task for task, values in parts_of_loss.items() if certain and not np.isfinite(values).all()]
    if not broken or (losses and (len(losses) < 2 or losses[1] > losses[0])):
        return Cause(f"the steps jump over the valley; try a smaller learning rate than {solver.opt.lr:g}.", None)
    infinite = "log(0)" if broken[0] == 1 else "1 / 0"
    many = "1 prediction is" if certain == 1 else f"{certain} predictions are"
    why = f"{many} rounded to exactly 0 or 1, and {infinite} is infinite; hint 3 of task 1 has the cure"
    return _blame(broken[0], why)
