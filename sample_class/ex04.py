"""Submissions to ex04 with known contents, for trying the bundle out. `course demo` grades them."""

from nbjudge.authoring.sample_class import Student

TODO = 'raise NotImplementedError("replace this line by your code")'

# lines of the reference solution
LOSS = "result = -y_truth * np.log(p) - (1 - y_truth) * np.log(1 - p)"
DLOSS = "gradient = -y_truth / p + (1 - y_truth) / (1 - p)"
SIGMOID = "out = np.where(np.asarray(x) >= 0, 1 / (1 + e), e / (1 + e))"
PREDICTION = "y = self.sigmoid(X @ self.W)"
DPREDICTION = "dW = y * (1 - y) * X"
STEP = "weight = weight - self.lr * dw"
GRADIENT = "grad = model_backward.T @ loss_grad / len(X_train)"
UPDATE = "opt.step(grad)"

STUDENTS = [
    Student("amira", "everything right"),
    Student("ben", "the untouched release", blank=True),
    Student("carla", "tasks 1 to 3 only", {PREDICTION: TODO, DPREDICTION: TODO, STEP: TODO, GRADIENT: TODO}),
    Student("deniz", "task 1 averages over the batch", {LOSS: LOSS.replace("-y_truth", "np.mean(-y_truth") + ")"}),
    Student("emil", "task 2 with the sign flipped", {DLOSS: "gradient = y_truth / p - (1 - y_truth) / (1 - p)"}),
    Student("fatma", "task 3 is a hard sigmoid", {SIGMOID: "out = np.clip(0.25 * x + 0.5, 0, 1)"}),
    Student("goran", "task 4 forgets the sigmoid", {PREDICTION: "y = X @ self.W"}),
    Student("hanna", "task 5 forgets a factor y", {DPREDICTION: "dW = (1 - y) * X"}),
    Student("ivan", "task 6 goes uphill", {STEP: "weight = weight + self.lr * dw"}),
    Student("jana", "task 7 sums in place of averaging", {GRADIENT: "grad = model_backward.T @ loss_grad"}),
    Student("kofi", "a syntax error in Classifier.forward", {PREDICTION: "y = self.sigmoid(X @ self.W"}),
    Student(
        "lea",
        "as in the course's own sheet: no clipping, changes arrays in place",
        {
            "p = np.clip(y_out, 1e-12, 1 - 1e-12)": "p = y_out",
            SIGMOID: "out = 1 / (1 + np.exp(-x))",
            DPREDICTION: "dW = X\n        dW *= y * (1 - y)",
            STEP: "weight -= self.lr * dw",
        },
    ),
    Student(
        "mehmet",
        "task 1 without the minus, task 7 bypasses the optimizer",
        {LOSS: "result = y_truth * np.log(p) + (1 - y_truth) * np.log(1 - p)", UPDATE: "model.W = model.W - grad"},
    ),
]

SHOWN = "hanna"
"""Whose feedback page `course demo` points to."""
