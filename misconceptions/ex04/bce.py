"""The binary cross entropy and its derivative: what goes wrong."""

from nbjudge.judging.misconception import Misconception


def _forward(replacement: str, sentence: str, fragile: bool = False) -> Misconception:
    line = "result = -y_truth * np.log(p) - (1 - y_truth) * np.log(1 - p)"
    return Misconception("test_bce_forward", sentence, {line: replacement}, fragile)


def _backward(replacement: str, sentence: str, fragile: bool = False) -> Misconception:
    line = "gradient = -y_truth / p + (1 - y_truth) / (1 - p)"
    return Misconception("test_bce_backward", sentence, {line: replacement}, fragile)


FORWARD = [
    _forward(
        "result = np.mean(-y_truth * np.log(p) - (1 - y_truth) * np.log(1 - p))",
        "You averaged over the batch. Return one loss per sample; the mean is taken later, in the solver.",
    ),
    _forward(
        "result = np.sum(-y_truth * np.log(p) - (1 - y_truth) * np.log(1 - p))",
        "You added up the losses of the whole batch. Return one loss per sample.",
    ),
    _forward(
        "result = (-y_truth * np.log(p) - (1 - y_truth) * np.log(1 - p)) / len(y_truth)",
        "You divided each loss by the number of samples. A loss doesn't know how many others there are; the solver "
        "does.",
    ),
    _forward(
        "result = y_truth * np.log(p) + (1 - y_truth) * np.log(1 - p)",
        "Your losses are negative: the formula stands on its head. Compare its signs with those of the task.",
    ),
    _forward(
        "result = -y_truth * np.log(p) + (1 - y_truth) * np.log(1 - p)",
        "Samples with label 1 are right, but those with label 0 get a negative loss. "
        "Look at the sign between the terms.",
    ),
    _forward(
        "result = -y_truth * np.log(p)",
        "Samples with label 0 always have the loss 0, so their mistakes don't count. The formula has a second term.",
    ),
    _forward(
        "result = -(1 - y_truth) * np.log(1 - p)",
        "Samples with label 1 always have the loss 0, so their mistakes don't count. The formula has another term.",
    ),
    _forward(
        "result = -y_truth * np.log(p) - (1 - y_truth) * np.log(p)",
        "Both terms take the logarithm of the same thing. For label 0, which probability counts?",
    ),
    _forward(
        "result = -y_truth * np.log(1 - p) - (1 - y_truth) * np.log(p)",
        "Good predictions get a large loss and bad ones a small loss. The two logarithms have changed places.",
    ),
    _forward(
        "result = -y_truth * np.log(p) - (1 - y_truth) * np.log(1 + p)",
        "In the second term the logarithm is of something larger than 1, which is no probability. "
        "Look at the sign in it.",
    ),
    _forward(
        "result = -y_truth * np.log(p) - np.log(1 - p)",
        "Samples with label 0 are right. Those with label 1 also get the second term: what switches it off for them?",
    ),
    _forward(
        "result = -np.log(p) - (1 - y_truth) * np.log(1 - p)",
        "Samples with label 1 are right. Those with label 0 also get the first term: what switches it off for them?",
    ),
    _forward(
        "result = -y_truth * p - (1 - y_truth) * (1 - p)",
        "You took the probabilities as they are. The logarithm is missing.",
    ),
    _forward(
        "result = -y_out * np.log(y_truth) - (1 - y_out) * np.log(1 - y_truth)",
        "Every loss is infinite: predictions and labels have changed places, and a label can be 0. "
        "Which of them belongs into the logarithm?",
    ),
    _forward(
        "y = np.clip(y_truth, 1e-12, 1 - 1e-12)\nresult = -p * np.log(y) - (1 - p) * np.log(1 - y)",
        "Predictions and labels have changed places. Which of them belongs into the logarithm?",
    ),
    _forward(
        "result = -y_truth * np.log2(p) - (1 - y_truth) * np.log2(1 - p)",
        "You took the logarithm to the base 2. The task means the natural logarithm.",
    ),
    _forward(
        "result = -y_truth * np.log10(p) - (1 - y_truth) * np.log10(1 - p)",
        "You took the logarithm to the base 10. The task means the natural logarithm.",
    ),
    _forward(
        "result = (y_out - y_truth) ** 2",
        "This is the squared error, which serves for regression. For probabilities the task uses another formula.",
    ),
    _forward(
        "result = np.abs(y_out - y_truth)",
        "This is the distance between prediction and label. "
        "The loss must grow without bound as a wrong one gets surer.",
    ),
    _forward(
        "p = np.clip(np.round(y_out), 1e-12, 1 - 1e-12)\nresult = -y_truth * np.log(p) - (1 - y_truth) * np.log(1 - p)",
        "You rounded the predictions to 0 and 1 first. The loss is about how sure the model was, so keep the "
        "probabilities.",
    ),
    _forward(
        "y = np.ravel(y_truth)\nresult = -y * np.log(p) - (1 - y) * np.log(1 - p)",
        "You flattened the labels but not the predictions, so each prediction met each label. Keep both in one shape.",
    ),
    _forward(
        "result = np.ravel(-y_truth * np.log(p) - (1 - y_truth) * np.log(1 - p))",
        "The losses are right, but a column came in and a flat vector came out. Keep the shape of the predictions.",
    ),
    _forward(
        "p = np.clip(y_out, 0.01, 0.99)\nresult = -y_truth * np.log(p) - (1 - y_truth) * np.log(1 - p)",
        "You keep predictions as far as 0.01 away from 0 and 1, which changes honest ones. "
        "A far smaller distance will do.",
    ),
    _forward(
        "result = np.mean(-y_truth * np.log(p) - (1 - y_truth) * np.log(1 - p), axis=0, keepdims=True)",
        "You averaged over the batch. Return one loss per sample; the mean is taken later, in the solver.",
    ),
    _forward(
        "result = np.sum(-y_truth * np.log(p) - (1 - y_truth) * np.log(1 - p), axis=0, keepdims=True)",
        "You added up the losses of the whole batch. Return one loss per sample.",
    ),
    _forward(
        "result = y_truth * p + (1 - y_truth) * (1 - p)",
        "You took the probabilities as they are. The logarithm is missing.",
    ),
    _forward(
        "p = 1 / (1 + np.exp(-y_out))\nresult = -y_truth * np.log(p) - (1 - y_truth) * np.log(1 - p)",
        "You applied a sigmoid to the predictions, but they are probabilities already.",
    ),
    _forward(
        "result = -y_truth / p + (1 - y_truth) / (1 - p)",
        "This is the derivative, which belongs into the other method. Here the loss itself is asked for.",
    ),
    _forward(
        "p = np.ravel(p)\nresult = -y_truth * np.log(p) - (1 - y_truth) * np.log(1 - p)",
        "You flattened the predictions but not the labels, so each prediction met each label. Keep both in one shape.",
    ),
    _forward(
        "y = np.reshape(y_truth, (-1, 1))\nresult = -y * np.log(p) - (1 - y) * np.log(1 - p)",
        "You made a column of the labels whatever came in, so with vectors each prediction met each label. "
        "Keep the shape that comes in.",
    ),
    _forward(
        "result = -y_truth * np.log(p) + (1 - y_truth * np.log(1 - p))",
        "Brackets around one minus the label are missing or close too late: it is one factor, and the "
        "logarithm is the other.",
    ),
    _forward(
        "result = -y_truth * np.log(p) - (1 - y_truth * np.log(1 - p))",
        "Brackets around one minus the label are missing or close too late: it is one factor, and the "
        "logarithm is the other.",
    ),
    _forward(
        "result = -y_truth * np.log(p) - 1 - y_truth * np.log(1 - p)",
        "Brackets around one minus the label are missing or close too late: it is one factor, and the "
        "logarithm is the other.",
    ),
    _forward(
        "result = -(y_truth * np.log(p) + 1 - y_truth * np.log(1 - p))",
        "Brackets around one minus the label are missing or close too late: it is one factor, and the "
        "logarithm is the other.",
    ),
    _forward(
        "result = -y_truth * np.log(1 - p) - (1 - y_truth) * np.log(1 - p)",
        "Both terms take the logarithm of one minus the prediction. For label 1 it is that of the prediction itself.",
    ),
    _forward(
        "y = np.clip(y_truth, 1e-9, 1 - 1e-9)\nresult = -p * np.log(y) - (1 - p) * np.log(1 - y)",
        "Predictions and labels have changed places. Which of them belongs into the logarithm?",
    ),
    _forward(
        "y = np.clip(y_truth, 1e-15, 1 - 1e-15)\nresult = -p * np.log(y) - (1 - p) * np.log(1 - y)",
        "Predictions and labels have changed places. Which of them belongs into the logarithm?",
    ),
    _forward(
        "result = -y_truth * np.log(p) - (1 - y_truth) * (1 - np.log(p))",
        "Samples with label 1 are right. For label 0 it is the logarithm of one minus the prediction, and "
        "not one minus the logarithm.",
    ),
    _forward(
        "result = -y_truth * np.log(p) - (1 - y_truth) * (np.log(1) - p)",
        "The bracket of the second logarithm closes too early, around the 1 alone. It belongs around one "
        "minus the prediction.",
    ),
    _forward(
        "result = -y_truth * np.exp(p) - (1 - y_truth) * np.exp(1 - p)",
        "You took exp where the formula has the logarithm.",
    ),
    _forward(
        "result = -(y_truth * np.log(p)) * ((1 - y_truth) * np.log(1 - p))",
        "The two terms are multiplied, and one of them is always 0. Add them.",
    ),
    _forward(
        "result = y_truth * np.log(1 - p) + (1 - y_truth) * np.log(p)",
        "Two things at once: the two logarithms have changed places, and the minus is missing.",
    ),
    _forward(
        "result = y_truth * np.log2(p) + (1 - y_truth) * np.log2(1 - p)",
        "Two things at once: the minus is missing, and the task means the natural logarithm, not that to the base 2.",
    ),
    _forward(
        "result = y_truth * np.log10(p) + (1 - y_truth) * np.log10(1 - p)",
        "Two things at once: the minus is missing, and the task means the natural logarithm, not that to the base 10.",
    ),
    _forward(
        "result = (-y_truth * np.log2(p) - (1 - y_truth) * np.log2(1 - p)) / len(p)",
        "Two things at once: you divided by the number of samples, and the task means the natural logarithm.",
    ),
    _forward(
        "result = (-y_truth * np.log10(p) - (1 - y_truth) * np.log10(1 - p)) / len(p)",
        "Two things at once: you divided by the number of samples, and the task means the natural logarithm.",
    ),
    _forward(
        "result = -y_truth * np.log2(p) + (1 - y_truth) * np.log2(1 - p)",
        "Two things at once: look at the sign between the terms, and take the natural logarithm.",
    ),
    _forward(
        "result = np.sum(y_truth * np.log(p) + (1 - y_truth) * np.log(1 - p))",
        "Two things at once: the minus is missing, and the losses of all samples were added up.",
    ),
    _forward(
        "result = np.mean(-y_truth * np.log2(p) - (1 - y_truth) * np.log2(1 - p))",
        "Two things at once: you averaged over the samples, and the task means the natural logarithm.",
    ),
    _forward(
        "result = -np.log(np.abs(p - (1 - y_truth))) * y_truth - (1 - y_truth) * np.log(1 - p) * 2",
        "Samples with label 0 get twice their loss. Each sample counts once.",
    ),
]

