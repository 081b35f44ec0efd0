"""Right solutions in the many ways in which people write them.

Each way replaces some of the seven regions of the reference solution, by the names in ``METHODS``, or puts helpers
before a class. A way is worth all points; that it also gets a remark is none of this module's business.
"""

import re
import warnings
from dataclasses import dataclass, field
from textwrap import dedent, indent

from nbjudge.judging.misconception import catalogue
from nbjudge.judging.rehearsal import Rehearsal, Rehearsed
from nbprobe.judge import judge
from nbprobe.verdict import Verdict
from tests.support import ROOT

NOTEBOOK = "ex04/1_simple_classifier.ipynb"

METHODS = {
    "BCE.forward": ("bce", "test_bce_forward"),
    "BCE.backward": ("bce", "test_bce_backward"),
    "sigmoid": ("classifier", "test_sigmoid"),
    "forward": ("classifier", "test_classifier_forward"),
    "backward": ("classifier", "test_classifier_backward"),
    "step": ("optimizer", "test_optimizer_step"),
    "_step": ("solver", "test_solver_step"),
}
"""The solution cell and the test cell of each method, in the order in which they stand in the notebook."""

REGION = re.compile(r"^ *### BEGIN SOLUTION\n(.*?)^ *### END SOLUTION *$\n?", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True)
class Way:
    """One way of writing the solution: new bodies of regions, text before a cell, or other text for a whole cell."""

    name: str
    bodies: dict[str, str] = field(default_factory=dict)
    before: dict[str, str] = field(default_factory=dict)
    cells: dict[str, str] = field(default_factory=dict)

    def applied_to(self, solutions: dict[str, str]) -> dict[str, str]:
        """The solution cells with this way's text in them, by ``grade_id``."""
        return self.cells | write(solutions, self.bodies, self.before)


def regions(solutions: dict[str, str]) -> dict[str, str]:
    """The body of each method's solution region, without indentation."""
    found = {}
    for cell in dict.fromkeys(cell for cell, _ in METHODS.values()):
        names = [name for name, (own, _) in METHODS.items() if own == cell]
        found |= dict(zip(names, map(dedent, REGION.findall(solutions[cell])), strict=True))
    return found


def write(solutions: dict[str, str], bodies: dict[str, str], before: dict[str, str] | None = None) -> dict[str, str]:
    """The solution cells that change when the regions of some methods hold ``bodies``."""
    changed = {}
    for cell in {METHODS[name][0] for name in bodies} | set(before or {}):
        names = iter([name for name, (own, _) in METHODS.items() if own == cell])

        def put(match: re.Match[str], names=names) -> str:
            name = next(names)
            return indent(dedent(bodies[name]).strip() + "\n", " " * 8) if name in bodies else match[0]

        changed[cell] = dedent((before or {}).get(cell, "")) + REGION.sub(put, solutions[cell])
    return changed


class Grader:
    """Rehearses solution cells and judges what they leave, in this process."""

    def __init__(self) -> None:
        self.rehearsal = Rehearsal(ROOT / "source" / NOTEBOOK)
        self.solutions = self.rehearsal.solutions
        self.expected, self.visible = self.rehearsal.rehearse()
        self.fragile: dict[str, list[tuple[str, Rehearsed]]] = {name: [] for name in self.rehearsal.points}
        for way in catalogue(ROOT / "misconceptions/ex04/__init__.py"):
            if way.fragile:
                rehearsed = self.rehearsal.rehearse(way.applied_to(self.solutions), way.test)
                self.fragile[way.test].append((way.sentence, rehearsed))

    def verdicts(self, changed: dict[str, str], visible: bool = False) -> dict[str, Verdict]:
        """The grade of each test; or what its check says."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of the solution that is graded
            got = self.rehearsal.evidence(changed, visible=visible)
        verdicts = {}
        for name, expected in (self.visible if visible else self.expected).items():
            ways = [(remark, (way.visible if visible else way.hidden)[name]) for remark, way in self.fragile[name]]
            most = sum(raw["points"] for raw in expected)
            verdicts[name] = judge(expected, got[name], most, [], fragile=ways, visible=visible)
        return verdicts

    def broken_laws(self, changed: dict[str, str]) -> list[str]:
        """Tests in which check and grade differ."""
        grades, checks = self.verdicts(changed), self.verdicts(changed, visible=True)
        return [test for test in grades if grades[test].is_full != checks[test].is_full]

    def scores(self, changed: dict[str, str]) -> dict[str, float]:
        """Points of each method."""
        verdicts = self.verdicts(changed)
        return {method: verdicts[test].score for method, (_, test) in METHODS.items()}

    def full(self, **other: float) -> dict[str, float]:
        return {method: self.rehearsal.points[test] for method, (_, test) in METHODS.items()} | other


DOCUMENT = {
    "bce": """
