"""The training loop around one update step."""

import math
import numbers
import os
import sys
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from exercise_code.data import Dataset, accuracy
from exercise_code.diagnosis import cause_of_stop
from exercise_code.errors import ExerciseError, TrainingError
from exercise_code.loss import Loss
from exercise_code.network import Network
from exercise_code.optimizer import BaseOptimizer
from nbprobe.ready import NotReadyError

DIVERGED = 100.0
"""Training stops when the loss is this many times what it was at the start."""


class BaseSolver:
    """Trains a model on a data set; a subclass writes ``_step``, the single update.

    >>> model = Classifier(num_features=2)
    >>> model.initialize_weights()
    >>> solver = Solver(model, load_tumours(PICTURE_FEATURES), BCE(), Optimizer(model, learning_rate=1.0))
    >>> solver.train(epochs=200)
    >>> solver.history["val_loss"][-1], model.W

    The model and the loss give ``(forward, backward)`` when called, and each has the two as methods; the
    optimizer has ``step(dw)``. One epoch is one step on all training samples.

    Attributes
    ----------
    model, loss_func, opt
        As given.
    X_train, y_train, X_val, y_val : arrays
        Shapes [N, D] and [N, 1], taken from the data set.
    history : dict of lists
        ``train_loss``, ``val_loss`` (mean over the samples), ``train_acc``, ``val_acc`` (between 0 and 1) and
        ``W`` (a copy of the weights). Entry 0 is the untrained model, entry e the model after e epochs.
    best_W, best_epoch
        Copy of the weights with the lowest validation loss, and the epoch they belong to. When ``train`` ends,
        also by Ctrl-C or by an error, the model has these weights.
    stopped
        Whether the last call of ``train`` couldn't go on to its end.
    """

    def __init__(self, model: Network, data: Dataset, loss_func: Loss, opt: BaseOptimizer) -> None:
        """
        Raises
        ------
        TrainingError
            If the parts don't fit together.
        """
        if model.W is None:
            raise TrainingError("the model has no weights yet; call model.initialize_weights() first.")
        if opt.model is not model:
            raise TrainingError("the optimizer belongs to another model; make it with Optimizer(model, learning_rate).")
        if data.X_train.shape[1] != model.num_features:
            raise TrainingError(
                f"the data have {data.X_train.shape[1]} features, but the model was made for {model.num_features}; "
                f"use Classifier(num_features={data.X_train.shape[1]})."
            )
        self.model, self.loss_func, self.opt = model, loss_func, opt
        self.X_train, self.y_train = data.X_train, data.y_train
        self.X_val, self.y_val = data.X_val, data.y_val
        self.history: dict[str, list] = {"train_loss": [], "val_loss": [], "train_acc": [], "val_acc": [], "W": []}
        self.best_W: NDArray | None = None
        self.best_epoch = 0
        self.stopped = False

    def _step(self) -> None:
        """Make a single update of the model's weights. ``train`` calls this; don't call it yourself."""
        raise NotImplementedError

    def train(self, epochs: int = 100, progress: bool | None = None) -> None:
        """Make ``epochs`` steps and write down after each how good the model is.

        A second call goes on from the best weights so far and lengthens the history.

        Parameters
        ----------
        progress
            Whether to show a progress bar. If left out, there is one, except while nbgrader runs the notebook
            and where the variable TQDM_DISABLE is set.

        Raises
        ------
        TrainingError
            If ``epochs`` is not a whole number of at least 1, if the model gives predictions of a wrong shape or
            changes the shape of its weights, if the loss is no longer finite or grows beyond all bounds, or if it is
            higher in the end than before the first step and no step lowered the validation loss.
        """
        if not isinstance(epochs, numbers.Integral) or isinstance(epochs, bool) or epochs < 1:
            raise TrainingError(f"the number of epochs must be a whole number of at least 1, not {epochs!r}.")
        if progress is None:
            progress = not {"NBGRADER_EXECUTION", "TQDM_DISABLE"} & set(os.environ)
        # tqdm writes to stderr by default, which notebooks paint red
        bar = tqdm(range(epochs), desc="Training", unit="epoch", file=sys.stdout, leave=False, disable=not progress)
        self.stopped = True
        try:
            # what numpy warns of here ends in a loss that isn't finite, and that is said in a sentence
            with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
                if not self.history["train_loss"]:
                    self._record()
                for _ in bar:
                    self._update()
                    self._record()
            self._require_progress()
            self.stopped = False
        finally:
            bar.close()
            if self.best_W is not None:
                self.model.W = self.best_W.copy()

    def predict(self, X: NDArray) -> NDArray:
        """What the trained model says for ``X`` [N, D], with the best weights: probabilities [N, 1].

        Raises
        ------
        NotReadyError
            If no step made the model better yet.
        """
        if not self.best_epoch:
            raise NotReadyError("no step made the model better yet. The cell that trains it says why.")
        return self.model.forward(X)

    def _update(self) -> None:
        """Make a step. If it stops because an earlier method gives a wrong shape, say which: ``_step`` can't help it.

        Raises
        ------
        TrainingError
            If so.
        """
        try:
            self._step()
        except (ExerciseError, NotImplementedError):
            raise
        except Exception as error:
            cause = cause_of_stop(self, np.array(self.model.W))
            if cause.task in (None, 7):
                raise
            raise TrainingError(
                f"the update stops with {type(error).__name__}; {cause.sentence}", cause.task
            ) from error

    def _record(self) -> None:
        """Append the state of the model to the history and keep the weights if they are the best so far."""
        epoch, shape, W = len(self.history["train_loss"]), (self.model.num_features + 1, 1), np.asarray(self.model.W)
        if W.shape != shape:
            raise TrainingError(
                f"after epoch {epoch} the weights have shape {W.shape} in place of {shape}; "
                "opt.step needs a gradient of the shape of W."
            )
        train_loss, train_acc = self._evaluate(self.X_train, self.y_train, epoch)
        val_loss, val_acc = self._evaluate(self.X_val, self.y_val, epoch)
        start = self.history["train_loss"][0] if epoch else train_loss
        if train_loss > DIVERGED * max(start, 1.0):
            cause = cause_of_stop(self, W)
            raise TrainingError(
                f"the training loss grew from {start:.3g} to {train_loss:.3g} in epoch {epoch}: it diverges; "
                f"{cause.sentence}",
                cause.task,
            )
        if self.best_W is None or val_loss < self.history["val_loss"][self.best_epoch]:
            self.best_W, self.best_epoch = W.copy(), epoch
        entries = {"train_loss": train_loss, "val_loss": val_loss, "train_acc": train_acc, "val_acc": val_acc}
        for name, value in entries.items():
            self.history[name].append(value)
        self.history["W"].append(W.copy())

    def _require_progress(self) -> None:
        """A loss that only went up, and stayed finite, is a training that failed as well."""
        first, *_, last = self.history["train_loss"]
        if not self.best_epoch and last > first:
            cause = cause_of_stop(self, np.array(self.model.W))
            raise TrainingError(f"the training loss grew from {first:.3g} to {last:.3g}: {cause.sentence}", cause.task)

    def _evaluate(self, X: NDArray, y: NDArray, epoch: int) -> tuple[float, float]:
        """Mean loss and accuracy on ``X`` [N, D] and ``y`` [N, 1]."""
        y_out = self._checked("model.forward", self.model.forward, y.shape, X)
        right = accuracy(y_out, y)
        # copies, because a loss may be computed in place
        loss = float(self._checked("loss_func.forward", self.loss_func.forward, y.shape, y_out.copy(), y.copy()).mean())
        if not math.isfinite(loss):
            cause = cause_of_stop(self, np.array(self.model.W))
            raise TrainingError(f"the loss is {loss} in epoch {epoch}: {cause.sentence}", cause.task)
        return loss, right

    @staticmethod
    def _checked(name: str, f: Callable[..., NDArray], shape: tuple[int, ...], *args: NDArray) -> NDArray:
        result = f(*args)
        if type(result) is np.ndarray and result.shape == shape and result.dtype.kind in "biuf":
            return result  # nearly always; what follows takes its time to say what is wrong
        must = f"{name} must give one value per sample, shape {shape}"
        if result is None:
            raise TrainingError(f"{must}, but it gave None.")
        try:
            array = np.asarray(result)
        except ValueError:  # rows of different lengths
            raise TrainingError(f"{must}, but it gave a {type(result).__name__} that is no array.") from None
        if array.shape != shape:
            raise TrainingError(f"{must}, but it gave shape {array.shape}.")
        if array.dtype.kind not in "biuf":
            raise TrainingError(f"{must}, but these are no real numbers: dtype {array.dtype}.")
        return array
