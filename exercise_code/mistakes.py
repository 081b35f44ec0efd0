"""Wrong results that are seen often, and what to tell who gets them.

A mistake is known by what it gives on the numbers of ``tables``; how to do it right is not written here.
"""

import numpy as np
from numpy.typing import NDArray

from exercise_code import tables
from nbprobe.mistake import Mistake, gives, has_shape
from nbprobe.reasons import close


def all_pairs(p: NDArray, y: NDArray) -> list[Mistake]:
    """A table [N, N], because one of the two arguments was no column any more."""
    n = len(p)

    def same_rows(got: NDArray) -> bool:  # samples 0 and 1 have the same prediction
        return got.shape == (n, n) and n > 1 and close(got[0], got[1])

    joined = "so it was broadcast against the column [N, 1] (or `@` took the place of `*`)."
    return [
        Mistake(f"Shape (N, N): y_truth has shape (N,), {joined}", lambda got: p.ndim == 2 and same_rows(got)),
        Mistake(f"Shape (N, N): y_out has shape (N,), {joined}", lambda got: p.ndim == 2 and same_rows(got.T)),
        has_shape("Shape (N, N): one of the vectors became a column [N, 1]; keep the shape that came in.", (n, n)),
    ]


def bce_forward(p: NDArray, y: NDArray, loss: NDArray, slope: NDArray, twice: NDArray) -> list[Mistake]:
    """``twice`` is the loss with the sigmoid applied once too often."""
    n, one, zero = len(p), np.where(y == 1, 1.0, 0.0), np.where(y == 1, 0.0, 1.0)
    other = loss.reshape(-1, 2)[:, ::-1].reshape(loss.shape) if n % 2 == 0 else np.full(loss.shape, np.nan)

    def swapped(got: NDArray) -> bool:
        if got.shape != p.shape:
            return False
        distance = got / np.abs(p - y)
        return bool(np.isposinf(got).all() or (distance.min() > 5 and np.ptp(distance) < 0.01 * distance.min()))

    return [
        gives("This is the mean over the batch. Return one loss per sample; `_step` averages.", loss.mean()),
        gives("This is the sum over the batch. Return one loss per sample, don't add them up.", loss.sum()),
        gives("Divided by the number of samples: 1/N belongs in `_step` and nowhere else.", loss / n),
        gives("The sign is flipped: a loss is never negative.", -loss),
        gives("The samples with label 0 have no loss: the term for y = 0 is missing.", loss * one, -loss * one),
        gives("The samples with label 1 have no loss: the term for y = 1 is missing.", loss * zero, -loss * zero),
        gives("One of the two terms has the wrong sign.", loss * (one - zero), loss * (zero - one)),
        Mistake("Every loss is huge, as if y_out and y_truth were swapped: the log is of the prediction.", swapped),
        gives("This is the loss for the other label: the roles of y = 1 and y = 0 are swapped.", other, -other),
        gives("Logarithm to base 2. The natural one is np.log.", loss * 1.442695041),
        gives("Logarithm to base 10. The natural one is np.log.", loss * 0.4342944819),
        gives("This is the squared error. The cross entropy is another loss.", (p - y) ** 2, (p - y) ** 2 / 2),
        gives("This is the distance between prediction and label; the logarithm is missing.", abs(p - y), p - y, y - p),
        gives("This is the probability of what happened; its logarithm is missing.", np.exp(-loss), -np.exp(-loss)),
        gives("A sigmoid was applied to y_out, but y_out is a probability already.", twice),
        gives("This is the derivative: it belongs in `backward`.", slope),
        *all_pairs(p, y),
    ]