class BCE(Loss):
    def forward(self, y_out, y_truth):
        result = None
        result = -y_truth * np.log(y_out) - (1 - y_truth) * np.log(1 - y_out)
        return result

    def backward(self, y_out, y_truth):
        gradient = None
        gradient = - (y_truth / y_out) + (1 - y_truth) / (1 - y_out)
        return gradient
""",
    "classifier": """
class Classifier(Network):
    def sigmoid(self, x):
        out = None
        out = 1 / (1 + np.exp(-x))
        return out

    def forward(self, X):
        assert self.W is not None, "weight matrix W is not initialized"
        # add a column of 1s to the data for the bias term
        batch_size, _ = X.shape
        X = np.concatenate((X, np.ones((batch_size, 1))), axis=1)
        # save the samples for the backward pass
        self.cache = X
        # output variable
        y = None
        y = X.dot(self.W)
        y = self.sigmoid(y)
        return y

    def backward(self, y):
        assert self.cache is not None, "run a forward pass before the backward pass"
        dW = None
        X = self.cache
        N, _ = X.shape

        # dz/dW, where z = X * W
        dW = X

        # dsigmoid/dz, where z = X * W
        dz = y * (1 - y)

        # dy/dW = dsigmoid/dz * dz/dW
        dW *= dz
        return dW
""",
    "optimizer": """
class Optimizer(BaseOptimizer):
    def step(self, dw):
        weight = self.model.W
        weight -= self.lr * dw
        self.model.W = weight
""",
    "solver": """
class Solver(BaseSolver):
    def _step(self):
        model = self.model
        loss_func = self.loss_func
        X_train = self.X_train
        y_train = self.y_train
        opt = self.opt
        model_forward, model_backward = model(X_train)
        loss, loss_grad = loss_func(model_forward, y_train)

        grad = loss_grad.T.dot(model_backward) / loss_grad.shape[0]

        opt.step(grad.T)
""",
}
"""The course's own solution, as it is printed there."""

REFERENCE = Way("the reference solution")

THE_DOCUMENTS = Way("the course's own solution", cells=DOCUMENT)

