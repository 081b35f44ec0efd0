"""The prediction and its derivative: what goes wrong."""

from nbjudge.judging.misconception import Misconception


def _forward(replacement: str, sentence: str) -> Misconception:
    return Misconception("test_classifier_forward", sentence, {"y = self.sigmoid(X @ self.W)": replacement})


def _backward(replacement: str, sentence: str) -> Misconception:
    return Misconception("test_classifier_backward", sentence, {"dW = y * (1 - y) * X": replacement})


FORWARD = [
    _forward(
        "y = X @ self.W",
        "You return the logits. One step is missing between them and a probability.",
    ),
    _forward(
        "y = self.sigmoid(self.sigmoid(X @ self.W))",
        "You applied the sigmoid twice, so that no prediction comes below 0.5. Once is enough.",
    ),
    _forward(
        "y = self.sigmoid(-(X @ self.W))",
        "You predict the probability of label 0. Look for a minus that doesn't belong there.",
    ),
    _forward(
        "y = self.sigmoid(X[:, :-1] @ self.W[:-1])",
        "The bias is ignored: the last weight and the column of ones take part in the product too.",
    ),
    _forward(
        "y = self.sigmoid(X[:, :-1] @ self.W[1:] + self.W[0])",
        "You took the first weight for the bias. The ones were appended at the end: which weight meets them?",
    ),
    _forward(
        "y = self.sigmoid(X @ self.W + self.W[-1])",
        "The bias is added twice. The column of ones brings it in already.",
    ),
    _forward(
        "y = self.sigmoid(X @ self.W) + self.W[-1]",
        "You added the bias after the sigmoid. The column of ones has brought it in already.",
    ),
    _forward(
        "y = np.round(self.sigmoid(X @ self.W))",
        "You return labels. Return the probabilities as they are; learning needs to know how sure the model is.",
    ),
    _forward(
        "y = np.tanh(X @ self.W)",
        "You used tanh, which can be negative. The sigmoid of task 3 gives probabilities.",
    ),
    _forward(
        "y = np.exp(X @ self.W) / np.sum(np.exp(X @ self.W))",
        "Your predictions add up to 1 over the batch: this is softmax. Each sample has a probability of its own.",
    ),
    _forward(
        "y = self.sigmoid(X) @ self.W",
        "The order is wrong: first the weighted sum of a sample, then the sigmoid.",
    ),
    _forward(
        "y = np.sum(self.sigmoid(X * self.W.T), axis=1, keepdims=True)",
        "You took the sigmoid of each summand and then added up. First add up, then take the sigmoid.",
    ),
    _forward(
        "y = self.sigmoid(X * self.W.T)",
        "You multiplied entry by entry and didn't add up: there is a whole row of values per sample. "
        "Use the product of matrices.",
    ),
    _forward(
        "y = self.sigmoid(np.mean(X * self.W.T, axis=1, keepdims=True))",
        "You averaged the products of features and weights. A logit is their sum.",
    ),
    _forward(
        "y = np.mean(self.sigmoid(X @ self.W))",
        "You averaged over the samples. Return one prediction for each.",
    ),
    _forward(
        "y = self.sigmoid(X @ self.W).ravel()",
        "The predictions are right, but they have to be a column, one row per sample, not a flat vector.",
    ),
    _forward(
        "y = self.sigmoid(self.W.T @ X.T)",
        "The predictions are right, but they lie in a row. There is one row per sample.",
    ),
    _forward(
        "y = np.hstack((1 - self.sigmoid(X @ self.W), self.sigmoid(X @ self.W)))",
        "You return the probabilities of both labels. Only that of label 1 is asked for, in one column.",
    ),
    _forward(
        "y = self.sigmoid(X[:1] @ self.W)",
        "You predict for the first sample only. All rows take part in the product.",
    ),
    _forward(
        "z = X @ self.W\ny = self.sigmoid(z) * (1 - self.sigmoid(z))",
        "This is the slope of the sigmoid, a matter of task 5. Here the prediction itself is asked for.",
    ),
    _forward(
        "y = self.sigmoid(X)",
        "The weights aren't used: a logit is the sum of the features of a sample, each times its weight.",
    ),
    _forward(
        "y = self.sigmoid(X[:, :-1] @ self.W[:-1] - self.W[-1])",
        "The bias is subtracted. It is added, as the other products are.",
    ),
    _forward(
        "y = self.sigmoid(X[:, :-1] @ self.W[:-1]) + self.W[-1]",
        "The bias is added after the sigmoid. It is part of the logit.",
    ),
    _forward(
        "y = self.sigmoid(X @ self.W / len(X))",
        "The logits are divided by the number of samples. Each sample stands alone.",
    ),
    _forward(
        "y = self.sigmoid(X @ self.W + 1)",
        "A 1 is added to the logit. The column of ones brings the bias in already.",
    ),
    _forward(
        "y = X[:, :-1] @ self.W[:-1]",
        "Two things at once: the bias is ignored, and the sigmoid is missing.",
    ),
    _forward(
        "y = self.sigmoid(self.sigmoid(X[:, :-1] @ self.W[:-1]))",
        "Two things at once: the bias is ignored, and the sigmoid is applied twice.",
    ),
    _forward(
        "y = self.sigmoid(np.sum(X, axis=1, keepdims=True))",
        "The weights aren't used: a logit is the sum of the features, each times its weight.",
    ),
    _forward(
        "y = self.sigmoid(X @ np.ones_like(self.W))",
        "The weights aren't used: a logit is the sum of the features, each times its weight.",
    ),
    _forward(
        "y = self.sigmoid(X @ self.W**2)",
        "The weights are squared, because a power comes before a product. Take them as they are.",
    ),
    _forward(
        "y = self.sigmoid(X @ np.round(self.W))",
        "The weights are rounded before the product. Take them as they are.",
    ),
    _forward(
        "y = self.sigmoid(np.ones((len(X), 1)) * self.W[-1])",
        "The features aren't used, only the bias.",
    ),
    _forward(
        "y = X",
        "You return the samples with their column of ones. Where do the weights come in?",
    ),
    _forward(
        "y = np.exp(X @ self.W)",
        "You took the exponential of the logit. The sigmoid makes a probability of it.",
    ),
]