def bce_backward(p: NDArray, y: NDArray, loss: NDArray, slope: NDArray) -> list[Mistake]:
    n, one, zero = len(p), np.where(y == 1, 1.0, 0.0), np.where(y == 1, 0.0, 1.0)
    other = slope.reshape(-1, 2)[:, ::-1].reshape(slope.shape) if n % 2 == 0 else np.full(slope.shape, np.nan)
    return [
        gives("This is the mean over the batch. Return one derivative per sample; `_step` averages.", slope.mean()),
        gives("This is the sum over the batch. Return one derivative per sample.", slope.sum()),
        gives("Divided by the number of samples: 1/N belongs in `_step` and nowhere else.", slope / n),
        gives("The sign is flipped: where the label is 1, a larger prediction makes the loss smaller.", -slope),
        gives("0 where the label is 0: the derivative of that term is missing.", slope * one, -slope * one),
        gives("0 where the label is 1: the derivative of that term is missing.", slope * zero, -slope * zero),
        gives("One of the two terms has the wrong sign. Mind the inner derivative of 1 − ŷ.", abs(slope), -abs(slope)),
        gives("ŷ − y is the derivative with respect to the logit z. Here it is with respect to ŷ.", p - y, y - p),
        gives("This is the derivative of the squared error.", 2 * (p - y), 2 * (y - p)),
        gives("This is the loss itself. Its derivative is wanted.", loss, -loss),
        gives("This is 1 divided by the right value: y_out belongs in the denominator.", 1 / slope, -1 / slope),
        gives("The fractions have each other's label: which one belongs to y = 1?", other),
        gives("The two denominators are swapped.", -other),
        gives("Of the two factors in the denominator one is missing.", (p - y) / p, (p - y) / (1 - p)),
        gives("Squared: there is one division by the prediction too many.", slope * abs(slope), slope**2, -(slope**2)),
        *all_pairs(p, y),
    ]


def sigmoid(z: NDArray, right: NDArray, slope: NDArray) -> list[Mistake]:
    n, odds = z.size, right / (1 - right)
    shape = z.shape
    hard = [np.clip(z, 0, 1), np.clip(0.2 * z + 0.5, 0, 1), np.clip(0.25 * z + 0.5, 0, 1), np.clip((z + 1) / 2, 0, 1)]
    hard += [np.clip(z / 6 + 0.5, 0, 1), np.clip(z, -1, 1)]
    return [
        gives("This is tanh: it runs from −1 to 1. A probability starts at 0.", np.tanh(z), 2 * right - 1),
        gives("Falls where it should rise: look at the sign in the exponent.", 1 - right),
        gives("Made of straight lines (a clipped line). The sigmoid is smooth.", *hard),
        gives("Only 0 and 1: a step, or a rounded sigmoid. Return the probability itself.", z > 0, z >= 0),
        gives("This is ReLU.", np.maximum(z, 0)),
        gives("This is the slope of the sigmoid; it belongs in `backward`.", slope),
        gives("Adds up to 1 over the batch, as softmax does. Each entry stands for itself.", odds / odds.sum()),
        gives("Upside down: this is 1 divided by the right value. Are parentheses missing?", 1 / right),
        gives("The 1 in the denominator is missing.", odds, 1 / odds),
        gives("The denominator has a minus where a plus belongs.", *_minus(odds)),
        gives("This is the logarithm of the sigmoid.", np.log(right)),
        gives("The input came back unchanged.", z),
        gives("Everything is 0: was the result stored in an array of integers?", np.zeros(shape)),
        gives("Too steep: the exponent is twice what it should be.", tables.STEEPER.reshape(shape)),
        gives("A power of 2. The base is e: np.exp.", tables.BASE_TWO.reshape(shape)),
        gives("The sigmoid was applied twice.", tables.TWICE.reshape(shape)),
        gives("This is the mean over the batch. Return one value per entry.", right.mean()),
        gives("This is the sum over the batch. Return one value per entry.", right.sum()),
        has_shape("The shape changed. Return the shape of x.", (n, n), (n, 1), (1, n), (n,)),
    ]


def _minus(odds: NDArray) -> list[NDArray]:
    """Fractions with 1 − … below, which are infinite at a logit of 0."""
    with np.errstate(divide="ignore"):
        return [1 / (1 - odds), 1 / (1 - 1 / odds), odds / (1 - odds), odds / (odds - 1)]