BCE_FORWARD = {
    "a small constant in the logarithm": """
        eps = 1e-7
        result = -y_truth * np.log(y_out + eps) - (1 - y_truth) * np.log(1 - y_out + eps)
    """,
    "no clipping": "result = -(y_truth * np.log(y_out) + (1 - y_truth) * np.log(1 - y_out))",
    "log1p": "result = -y_truth * np.log(y_out) - (1 - y_truth) * np.log1p(-y_out)",
    "np.where": "result = -np.log(np.where(y_truth == 1, y_out, 1 - y_out))",
    "one logarithm": "result = -np.log(y_out**y_truth * (1 - y_out) ** (1 - y_truth))",
    "probability of the label": "result = -np.log(np.abs(1 - y_truth - y_out))",
    "a small number inside the logarithms": """
        eps = 1e-15
        result = -y_truth * np.log(y_out + eps) - (1 - y_truth) * np.log(1 - y_out + eps)
    """,
    "np.maximum": """
        first = y_truth * np.log(np.maximum(y_out, 1e-300))
        result = -(first + (1 - y_truth) * np.log(np.maximum(1 - y_out, 1e-300)))
    """,
    "clipping at machine precision": """
        eps = np.finfo(float).eps
        p = np.clip(y_out, eps, 1 - eps)
        result = np.negative(np.multiply(y_truth, np.log(p)) + np.multiply(1 - y_truth, np.log(1 - p)))
    """,
    "masks": """
        result = np.empty_like(y_out)
        positive = y_truth > 0.5
        result[positive] = -np.log(y_out[positive])
        result[~positive] = -np.log(1 - y_out[~positive])
    """,
    "loop over np.ndindex": """
        result = np.zeros(y_out.shape)
        for i in np.ndindex(y_out.shape):
            result[i] = -np.log(y_out[i]) if y_truth[i] == 1 else -np.log(1 - y_out[i])
    """,
    "loop over samples": """
        result = np.zeros_like(y_out)
        for i in range(len(y_out)):
            result[i] = -y_truth[i] * np.log(y_out[i]) - (1 - y_truth[i]) * np.log(1 - y_out[i])
    """,
    "a list of results": "result = [-t * np.log(p) - (1 - t) * np.log(1 - p) for p, t in zip(y_out, y_truth)]",
    "list comprehension and math": """
        import math
        pairs = zip(y_out.ravel(), y_truth.ravel())
        result = np.array([-math.log(p) if t else -math.log(1 - p) for p, t in pairs]).reshape(y_out.shape)
    """,
    "scipy's xlogy": """
        from scipy.special import xlog1py, xlogy
        result = -(xlogy(y_truth, y_out) + xlog1py(1 - y_truth, -y_out))
    """,
    "softplus of the logit": """
        logit = np.log(y_out / (1 - y_out))
        result = np.logaddexp(0, logit) - y_truth * logit
    """,
    "in place": """
        y_out *= 2 * y_truth - 1
        y_out += 1 - y_truth
        np.log(y_out, out=y_out)
        y_out *= -1
        result = y_out
    """,
    "returns at once": "return -y_truth * np.log(y_out) - (1 - y_truth) * np.log(1 - y_out)",
    "labels as integers": """
        labels = y_truth.astype(int)
        result = -labels * np.log(y_out) - (1 - labels) * np.log(1 - y_out)
    """,
    "type hints": """
        p: np.ndarray = np.asarray(y_out, dtype=np.float64)
        result: np.ndarray = -y_truth * np.log(p) - (1.0 - y_truth) * np.log(1.0 - p)
    """,
    "chosen from two columns": """
        both = np.stack([1 - y_out, y_out])
        result = -np.log(np.take_along_axis(both, y_truth[np.newaxis].astype(int), axis=0)[0])
    """,
}

BCE_BACKWARD = {
    "closed form": "gradient = (y_out - y_truth) / (y_out * (1 - y_out))",
    "two fractions": "gradient = -(y_truth / y_out) + (1 - y_truth) / (1 - y_out)",
    "np.where": "gradient = np.where(y_truth == 1, -1 / y_out, 1 / (1 - y_out))",
    "one fraction": "gradient = 1 / (1 - y_truth - y_out)",
    "a small constant in the denominators": "gradient = -y_truth / (y_out + 1e-8) + (1 - y_truth) / (1 - y_out + 1e-8)",
    "clipped closed form": """
        p = np.clip(y_out, 1e-10, 1 - 1e-10)
        gradient = (p - y_truth) / p / (1 - p)
    """,
    "np.divide": "gradient = np.divide(1 - y_truth, 1 - y_out) - np.divide(y_truth, y_out)",
    "masks": """
        gradient = 1 / (1 - y_out)
        gradient[y_truth == 1] = -1 / y_out[y_truth == 1]
    """,
    "loop": """
        gradient = np.zeros_like(y_out)
        for i in range(y_out.shape[0]):
            gradient[i] = (y_out[i] - y_truth[i]) / (y_out[i] * (1 - y_out[i]))
    """,
    "a list of results": "gradient = [(p - t) / (p * (1 - p)) for p, t in zip(y_out, y_truth)]",
    "in place": """
        difference = y_out - y_truth
        y_out *= 1 - y_out
        difference /= y_out
        gradient = difference
    """,
    "a small number in the denominators": "gradient = -y_truth / (y_out + 1e-12) + (1 - y_truth) / (1 - y_out + 1e-12)",
    "powers": "gradient = (1 - y_truth) * (1 - y_out) ** -1 - y_truth * y_out**-1.0",
    "np.diag of size N x N": """
        inverse = np.diag(1 / (y_out * (1 - y_out)).ravel())
        gradient = (inverse @ (y_out - y_truth).ravel()).reshape(y_out.shape)
    """,
    "np.vectorize": """
        gradient = np.vectorize(lambda p, t: -1.0 / p if t else 1.0 / (1.0 - p))(y_out, y_truth)
    """,
    "early return": """
        if y_out.ndim == 1:
            return (y_out - y_truth) / (y_out - y_out**2)
        gradient = (y_out - y_truth) / (y_out - y_out**2)
    """,
    "np.reciprocal": "gradient = np.reciprocal(1 - y_truth - y_out)",
}