BACKWARD = [
    _backward(
        "gradient = np.mean(-y_truth / p + (1 - y_truth) / (1 - p))",
        "You averaged the derivatives. Return one per sample; the mean is taken later, in the solver.",
    ),
    _backward(
        "gradient = (-y_truth / p + (1 - y_truth) / (1 - p)) / len(y_truth)",
        "You divided each derivative by the number of samples. That is the solver's part, and must not happen twice.",
    ),
    _backward(
        "gradient = np.sum(-y_truth / p + (1 - y_truth) / (1 - p))",
        "You added up the derivatives of the whole batch. Return one derivative per sample.",
    ),
    _backward(
        "gradient = y_truth / p - (1 - y_truth) / (1 - p)",
        "Every sign is flipped: this would push predictions away from the labels. Don't lose the minus of the loss.",
    ),
    _backward(
        "gradient = -y_truth / p - (1 - y_truth) / (1 - p)",
        "Samples with label 1 are right; the others have the wrong sign. In their term the prediction stands behind a "
        "minus: what does the chain rule say?",
    ),
    _backward(
        "gradient = -y_truth / p",
        "Samples with label 0 get the derivative 0, so the model never learns from them. "
        "Differentiate the second term too.",
    ),
    _backward(
        "gradient = (1 - y_truth) / (1 - p)",
        "Samples with label 1 get the derivative 0, so the model never learns from them. "
        "Differentiate the first term too.",
    ),
    _backward(
        "gradient = -y_truth / p + (1 - y_truth) / p",
        "Both terms are divided by the same thing. What stood in the logarithm of the second one?",
    ),
    _backward(
        "gradient = -y_truth / (1 - p) + (1 - y_truth) / p",
        "The two denominators have changed places. What stood in the logarithm next to the label?",
    ),
    _backward(
        "gradient = -y_truth / p + 1 / (1 - p)",
        "Samples with label 0 are right. Those with label 1 also get the second fraction: "
        "what switches it off for them?",
    ),
    _backward(
        "gradient = -1 / p + (1 - y_truth) / (1 - p)",
        "Samples with label 1 are right. Those with label 0 also get the first fraction: "
        "what switches it off for them?",
    ),
    _backward(
        "gradient = y_out - y_truth",
        "This is the derivative with respect to the logit. Here it is asked for with respect to the prediction; the "
        "sigmoid has its turn in the model.",
    ),
    _backward(
        "gradient = (p - y_truth) * p * (1 - p)",
        "You multiplied by something that belongs into a denominator. "
        "Check the case where the model is sure and wrong: is the slope large?",
    ),
    _backward(
        "gradient = (p - y_truth) / p * (1 - p)",
        "Python reads from left to right: a division followed by a product divides by the first factor only. "
        "Look at your brackets.",
    ),
    _backward(
        "gradient = (p - y_truth) / p",
        "Half of the denominator is missing. Bring the two fractions to a common denominator once more.",
    ),
    _backward(
        "gradient = -y_truth / p**2 + (1 - y_truth) / (1 - p) ** 2",
        "The denominators are squared, as for the derivative of a fraction. You need the derivative of a logarithm.",
    ),
    _backward(
        "gradient = -y_truth / np.log(p) + (1 - y_truth) / np.log(1 - p)",
        "There still is a logarithm in the denominators. What is the derivative of the logarithm itself?",
    ),
    _backward(
        "gradient = -y_truth * np.log(p) - (1 - y_truth) * np.log(1 - p)",
        "This is the loss itself. Here its derivative is asked for.",
    ),
    _backward(
        "gradient = np.log(1 - p) - np.log(p)",
        "This is the derivative with respect to the label. It is the prediction that the model can change.",
    ),
    _backward(
        "gradient = -y_out / y_truth + (1 - y_out) / (1 - y_truth)",
        "Every derivative is infinite: predictions and labels have changed places, and a label can be 0. Which one is "
        "divided by?",
    ),
    _backward(
        "gradient = 2 * (y_out - y_truth)",
        "This is the derivative of the squared error. The loss of task 1 is another one.",
    ),
    _backward(
        "gradient = np.sign(y_out - y_truth)",
        "You give the direction only. How fast the loss changes depends on how far the prediction is off.",
    ),
    _backward(
        "y = np.ravel(y_truth)\ngradient = -y / p + (1 - y) / (1 - p)",
        "You flattened the labels but not the predictions, so numpy combined all with all. "
        "Keep both in the same shape.",
    ),
    _backward(
        "gradient = np.ravel(-y_truth / p + (1 - y_truth) / (1 - p))",
        "The derivatives are right, but a column came in and a flat vector came out. Keep the shape of what came in.",
    ),
    _backward(
        "p = np.clip(y_out, 0.01, 0.99)\ngradient = -y_truth / p + (1 - y_truth) / (1 - p)",
        "Near 0 and 1 your derivative stops growing: you keep predictions 0.01 away from there. Much less is enough.",
    ),
    _backward(
        "gradient = np.mean(-y_truth / p + (1 - y_truth) / (1 - p), axis=0, keepdims=True)",
        "You averaged the derivatives. Return one per sample; the mean is taken later, in the solver.",
    ),
    _backward(
        "gradient = y_truth / p + (1 - y_truth) / (1 - p)",
        "Samples with label 0 are right; the others have the wrong sign. The loss begins with a minus.",
    ),
    _backward(
        "gradient = -y_truth * p + (1 - y_truth) * (1 - p)",
        "You multiplied by the probabilities. The derivative of a logarithm divides.",
    ),
    _backward(
        "gradient = -(1 - y_truth) / p + y_truth / (1 - p)",
        "The two fractions have each other's label. Which of them belongs to label 1?",
    ),
    _backward(
        "gradient = -y_truth // p + (1 - y_truth) // (1 - p)",
        "Two slashes divide and cut off the digits after the point. One slash is the division that you need.",
    ),
    _backward(
        "gradient = (y_out - y_truth) / (y_out * 1 - y_out)",
        "Brackets are missing around one minus the prediction, so that you divide by 0.",
    ),
    _backward(
        "y = np.reshape(y_truth, (-1, 1))\ngradient = -y / p + (1 - y) / (1 - p)",
        "You made a column of the labels whatever came in, so with vectors each prediction met each label. "
        "Keep the shape that comes in.",
    ),
    _backward(
        "p = np.ravel(p)\ngradient = -y_truth / p + (1 - y_truth) / (1 - p)",
        "You flattened the predictions but not the labels, so numpy combined all with all. Keep both in the "
        "same shape.",
    ),
    _backward(
        "gradient = (p - y_truth) / len(p)",
        "This is prediction minus label, divided by the number of samples: the derivative by the logit, "
        "averaged. Here it is that of each loss by its own prediction.",
    ),
    _backward(
        "gradient = -y_truth / p + 1 - y_truth / (1 - p)",
        "Brackets around one minus the label are missing: all of it is the numerator of the second fraction.",
    ),
    _backward(
        "gradient = -y_truth / p + (1 - y_truth) / 1 - p",
        "Brackets around one minus the prediction are missing: all of it is the denominator of the second fraction.",
    ),
    _backward(
        "gradient = -1 / p",
        "Samples with label 1 are right. The label isn't used: for label 0 it is another fraction.",
    ),
    _backward(
        "gradient = -y_truth / p + (1 - y_truth) / (1 + p)",
        "Samples with label 1 are right. Look at the sign in the second denominator.",
    ),
    _backward(
        "gradient = (-y_truth / p - (1 - y_truth) / (1 - p)) / len(p)",
        "Two things at once: the sign of the second term, and a division by the number of samples.",
    ),
    _backward(
        "gradient = p * (1 - p)",
        "This is the slope of the sigmoid, which comes in task 5. Here it is the derivative of the loss by "
        "the prediction.",
    ),
    _backward(
        "gradient = (p - y_truth) / (1 - p)",
        "A factor is missing in the denominator: it is the prediction times one minus the prediction.",
    ),
]