def classifier_forward(logits: NDArray, right: NDArray) -> list[Mistake]:
    n, column = len(right), right.shape
    polygon = 0.005  # the stand-in for the sigmoid is not exact between its points

    def twice(got: NDArray) -> bool:
        return got.shape == column and bool(np.allclose(got.ravel(), tables.TWICE, atol=polygon))

    return [
        gives("These are the logits: the sigmoid is missing.", logits),
        Mistake("The sigmoid was applied twice.", twice),
        gives(
            "The bias is ignored: use the X with the column of ones, and all rows of W.", tables.NO_BIAS.reshape(column)
        ),
        gives("The bias is ignored, and the sigmoid is missing.", logits - 0.5),
        gives("Labels 0 and 1 came back. Return the probabilities.", logits > 0, logits >= 0),
        gives("Falls where it should rise: there is a minus too many.", 1 - right),
        gives("This is the mean over the batch. Return one prediction per sample.", right.mean(), logits.mean()),
        gives("This is the sum over the batch. Return one prediction per sample.", right.sum(), logits.sum()),
        has_shape("Shape (N,): keep the result a column [N, 1], as a product with W of shape [D+1, 1] is.", (n,)),
        has_shape("Shape (1, N): the matrices are transposed. Each sample is a row.", (1, n)),
        has_shape("Shape [N, D+1]: multiplied entry by entry. Add up over the features: a matrix product.", (n, 3)),
        has_shape("Shape (D+1, 1): that is not one value per sample.", (3, 1)),
    ]


def cache_after_forward(X: NDArray, logits: NDArray, right: NDArray) -> list[Mistake]:
    return [
        gives("self.cache holds X without the column of ones: the gradient of the bias needs it.", X),
        gives("self.cache holds the prediction, but `backward` needs the samples.", right),
        gives("self.cache holds the logits, but `backward` needs the samples.", logits),
        gives("The column of ones is on the left. The bias is the last row of W, so it belongs on the right.",
              np.hstack([np.ones((len(X), 1)), X])),
    ]  # fmt: skip


def classifier_backward(cache: NDArray, y: NDArray, right: NDArray) -> list[Mistake]:
    n, d = right.shape
    slope = right[:, [-1]]  # the bias column is 1

    def sigmoid_again(got: NDArray) -> bool:  # by the stand-in or by the student's own
        return got.shape == (n, d) and bool(np.allclose(got, tables.SLOPE_OF_PREDICTION * cache, atol=0.005))

    return [
        gives("The factor 1 − y is missing.", y * cache),
        gives("The factor y is missing.", (1 - y) * cache),
        gives("The sign is flipped.", -right),
        gives("This is dz/dW only: the slope of the sigmoid is missing.", cache),
        gives("This is the slope of the sigmoid only: X is missing.", slope, slope.ravel(), slope * np.ones((n, d))),
        gives("y came in squared: look at the two factors of the slope.", y * y * cache, y * slope * cache),
        gives("y is squared in one of the factors.", y * (1 - y**2) * cache, (1 - y**2) * cache),
        Mistake("y is a prediction, and the sigmoid was applied to it again.", sigmoid_again),
        gives("X took the place of y: the slope of the sigmoid is taken at the prediction.", cache * (1 - cache)),
        gives("X is in it twice.", slope * cache**2),
        gives("W is in it, but dz/dW is X: W drops out.", slope * np.array([1.0, 0, 0]), right * np.array([1.0, 0, 0])),
        gives("Divided by the number of samples: 1/N belongs in `_step` and nowhere else.", right / n),
        gives("Averaged over the batch. Return one row per sample; `_step` averages.", *_row_or_column(right.mean(0))),
        gives("Summed over the batch. Return one row per sample.", *_row_or_column(right.sum(0))),
        gives("Summed over the weights. Return one derivative per sample and weight.", *_row_or_column(right.sum(1))),
        gives("Transposed: one row per sample, one column per weight.", right.T),
        has_shape("Shape [N, D]: the column of the bias is missing.", (n, d - 1)),
        has_shape("Shape [N, N]: y must stay a column; multiply entry by entry, not as matrices.", (n, n)),
    ]


def _row_or_column(v: NDArray) -> tuple[NDArray, NDArray, NDArray]:
    return v, v.reshape(1, -1), v.reshape(-1, 1)