SIGMOID = {
    "plain": "out = 1 / (1 + np.exp(-x))",
    "1 - 1/(1+e^x)": "out = 1 - 1 / (1 + np.exp(x))",
    "e^x/(1+e^x)": "out = np.exp(x) / (1 + np.exp(x))",
    "tanh": "out = 0.5 * (1 + np.tanh(0.5 * x))",
    "scipy's expit": """
        from scipy.special import expit
        out = expit(x)
    """,
    "logaddexp": "out = np.exp(-np.logaddexp(0, -x))",
    "math.exp in a vectorize": """
        import math
        out = np.vectorize(lambda t: 1 / (1 + math.exp(-t)), otypes=[float])(x)
    """,
    "masks": """
        out = np.zeros_like(x, dtype=float)
        out[x >= 0] = 1 / (1 + np.exp(-x[x >= 0]))
        out[x < 0] = np.exp(x[x < 0]) / (1 + np.exp(x[x < 0]))
    """,
    "loop": """
        out = np.empty(x.shape)
        for i, value in np.ndenumerate(x):
            out[i] = 1 / (1 + np.exp(-value))
    """,
    "clipped logits": "out = 1 / (1 + np.exp(-np.clip(x, -500, 500)))",
    "np.power of e": "out = 1 / (1 + np.power(np.e, -x))",
    "** -1": "out = (1 + np.exp(-x)) ** -1",
    "in place": """
        np.negative(x, out=x)
        np.exp(x, out=x)
        x += 1
        np.reciprocal(x, out=x)
        out = x
    """,
    "np.piecewise": """
        out = np.piecewise(x, [x >= 0], [lambda z: 1 / (1 + np.exp(-z)), lambda z: 1 - 1 / (1 + np.exp(z))])
    """,
    "single precision": "out = (1 / (1 + np.exp(-x.astype(np.float32)))).astype(np.float32)",
    "nested lists": """
        def each(values):
            return [each(v) for v in values] if isinstance(values, list) else 1 / (1 + np.exp(-values))

        out = each(x.tolist())
    """,
    "long double": "out = 1 / (1 + np.exp(-np.asarray(x, dtype=np.longdouble)))",
    "softmax with a zero": """
        both = np.stack([np.zeros_like(x), x])
        both = np.exp(both - both.max(axis=0))
        out = both[1] / both.sum(axis=0)
    """,
}

FORWARD = {
    "np.dot": "y = self.sigmoid(np.dot(X, self.W))",
    "X.dot in two steps": """
        y = X.dot(self.W)
        y = self.sigmoid(y)
    """,
    "einsum": "y = self.sigmoid(np.einsum('nd,dk->nk', X, self.W))",
    "matmul": "y = self.sigmoid(np.matmul(X, self.W))",
    "tensordot": "y = self.sigmoid(np.tensordot(X, self.W, axes=1))",
    "np.inner": "y = self.sigmoid(np.inner(X, self.W.T))",
    "inlined sigmoid": "y = 1 / (1 + np.exp(-X @ self.W))",
    "weights and bias apart": "y = self.sigmoid(X[:, :-1] @ self.W[:-1] + self.W[-1])",
    "sum over features": "y = self.sigmoid(np.sum(X * self.W.T, axis=1, keepdims=True))",
    "sum and reshape": "y = self.sigmoid((X * self.W.ravel()).sum(axis=1)).reshape(-1, 1)",
    "loop over samples": """
        y = np.zeros((len(X), 1))
        for i in range(len(X)):
            y[i] = self.sigmoid(X[i] @ self.W)
    """,
    "loop over samples and features": """
        y = np.zeros((X.shape[0], 1))
        for i in range(X.shape[0]):
            z = 0.0
            for j in range(X.shape[1]):
                z += X[i, j] * self.W[j, 0]
            y[i, 0] = self.sigmoid(z)
    """,
    "a list of rows": "y = [self.sigmoid(row @ self.W) for row in X]",
    "list comprehension": "y = np.array([self.sigmoid(row @ self.W) for row in X])",
    "transposed twice": "y = self.sigmoid(self.W.T @ X.T).T",
    "vector and reshape": "y = self.sigmoid(X @ self.W[:, 0])[:, np.newaxis]",
    "through the class": "y = type(self).sigmoid(self, self.cache @ self.W)",
    "single precision": "y = self.sigmoid((X @ self.W).astype(np.float32))",
    "an extra attribute": """
        self.z = X @ self.W
        self.y = self.sigmoid(self.z)
        y = self.y
    """,
}

