"""The learning rate, to play with: where the same number of steps leads."""

from collections.abc import Callable, Sequence

import numpy as np

from exercise_code.errors import TrainingError
from exercise_code.plots.slider import Film
from exercise_code.plots.surface import Landscape, MeanLoss, draw_path
from exercise_code.solver import BaseSolver
from exercise_code.style import drawing, legend
from nbprobe.ready import NotReadyError

ROOM = 1.3
"""How much larger the window is than the paths in it."""


def learning_rate_slider(
    new_solver: Callable[[float], BaseSolver],
    rates: Sequence[float],
    mean_loss: MeanLoss,
    names: tuple[str, str] = ("$w_1$", "$w_2$"),
    epochs: int = 30,
) -> None:
    """The path of gradient descent over two weights, for one learning rate after the other.

    Parameters
    ----------
    new_solver
        Gives a solver with the learning rate, for a model with one feature that isn't trained yet; all models must
        begin with the same weights.
    rates
        Two learning rates or more, in rising order. The path of the last one may lead out of the picture.
    mean_loss
        Gives the mean loss for two weights. It is called about 1,300 times.
    names
        What the axes are called.
    epochs
        Steps of each training.
    """
    solvers = [_trained(new_solver(rate), epochs) for rate in rates]
    if not any(solver.best_epoch for solver in solvers):
        raise NotReadyError("with no learning rate did a step make the model better. The cell that trains says why.")
    paths = [np.array(solver.history["W"], dtype=float).reshape(-1, 2) for solver in solvers]
    first = len(rates) // 2
    landscape = Landscape.around(np.concatenate(paths[:-1]), mean_loss, ROOM)
    with drawing(width=8.2, height=3.8) as (fig, (ax,)):
        landscape.draw(fig, ax, names)
        path, star = draw_path(ax, paths[first], f"{epochs} steps")
        ax.set_title("Learning rate")
        legend(ax)
        film = Film(fig)
        for rate, solver, visited in zip(rates, solvers, paths, strict=True):
            path.set_data(*visited.T)
            star.set_data(*visited[-1:].T)
            leaves = "" if landscape.holds(visited) else ", leaves the picture"
            ax.set_title(f"Learning rate {rate:g}")
            label = f"{rate:g}: {_end(solver, epochs)}{leaves}"
            alt = f"Contour lines of the mean loss, and the path with learning rate {label}."
            film.take(label, alt)
        film.show("learning rate", first)


def _trained(solver: BaseSolver, epochs: int) -> BaseSolver:
    """The solver after ``epochs`` steps, or after those that its learning rate allowed."""
    try:
        solver.train(epochs=epochs, progress=False)
    except TrainingError:
        if not solver.history["W"]:  # not even the model before the first step could be looked at
            raise
    return solver


def _end(solver: BaseSolver, epochs: int) -> str:
    losses = solver.history["train_loss"]
    made = len(losses) - 1
    if made < epochs:
        return f"training stopped in step {made + 1}, the loss before was {losses[-1]:.3f}"
    return f"mean loss {losses[-1]:.3f} after {epochs} steps"
