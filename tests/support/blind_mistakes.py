# ruff: noqa: E501 (one entry, one line: the file is read as a table)
"""Thirty-five mistakes by somebody who hadn't seen the catalogue, five for each method, and what the check says.

Each is the code between the lines that a method is given. The sentence shows the way in 32 of them, whoever wrote them
said; ``HALF`` lists the others.
"""

BLIND = [
    (
        "plus before second term",
        "BCE.forward",
        "result = -y_truth * np.log(y_out) + (1 - y_truth) * np.log(1 - y_out)",
        "Samples with label 1 are right, but those with label 0 get a negative ",
    ),
    (
        "y_out and y_truth swapped",
        "BCE.forward",
        "result = -y_out * np.log(y_truth) - (1 - y_out) * np.log(1 - y_truth)",
        "Every loss is infinite: predictions and labels have changed places, an",
    ),
    (
        "if y_truth == 1 on an array",
        "BCE.forward",
        "if y_truth == 1:\n    result = -np.log(y_out)\nelse:\n    result = -np.log(1 - y_out)",
        "Use a.any() or a.all(). An `if` (or and, or, max) needs one True or Fa",
    ),
    (
        "no parentheses around 1 - y_truth",
        "BCE.forward",
        "result = -y_truth * np.log(y_out) - 1 - y_truth * np.log(1 - y_out)",
        "Brackets around one minus the label are missing or close too late: it ",
    ),
    (
        "no minus, and a mean",
        "BCE.forward",
        "result = np.mean(y_truth * np.log(y_out) + (1 - y_truth) * np.log(1 - y_out))",
        "The rows of the result were averaged, and the sign is flipped. Keep ea",
    ),
    (
        "minus in second term",
        "BCE.backward",
        "gradient = -y_truth / y_out - (1 - y_truth) / (1 - y_out)",
        "Samples with label 1 are right; the others have the wrong sign. In the",
    ),
    (
        "y_out - y_truth",
        "BCE.backward",
        "gradient = y_out - y_truth",
        "This is the derivative with respect to the logit. Here it is asked for",
    ),
    (
        "common fraction without brackets round the denominator",
        "BCE.backward",
        "gradient = (y_out - y_truth) / y_out * (1 - y_out)",
        "Python reads from left to right: a division followed by a product divi",
    ),
    (
        "/ 1 - y_out",
        "BCE.backward",
        "gradient = -y_truth / y_out + (1 - y_truth) / 1 - y_out",
        "Brackets around one minus the prediction are missing: all of it is the",
    ),
    (
        "mean over axis 0",
        "BCE.backward",
        "gradient = np.mean(-y_truth / y_out + (1 - y_truth) / (1 - y_out), axis=0)",
        "The rows of the result were averaged. Keep each row by itself.",
    ),
    (
        "exp(x)",
        "sigmoid",
        "out = 1 / (1 + np.exp(x))",
        "Your curve is mirrored: it falls where it should rise. Look at the sig",
    ),
    (
        "math.exp",
        "sigmoid",
        "import math\nout = 1 / (1 + math.exp(-x))",
        "A function for single numbers got an array. numpy has it for arrays.",
    ),
    (
        "1 / 1 + exp",
        "sigmoid",
        "out = 1 / 1 + np.exp(-x)",
        "Division comes before addition. Brackets around the denominator are mi",
    ),
    (
        "assigned to x, not out",
        "sigmoid",
        "x = 1 / (1 + np.exp(-x))",
        "The result is None: is there a `return`, and has the name that it returns got what you c",
    ),
    (
        "if x >= 0 on an array",
        "sigmoid",
        "if x >= 0:\n    out = 1 / (1 + np.exp(-x))\nelse:\n    out = np.exp(x) / (1 + np.exp(x))",
        "Use a.any() or a.all(). An `if` (or and, or, max) needs one True or Fa",
    ),
    (
        "no sigmoid",
        "forward",
        "y = X @ self.W",
        "You return the logits. One step is missing between them and a probabil",
    ),
    (
        "X * W",
        "forward",
        "y = self.sigmoid(X * self.W)",
        "These shapes don't fit together entry by entry. Print them just before",
    ),
    (
        "sigmoid without self",
        "forward",
        "y = sigmoid(X @ self.W)",
        "This name was never set. Is it spelled right, or does it need `self.` ",
    ),
    (
        "W.T @ X.T, a row",
        "forward",
        "y = self.sigmoid(np.dot(self.W.T, X.T))",
        "The predictions are right, but they lie in a row. There is one row per",
    ),
    (
        "rounded to 0/1 labels",
        "forward",
        "y = self.sigmoid(X @ self.W)\ny = (y > 0.5).astype(float)",
        "You return labels. Return the probabilities as they are; learning need",
    ),
    (
        "sigmoid once more",
        "backward",
        "s = self.sigmoid(y)\ndW = s * (1 - s) * X",
        "You took the sigmoid of the prediction, which went through the sigmoid",
    ),
    (
        "X.T @ slope, sums samples",
        "backward",
        "dW = X.T @ (y * (1 - y))",
        "A product of matrices adds up over the samples. Here each sample keeps",
    ),
    (
        "@ in place of *",
        "backward",
        "dW = (y * (1 - y)) @ X",
        "In a matrix product [a, b] @ [b, c] the inner sizes must agree. Print ",
    ),
    (
        "calls self.forward(X) on the cache",
        "backward",
        "y = self.forward(X)\ndW = y * (1 - y) * X",
        "`forward` was called in `backward`. It would overwrite the cache; use ",
    ),
    (
        "only the slope, X forgotten",
        "backward",
        "dW = y * (1 - y)",
        "You have the slope of the sigmoid. The chain rule has a second part: h",
    ),
    (
        "plus",
        "step",
        "weight = weight + self.lr * dw",
        "You walk uphill: the gradient points to where the loss grows.",
    ),
    (
        "no learning rate",
        "step",
        "weight = weight - dw",
        "The learning rate is missing: every step has the full length of the gr",
    ),
    (
        "sets self.model.W, last line restores the old",
        "step",
        "self.model.W = self.model.W - self.lr * dw",
        "The weights are what they were before. A result is lost unless it gets",
    ),
    (
        "only the step, old weights dropped",
        "step",
        "weight = -self.lr * dw",
        "The step takes the place of the weights, and all that was learnt is fo",
    ),
    (
        "self.learning_rate",
        "step",
        "weight = weight - self.learning_rate * dw",
        "There is nothing of that name. Look at the spelling, capital letters c",
    ),
    (
        "mean over everything",
        "_step",
        "model_forward, model_backward = model(X_train)\nloss, loss_grad = loss_func(model_forward, y_train)\ngrad = np.mean(loss_grad * model_backward)\nopt.step(grad)",
        "You averaged over everything, so that a single number is left. Each we",
    ),
    (
        "mean axis 0, no reshape",
        "_step",
        "model_forward, model_backward = model(X_train)\nloss, loss_grad = loss_func(model_forward, y_train)\ngrad = np.mean(loss_grad * model_backward, axis=0)\nopt.step(grad)",
        "The numbers are right, but they are a flat vector. The optimizer wants",
    ),
    (
        "loss arguments swapped",
        "_step",
        "model_forward, model_backward = model(X_train)\nloss, loss_grad = loss_func(y_train, model_forward)\ngrad = model_backward.T @ loss_grad / len(X_train)\nopt.step(grad)",
        "Prediction and label have changed places in the call of the loss.",
    ),
    (
        "model.backward(X_train)",
        "_step",
        "model_forward = model.forward(X_train)\nmodel_backward = model.backward(X_train)\nloss, loss_grad = loss_func(model_forward, y_train)\ngrad = model_backward.T @ loss_grad / len(X_train)\nopt.step(grad)",
        "model.backward takes the prediction that model.forward gave.",
    ),
    (
        "no 1/N, and changes weights itself as well",
        "_step",
        "model_forward, model_backward = model(X_train)\nloss, loss_grad = loss_func(model_forward, y_train)\ngrad = model_backward.T @ loss_grad\nmodel.W = model.W - opt.lr * grad\nopt.step(grad)",
        "Every value is 5 times what it should be.",
    ),
]
HALF = ["if x >= 0 on an array", "if y_truth == 1 on an array", "no 1/N, and changes weights itself as well"]