BACKWARD = {
    "in place on the cache": """
        dW = X
        dW *= y * (1 - y)
    """,
    "y - y**2": "dW = (y - y**2) * X",
    "np.multiply": "dW = np.multiply(X, np.multiply(y, 1 - y))",
    "einsum": "dW = np.einsum('ni,nd->nd', y * (1 - y), X)",
    "np.diag of size N x N": "dW = np.diag((y * (1 - y)).ravel()) @ X",
    "np.diagflat": "dW = np.diagflat(y * (1 - y)).dot(X)",
    "loop": """
        dW = np.zeros_like(X)
        for i in range(X.shape[0]):
            dW[i, :] = y[i, 0] * (1 - y[i, 0]) * X[i, :]
    """,
    "loop over columns": """
        dW = np.zeros(X.shape)
        for j in range(X.shape[1]):
            dW[:, [j]] = X[:, [j]] * y * (1 - y)
    """,
    "list comprehension": "dW = np.array([p * (1 - p) * x for p, x in zip(y, X)])",
    "a list of rows": "dW = [p * (1 - p) * x for p, x in zip(y, X)]",
    "from the current W": """
        s = self.sigmoid(self.cache @ self.W)
        dW = s * (1 - s) * self.cache
    """,
    "from the current W, inlined": """
        e = np.exp(-(X @ self.W))
        dW = e / (1 + e) ** 2 * X
    """,
    "transposed": "dW = (X.T * (y * (1 - y)).T).T",
    "tiled": "dW = np.tile(y * (1 - y), (1, X.shape[1])) * X",
    "np.newaxis": "dW = (y * (1 - y))[:, 0][:, np.newaxis] * X",
    "chain rule by name": """
        dy_dz = y * (1.0 - y)
        dz_dW = X.copy()
        dW = dy_dz * dz_dW
    """,
    "np.repeat": "dW = X * np.repeat(y - y * y, X.shape[1], axis=1)",
    "outer product per sample": """
        dW = np.vstack([np.outer(y[i] * (1 - y[i]), X[i]) for i in range(len(y))])
    """,
}

STEP = {
    "in place": "weight -= self.lr * dw",
    "np.subtract": "weight = np.subtract(weight, np.multiply(self.lr, dw))",
    "np.subtract into itself": "np.subtract(weight, self.lr * dw, out=weight)",
    "plus minus": "weight = weight + (-self.lr) * dw",
    "straight to the model": """
        self.model.W = self.model.W - self.lr * dw
        return self.model.W
    """,
    "loop": """
        weight = weight.copy()
        for i in range(len(weight)):
            weight[i] = weight[i] - self.lr * dw[i]
    """,
    "a copy first": """
        weight = np.copy(weight)
        weight -= dw * self.lr
    """,
    "list comprehension": "weight = np.array([w - self.lr * d for w, d in zip(weight, dw)])",
    "changes the argument": """
        dw *= -self.lr
        weight = weight + dw
    """,
    "through a slice": "weight[:] = weight - self.lr * dw",
    "with a scaled identity": "weight = weight - (self.lr * np.eye(len(dw))) @ dw",
    "reshaped": "weight = weight - self.lr * np.reshape(dw, weight.shape)",
}

