"""Changes of the solution that do what it does wherever points are given, and probes that find nothing alone."""

from nbjudge.judging.misconception import Equivalent, Redundant

EQUIVALENT = [
    Equivalent(
        "differs only at predictions within a millionth of 0 and 1, which cost no points by the text of the task",
        ["BCE.forward", "BCE.backward"],
        [
            "p = np.clip(y_out, 2e-12, 1 - 1e-12)",
            "p = np.clip(y_out, 5e-13, 1 - 1e-12)",
            "p = np.clip(y_out, 1e-06, 1 - 1e-12)",
            "p = np.clip(y_out, 1e-12, 1 - 2e-12)",
            "p = np.clip(y_out, 1e-12, 1 - 5e-13)",
            "p = np.clip(y_out, 1e-12, 1 - 1e-06)",
        ],
    ),
    Equivalent(
        "np.clip takes the middle one of three numbers, in whatever order they come",
        ["BCE.forward", "BCE.backward"],
        [
            "p = np.clip(1e-12, y_out, 1 - 1e-12)",
        ],
    ),
    Equivalent(
        "the sum or the mean of a single number is that number",
        ["BCE.forward", "BCE.backward"],
        [
            "p = np.clip(y_out, 1e-12, np.sum(1 - 1e-12, axis=0, keepdims=True))",
            "p = np.clip(y_out, 1e-12, np.mean(1 - 1e-12))",
        ],
    ),
    Equivalent(
        "the order of factors or summands doesn't matter",
        ["Classifier.backward"],
        [
            "dW = X * (y * (1 - y))",
        ],
    ),
    Equivalent(
        "the order of factors or summands doesn't matter",
        ["Optimizer.step"],
        [
            "weight = weight - dw * self.lr",
        ],
    ),
    Equivalent(
        "computing the same value twice changes nothing",
        ["Classifier.forward"],
        [
            "twice y = self.sigmoid(X @ self.W)",
        ],
    ),
    Equivalent(
        "computing the same value twice changes nothing",
        ["Solver._step"],
        [
            "twice model_forward, model_backward = model(X_train)",
            "twice loss, loss_grad = loss_func(model_forward, y_train)",
        ],
    ),
    Equivalent(
        "at 0 both branches give 1/2",
        ["Classifier.sigmoid"],
        [
            "out = np.where(np.asarray(x) > 0, 1 / (1 + e), e / (1 + e))",
        ],
    ),
    Equivalent(
        "0.0 is 0",
        ["Classifier.sigmoid"],
        [
            "out = np.where(np.asarray(x) >= 0.0, 1 / (1 + e), e / (1 + e))",
        ],
    ),
    Equivalent(
        "x is an array already, as the text of the task says",
        ["Classifier.sigmoid"],
        [
            "out = np.where(x >= 0, 1 / (1 + e), e / (1 + e))",
        ],
    ),
    Equivalent(
        "the sum over the columns of an array with one column",
        ["Classifier.forward"],
        [
            "y = np.sum(self.sigmoid(X @ self.W), axis=1, keepdims=True)",
            "y = self.sigmoid(np.sum(X @ self.W, axis=1, keepdims=True))",
            "y = self.sigmoid(X @ np.sum(self.W, axis=1, keepdims=True))",
        ],
    ),
    Equivalent(
        "the sum over the columns of an array with one column",
        ["Classifier.backward"],
        [
            "dW = np.sum(y * (1 - y), axis=1, keepdims=True) * X",
            "dW = np.sum(y, axis=1, keepdims=True) * (1 - y) * X",
            "dW = y * np.sum(1 - y, axis=1, keepdims=True) * X",
            "dW = y * (1 - np.sum(y, axis=1, keepdims=True)) * X",
        ],
    ),
    Equivalent(
        "the sum over the columns of an array with one column",
        ["Optimizer.step"],
        [
            "weight = np.sum(weight - self.lr * dw, axis=1, keepdims=True)",
            "weight = np.sum(weight, axis=1, keepdims=True) - self.lr * dw",
            "weight = weight - np.sum(self.lr * dw, axis=1, keepdims=True)",
            "weight = weight - self.lr * np.sum(dw, axis=1, keepdims=True)",
        ],
    ),
    Equivalent(
        "the sum over the columns of an array with one column",
        ["Solver._step"],
        [
            "loss, loss_grad = loss_func(np.sum(model_forward, axis=1, keepdims=True), y_train)",
            "loss, loss_grad = loss_func(model_forward, np.sum(y_train, axis=1, keepdims=True))",
            "grad = np.sum(model_backward.T @ loss_grad / len(X_train), axis=1, keepdims=True)",
            "grad = np.sum(model_backward.T @ loss_grad, axis=1, keepdims=True) / len(X_train)",
            "grad = model_backward.T @ np.sum(loss_grad, axis=1, keepdims=True) / len(X_train)",
            "opt.step(np.sum(grad, axis=1, keepdims=True))",
        ],
    ),
    Equivalent(
        "the sum or the mean of a single number is that number",
        ["Optimizer.step"],
        [
            "weight = weight - np.sum(self.lr, axis=0, keepdims=True) * dw",
            "weight = weight - np.mean(self.lr) * dw",
        ],
    ),
    Equivalent(
        "all of these have one row per sample",
        ["Solver._step"],
        [
            "grad = model_backward.T @ loss_grad / len(loss_grad)",
            "grad = model_backward.T @ loss_grad / len(model_backward)",
            "grad = model_backward.T @ loss_grad / len(loss)",
            "grad = model_backward.T @ loss_grad / len(model_forward)",
            "grad = model_backward.T @ loss_grad / len(y_train)",
            "grad = model_backward.T @ loss_grad / len(-X_train)",
            "grad = model_backward.T @ loss_grad / len(np.sum(X_train, axis=1, keepdims=True))",
        ],
    ),
    Equivalent(
        "only what opt.step gives back is summed, and nobody uses that",
        ["Solver._step"],
        [
            "np.sum(opt.step(grad), axis=0, keepdims=True)",
        ],
    ),
]