BACKWARD = [
    _backward(
        "dW = y * X",
        "The slope of the sigmoid is a product of two factors, and you have one of them.",
    ),
    _backward(
        "dW = (1 - y) * X",
        "You have one factor of the sigmoid's slope; the other one is missing.",
    ),
    _backward(
        "dW = X",
        "You return the samples as they were cached. The slope of the sigmoid is missing.",
    ),
    _backward(
        "dW = y * (1 - y)",
        "You have the slope of the sigmoid. The chain rule has a second part: "
        "how does the logit change with the weights?",
    ),
    _backward(
        "dW = y * (1 - y) * self.W.T",
        "You differentiated with respect to the features. It is the weights that the training changes.",
    ),
    _backward(
        "dW = y * (1 - y) * X * self.W.T",
        "The weights are still in the result. The logit is a sum of weights times features: what is its derivative?",
    ),
    _backward(
        "dW = np.mean(y * (1 - y) * X, axis=0, keepdims=True)",
        "You averaged over the samples. Return one row for each; the mean is taken later, in the solver.",
    ),
    _backward(
        "dW = np.sum(y * (1 - y) * X, axis=0, keepdims=True)",
        "You added up the rows of all samples. Return one row for each.",
    ),
    _backward(
        "dW = X.T @ (y * (1 - y))",
        "A product of matrices adds up over the samples. Here each sample keeps its own row.",
    ),
    _backward(
        "dW = X.T @ (y * (1 - y)) / len(X)",
        "Your product of matrices and the division give a mean over the samples. Each sample keeps its own row here.",
    ),
    _backward(
        "dW = y * (1 - y) * X / len(X)",
        "You divided by the number of samples. That is the solver's part, and must not happen twice.",
    ),
    _backward(
        "dW = y * (1 - y) * X[:, :-1]",
        "The last column is missing. The bias is a weight too.",
    ),
    _backward(
        "dW = np.hstack((y * (1 - y) * X[:, :-1], np.ones_like(y)))",
        "The features are right. The column of the bias goes through the sigmoid as well, so it isn't 1.",
    ),
    _backward(
        "dW = np.hstack((y * (1 - y) * X[:, :-1], np.zeros_like(y)))",
        "The features are right, but your bias never learns: its column is 0.",
    ),
    _backward(
        "dW = (y * (1 - y) * X).T",
        "The values are right, but rows and columns have changed places. There is one row per sample.",
    ),
    _backward(
        "dW = (1 - y**2) * X",
        "This slope belongs to tanh. The slope of the sigmoid is another one.",
    ),
    _backward(
        "dW = y**2 * X",
        "You squared the prediction. The second factor of the slope isn't the prediction again.",
    ),
    _backward(
        "dW = (1 - y) ** 2 * X",
        "You squared one minus the prediction. The two factors of the slope aren't the same.",
    ),
    _backward(
        "dW = y * (1 + y) * X",
        "There is a wrong sign in the slope of the sigmoid. It has to be nearly 0 where the prediction is nearly 1.",
    ),
    _backward(
        "dW = y * (y - 1) * X",
        "Every sign is flipped. The sigmoid rises, so its slope is never negative.",
    ),
    _backward(
        "dW = y - y * y * X",
        "Multiplication comes before subtraction. Look for missing brackets around the slope.",
    ),
    _backward(
        "dW = y * 1 - y * X",
        "Brackets are missing: multiplication comes first, so the subtraction got in too late.",
    ),
    _backward(
        "s = self.sigmoid(y)\ndW = s * (1 - s) * X",
        "You took the sigmoid of the prediction, which went through the sigmoid already.",
    ),
    _backward(
        "z = X @ self.W\ndW = z * (1 - z) * X",
        "You put the logit where the prediction belongs. The slope is written with the value of the sigmoid.",
    ),
    _backward(
        "dW = X / (y * (1 - y))",
        "You divided by the slope of the sigmoid. The chain rule multiplies.",
    ),
    _backward(
        "dW = y * (1 - y) + X",
        "You added the two parts of the chain rule. It multiplies them.",
    ),
    _backward(
        "X, y = self.cache\ndW = y * (1 - y) * X",
        "Something was taken apart that isn't made of so many parts. The cache is the array of samples "
        "alone, with its column of ones.",
    ),
    _backward(
        "dW = y * (1 - y**2) * X",
        "One of the two factors of the slope is squared. None of them is.",
    ),
    _backward(
        "dW = X * (1 - X)",
        "The samples took the place of the predictions: the slope is that of the sigmoid at the prediction.",
    ),
    _backward(
        "dW = np.mean(y * (1 - y) * X, axis=0)",
        "You averaged over the samples. Return one row for each; the mean is taken later, in the solver.",
    ),
    _backward(
        "dW = np.sum(y * (1 - y) * X, axis=0)",
        "You added up the rows of all samples. Return one row for each.",
    ),
    _backward(
        "dW = y @ (1 - y).T",
        "A product of matrices made a table of all samples with all. Multiply entry by entry, and don't "
        "forget the samples.",
    ),
    _backward(
        "dW = y // (1 - y) * X",
        "The two factors of the slope are multiplied, not divided.",
    ),
    _backward(
        "dW = (y * (1 - y)) ** 2 * X",
        "The slope of the sigmoid is in it twice. Once is right.",
    ),
    _backward(
        "dW = np.mean(y * (1 - y)) * X",
        "You averaged the slopes first. Each sample has a slope of its own.",
    ),
    _backward(
        "dW = np.mean(y) * (1 - np.mean(y)) * X",
        "You averaged the predictions first. Each sample has a slope of its own.",
    ),
    _backward(
        "dW = y * (1 - y) * X**2",
        "The samples are squared. The logit is linear in the weights, so its derivative is X.",
    ),
    _backward(
        "dW = X * (1 - X) * X",
        "The samples stand where the predictions belong: y is the argument.",
    ),
    _backward(
        "dW = np.roll(y * (1 - y) * X, 1, axis=1)",
        "The column of the bias stands first. It is the last one, as the ones are.",
    ),
    _backward(
        "dW = (1 - 2 * y) * X",
        "This is how the slope changes. The slope itself is a product of two factors.",
    ),
    _backward(
        "dW = (y - 1) * X",
        "A factor of the slope is missing, and the sign of the other one is wrong.",
    ),
    _backward(
        "dW = np.sum(y * (1 - y) * X, axis=1, keepdims=True)",
        "You added up over the weights. There is one column for each weight.",
    ),
]