SOLVER = {
    "the course's": """
        model_forward, model_backward = model(X_train)
        loss, loss_grad = loss_func(model_forward, y_train)
        grad = loss_grad.T.dot(model_backward) / loss_grad.shape[0]
        opt.step(grad.T)
    """,
    "forward and backward apart": """
        y_out = model.forward(X_train)
        dy_dW = model.backward(y_out)
        dloss_dy = loss_func.backward(y_out, y_train)
        opt.step(dy_dW.T @ dloss_dy / X_train.shape[0])
    """,
    "np.mean with keepdims": """
        y_out, dy_dW = model(X_train)
        _, dloss_dy = loss_func(y_out, y_train)
        opt.step(np.mean(dloss_dy * dy_dW, axis=0, keepdims=True).T)
    """,
    "mean and reshape": """
        y_out, dy_dW = model(X_train)
        _, dloss_dy = loss_func(y_out, y_train)
        opt.step((dloss_dy * dy_dW).mean(axis=0).reshape(-1, 1))
    """,
    "sum and divide": """
        y_out, dy_dW = model(X_train)
        _, dloss_dy = loss_func(y_out, y_train)
        gradient = np.sum(dloss_dy * dy_dW, axis=0) / len(y_train)
        opt.step(gradient[:, None])
    """,
    "einsum": """
        y_out, dy_dW = model(X_train)
        _, dloss_dy = loss_func(y_out, y_train)
        opt.step(np.einsum("nk,nd->dk", dloss_dy, dy_dW) / len(y_out))
    """,
    "loop over samples": """
        y_out, dy_dW = model(X_train)
        _, dloss_dy = loss_func(y_out, y_train)
        gradient = np.zeros_like(model.W)
        for i in range(len(X_train)):
            gradient += dloss_dy[i, 0] * dy_dW[i].reshape(-1, 1)
        opt.step(gradient / len(X_train))
    """,
    "keyword argument": """
        y_out, dy_dW = model(X_train)
        _, dloss_dy = loss_func(y_out, y_train)
        opt.step(dw=dy_dW.T @ dloss_dy / len(X_train))
    """,
    "all through self": """
        y_out, dy_dW = self.model(self.X_train)
        loss, dloss_dy = self.loss_func(y_out, self.y_train)
        self.opt.step(dy_dW.T.dot(dloss_dy) / self.y_train.size)
    """,
    "np.average": """
        y_out, dy_dW = model(X_train)
        dloss_dy = loss_func(y_out, y_train)[1]
        opt.step(np.average(dy_dW * dloss_dy, axis=0)[:, np.newaxis])
    """,
    "1/N in the loss's derivative": """
        y_out, dy_dW = model(X_train)
        dloss_dy = loss_func(y_out, y_train)[1] * (1 / len(X_train))
        opt.step(np.matmul(dy_dW.transpose(), dloss_dy))
    """,
    "list comprehension": """
        outputs = model(X_train)
        losses = loss_func(outputs[0], y_train)
        opt.step(np.mean([(l * d)[:, None] for l, d in zip(losses[1], outputs[1])], axis=0))
    """,
    "tensordot": """
        y_out, dy_dW = model(X_train)
        _, dloss_dy = loss_func(y_out, y_train)
        opt.step(np.tensordot(dy_dW, dloss_dy, axes=(0, 0)) / dloss_dy.shape[0])
    """,
    "np.diag of size N x N": """
        y_out, dy_dW = model(X_train)
        _, dloss_dy = loss_func(y_out, y_train)
        opt.step((np.diag(dloss_dy.ravel()) @ dy_dW).mean(axis=0, keepdims=True).T)
    """,
    "returns the loss": """
        y_out, dy_dW = model(X_train)
        loss, dloss_dy = loss_func(y_out, y_train)
        opt.step(dy_dW.T @ dloss_dy / len(X_train))
        return np.mean(loss)
    """,
    "loop over weights": """
        y_out, dy_dW = model(X_train)
        _, dloss_dy = loss_func(y_out, y_train)
        gradient = np.empty((dy_dW.shape[1], 1))
        for j in range(dy_dW.shape[1]):
            gradient[j, 0] = np.dot(dy_dW[:, j], dloss_dy[:, 0]) / len(dy_dW)
        opt.step(gradient)
    """,
}