MAIN = "the main probe: who fails it gets nothing; whatever it finds, another one finds, too"
ALONE = "the text promises this for any number of samples, and no machine writes a case of its own for one"
WIDE = "who writes the sum for two features by hand is right in the other probes; no mutant does that"
COLUMN = "who makes a column of whatever comes is found here; no mutant does that"
RATE = "who writes the learning rate as a number is found here; no mutant does that"
ONE_LABEL = "who selects samples by their label stumbles where one label is missing; no mutant selects"
OVERFLOW = "a remark on an exponential that overflows; no small change of this solution overflows"
LEFT = "a remark on what forward changes beside its result; no small change of this solution does that"

REDUNDANT = [
    Redundant("test_bce_forward", "predictions in a column [N, 1]", MAIN),
    Redundant("test_bce_forward", "a single sample", ALONE),
    Redundant("test_bce_forward", "label 1 only", ONE_LABEL),
    Redundant("test_bce_backward", "predictions in a column [N, 1]", MAIN),
    Redundant("test_bce_backward", "a single sample", ALONE),
    Redundant("test_bce_backward", "label 0 only", ONE_LABEL),
    Redundant("test_sigmoid", "logits in a column [N, 1]", MAIN),
    Redundant(
        "test_sigmoid", "a table of logits", "who makes a column of whatever comes is found here; no mutant does"
    ),
    Redundant("test_sigmoid", "logits of −1000 and 1000", OVERFLOW),
    Redundant("test_classifier_forward", "samples with several features", MAIN),
    Redundant("test_classifier_forward", "a single sample with 1 feature", ALONE),
    Redundant("test_classifier_forward", "many features", WIDE),
    Redundant("test_classifier_forward", "what forward leaves in the cache", LEFT),
    Redundant("test_classifier_forward", "what forward leaves in the weights", LEFT),
    Redundant("test_classifier_backward", "samples with several features", MAIN),
    Redundant("test_classifier_backward", "a single sample with 1 feature", ALONE),
    Redundant("test_classifier_backward", "many features", WIDE),
    Redundant("test_optimizer_step", "one step", MAIN),
    Redundant(
        "test_optimizer_step", "another learning rate", "who writes a rate as a number is found here; no mutant does"
    ),
    Redundant("test_solver_step", "hands the gradient to the optimizer", MAIN),
    Redundant("test_solver_step", "a single sample", ALONE),
]