def optimizer_step() -> list[Mistake]:
    """After one step with learning rate 0.5; the weights are worked out by hand."""
    return [
        gives("Uphill: the step goes with the gradient, but the loss falls against it.", [[2.0], [2.5], [-5.0]]),
        gives("Uphill, and the learning rate is missing.", [[3.0], [3.0], [-7.0]]),
        gives("The learning rate is missing: multiply the gradient by self.lr.", [[-1.0], [1.0], [1.0]]),
        gives("Divided by the learning rate; multiply.", [[-3.0], [0.0], [5.0]]),
        gives("This is only the change. It starts at the weights as they are.", -tables.DW / 2, tables.DW / 2),
        gives("The gradient took the place of the weights.", tables.DW, -tables.DW),
        gives("A learning rate is written into the code: use self.lr.", tables.W_STEP_TENTH, [[0.98], [1.99], [-2.96]],
              [[0.998], [1.999], [-2.996]]),
        gives("The learning rate is in it twice.", [[0.5], [1.75], [-2.0]]),
        gives("The learning rate multiplies the weights as well.", [[-0.5], [0.5], [0.5]], [[-1.5], [0.0], [2.5]]),
        gives("Divided by the number of weights. The gradient is an average already.", tables.W - tables.DW / 6),
        gives("Only the signs of the gradient were used.", [[0.5], [1.5], [-2.5]], [[0.0], [1.0], [-2.0]]),
        has_shape("Shape (D+1, D+1): dw is no column any more, so it was broadcast against W.", (3, 3)),
        has_shape("Shape (1, D+1): transposed. Leave W as it came, a column.", (1, 3)),
    ]  # fmt: skip


def optimizer_second_step() -> list[Mistake]:
    return [
        gives("The second step started from the weights before the first: use the current self.model.W.",
              tables.W_STEP_HALF),
        Mistake("The second step isn't like the first, so something is kept between the calls. Plain gradient descent "
                "has no memory.", lambda got: got.shape == tables.W.shape),
    ]  # fmt: skip


def solver_step() -> list[Mistake]:
    """What ``opt.step`` is given for the four samples of the tables, whose numbers are worked out by hand."""
    right, n = tables.GRADIENT, len(tables.DLOSS)
    loss_only, model_only = np.full((3, 1), 0.5), np.array([[1.0], [0.5], [1.0]])
    from_loss, from_output = np.array([[1.1875], [0.5625], [0.5625]]), np.array([[0.625], [0.025], [0.4]])
    shortcut = np.array([[0.075], [-0.55], [0.1]])
    return [
        gives("The gradient is N times too large: the mean over the samples belongs here, in `_step`.", right * n),
        gives("Divided by N twice.", right / n),
        gives("The sign is flipped: hand over the gradient itself, the optimizer goes downhill.", -right, -right * n),
        gives("Divided by the number of weights; the mean is over the samples.", right * n / 3),
        gives("The learning rate is applied here, and then again by the optimizer.", right / 10, -right / 10,
              right * n / 10),
        gives("These are new weights. opt.step wants the gradient and computes the weights itself.",
              tables.W - right / 10, tables.W - right * n / 10),
        gives("Only the model's derivative was used: the chain rule needs the loss's as well.",
              model_only, model_only * n, tables.DY_DW, model_only.T),
        gives("Only the loss's derivative was used: the chain rule needs the model's as well.",
              loss_only, loss_only * n, tables.DLOSS, [[0.5]], [[2.0]]),
        gives("Averaged before multiplying. First multiply for each sample, then average.", model_only / 2),
        gives("The loss itself took the place of its derivative.", from_loss, from_loss * n),
        gives("The prediction took the place of the loss's derivative.", from_output, from_output * n),
        gives("The prediction took the place of the model's derivative.", [[0.35]], [[1.4]]),
        gives("The prediction was handed over. opt.step wants the gradient.", tables.Y_OUT),
        gives("A short cut: ŷ − y times X holds for this one loss and model. Join what the two give when called.",
              shortcut, shortcut * n),
        gives("The weights were averaged away: the mean runs over the samples, not over the weights.",
              [3.0, 0.0, 1.0, 1.0], [[3.0], [0.0], [1.0], [1.0]], [4.0, 0.0, 1.0, 1.0]),
        has_shape("Shape (1, D+1): transposed. The gradient has the shape of W, [D+1, 1].", (1, 3)),
        has_shape("Shape (D+1,): the gradient has the shape of W, [D+1, 1], with a second axis of length 1.", (3,)),
        has_shape("Shape [N, D+1]: still one row per sample. Average over the samples.", (n, 3)),
        has_shape("A single number: there must be one entry per weight.", (), (1,), (1, 1)),
    ]  # fmt: skip