CLIPPED = ("0.1", "0.05", "0.02", "0.005", "0.002")
ADDED = ("0.1", "0.01", "0.001", "0.0001")
"""Sizes that change honest predictions; those of 0.01 are written out above."""

FORWARD += [
    _forward(
        f"p = np.clip(y_out, {size}, 1 - {size})\nresult = -y_truth * np.log(p) - (1 - y_truth) * np.log(1 - p)",
        f"You keep predictions as far as {size} away from 0 and 1, which changes honest ones. "
        "A far smaller distance will do.",
    )
    for size in CLIPPED
]
FORWARD += [
    _forward(
        f"e = {size}\nresult = -y_truth * np.log(y_out + e) - (1 - y_truth) * np.log(1 - y_out + e)",
        f"You add {size} inside the logarithms, which changes every loss. A far smaller number will do.",
    )
    for size in ADDED
]
BACKWARD += [
    _backward(
        f"p = np.clip(y_out, {size}, 1 - {size})\ngradient = -y_truth / p + (1 - y_truth) / (1 - p)",
        f"Near 0 and 1 your derivative stops growing: you keep predictions {size} away from there. "
        "Much less is enough.",
    )
    for size in CLIPPED
]
BACKWARD += [
    _backward(
        f"e = {size}\ngradient = -y_truth / (y_out + e) + (1 - y_truth) / (1 - y_out + e)",
        f"You add {size} to the denominators, which changes every derivative. A far smaller number will do.",
    )
    for size in ADDED
]

# right enough, up to this size; in the prediction itself, or in each logarithm and denominator
FORWARD += [
    _forward(
        code,
        "A small number is added inside the logarithms, which changes every loss a little. "
        "Keeping predictions a tiny bit away from 0 and 1 changes only those that are there.",
        fragile=True,
    )
    for code in (
        "e = 1e-5\nresult = -y_truth * np.log(y_out + e) - (1 - y_truth) * np.log(1 - y_out + e)",
        "p = y_out + 1e-5\nresult = -y_truth * np.log(p) - (1 - y_truth) * np.log(1 - p)",
    )
]
BACKWARD += [
    _backward(
        code,
        "A small number is added to the denominators, which changes every derivative a little. "
        "Keeping predictions a tiny bit away from 0 and 1 changes only those that are there.",
        fragile=True,
    )
    for code in (
        "e = 1e-5\ngradient = -y_truth / (y_out + e) + (1 - y_truth) / (1 - y_out + e)",
        "p = y_out + 1e-5\ngradient = -y_truth / p + (1 - y_truth) / (1 - p)",
    )
]