WHOLE = [
    REFERENCE,
    THE_DOCUMENTS,
    Way(
        "helper functions before the classes",
        {"BCE.forward": "return cross_entropy(y_out, y_truth)", "sigmoid": "return logistic(x)"},
        {
            "bce": """
                def cross_entropy(p, t):
                    return -(t * np.log(p) + (1 - t) * np.log(1 - p))

            """,
            "classifier": """
                def logistic(t):
                    return 1.0 / (1.0 + np.exp(-t))

            """,
        },
    ),
    Way(
        "an extra class and a base of one's own",
        {"backward": "dW = Slope.at(y) * X"},
        {
            "classifier": """
                class Slope:
                    @staticmethod
                    def at(y):
                        return y * (1 - y)

            """
        },
    ),
    Way(
        "other names for the arguments",
        cells={
            "bce": """
class BCE(Loss):
    eps = 1e-9

    def forward(self, pred: np.ndarray, target: np.ndarray) -> np.ndarray:
        pred = np.clip(pred, self.eps, 1 - self.eps)
        return -(target * np.log(pred) + (1 - target) * np.log1p(-pred))

    def backward(self, pred: np.ndarray, target: np.ndarray) -> np.ndarray:
        pred = np.clip(pred, self.eps, 1 - self.eps)
        return (pred - target) / (pred * (1 - pred))
""",
            "optimizer": """
class Optimizer(BaseOptimizer):
    def step(self, dw):
        W, rate = self.model.W, self.lr
        self.model.W = W - rate * dw
""",
        },
    ),
    Way(
        "helper methods, a static one and a constructor",
        cells={
            "classifier": '''
class Classifier(Network):
    """Mine."""

    def __init__(self, num_features=2):
        super().__init__(num_features)
        self.last = None

    @staticmethod
    def _with_ones(X):
        return np.c_[X, np.ones(len(X))]

    def sigmoid(self, x):
        return np.exp(np.minimum(x, 0)) / (1 + np.exp(-np.abs(x)))

    def forward(self, X):
        self.cache = self._with_ones(X)
        self.last = self.sigmoid(self.cache @ self.W)
        return self.last

    def backward(self, y):
        return np.multiply(y * (1 - y), self.cache)
''',
            "solver": """
class Solver(BaseSolver):
    def _gradient(self):
        y_out, dy_dW = self.model(self.X_train)
        _, dloss_dy = self.loss_func(y_out, self.y_train)
        return np.mean(dloss_dy * dy_dW, axis=0)[:, None]

    def _step(self):
        self.opt.step(self._gradient())
""",
        },
    ),
    Way(
        "a solver with a constructor, which keeps every gradient",
        cells={
            "solver": """
class Solver(BaseSolver):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.gradients = []

    def _step(self):
        y_out, dy_dW = self.model(self.X_train)
        _, dloss_dy = self.loss_func(y_out, self.y_train)
        self.gradients.append(dy_dW.T @ dloss_dy / len(y_out))
        self.opt.step(self.gradients[-1])
"""
        },
    ),
    Way(
        "a solver that adds to the history",
        {
            "_step": """
                y_out, dy_dW = model(X_train)
                loss, dloss_dy = loss_func(y_out, y_train)
                gradient = dy_dW.T @ dloss_dy / len(X_train)
                self.history.setdefault("slope", []).append(np.linalg.norm(gradient))
                opt.step(gradient)
            """
        },
    ),
    Way(
        "loops everywhere",
        {
            "BCE.forward": BCE_FORWARD["loop over samples"],
            "BCE.backward": BCE_BACKWARD["loop"],
            "sigmoid": SIGMOID["loop"],
            "forward": FORWARD["loop over samples"],
            "backward": BACKWARD["loop"],
            "step": STEP["loop"],
            "_step": SOLVER["loop over samples"],
        },
    ),
    Way(
        "in place everywhere",
        {
            "BCE.forward": BCE_FORWARD["in place"],
            "BCE.backward": BCE_BACKWARD["in place"],
            "sigmoid": SIGMOID["in place"],
            "backward": BACKWARD["in place on the cache"],
            "step": STEP["changes the argument"],
        },
    ),
]

TABLES = {
    "BCE.forward": BCE_FORWARD,
    "BCE.backward": BCE_BACKWARD,
    "sigmoid": SIGMOID,
    "forward": FORWARD,
    "backward": BACKWARD,
    "step": STEP,
    "_step": SOLVER,
}

CORRECT_WAYS = WHOLE + [
    Way(f"{method}: {name}", {method: body}) for method, table in TABLES.items() for name, body in table.items()
]
