"""Small changes to the reference solution, made by machine.

Each mutant is one method's region with one change in its syntax tree: another operator, another constant, arguments
swapped, a call dropped, something transposed, summed or negated, a statement left out or done twice.
"""

import ast
import copy
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

from tests.support.correct_ways import METHODS, Grader, regions, write

BINARY = [ast.Add, ast.Sub, ast.Mult, ast.Div, ast.Pow, ast.MatMult]
COMPARISONS = [ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.Eq, ast.NotEq]


@dataclass(frozen=True)
class Mutant:
    """A changed region. ``key`` names it: the method, and the statement as it now stands."""

    method: str
    kind: str
    body: str
    key: str

    def applied_to(self, solutions: dict[str, str]) -> dict[str, str]:
        return write(solutions, {self.method: self.body})


@dataclass(frozen=True)
class Tally:
    """What became of the mutants, by their keys."""

    killed: list[str]
    survived: list[str]
    cost_others: list[str]
    broken_laws: list[str]
    """Those on which check and grade differ."""

    def __str__(self) -> str:
        total = len(self.killed) + len(self.survived)
        return f"{len(self.killed)} of {total} mutants lose points, {len(self.survived)} are equivalent"


def tally(grader: Grader) -> Tally:
    """Grade all mutants of the reference solution."""
    killed, survived, cost_others, broken_laws = [], [], [], []
    for mutant in mutants(grader.solutions):
        changed = mutant.applied_to(grader.solutions)
        grades, checks = grader.verdicts(changed), grader.verdicts(changed, visible=True)
        own = METHODS[mutant.method][1]
        (survived if grades[own].is_full else killed).append(mutant.key)
        if not all(verdict.is_full for test, verdict in grades.items() if test != own):
            cost_others.append(mutant.key)
        if any(grades[test].is_full != checks[test].is_full for test in grades):
            broken_laws.append(mutant.key)
    return Tally(killed, survived, cost_others, broken_laws)


def mutants(solutions: dict[str, str]) -> list[Mutant]:
    """All mutants of the regions of the reference solution, each text once."""
    found: dict[tuple[str, str], Mutant] = {}
    for method, body in regions(solutions).items():
        tree = ast.parse(body)
        seen = {ast.unparse(tree)}
        for kind, changed, statement in _changes(tree):
            text = ast.unparse(ast.fix_missing_locations(changed))
            if text not in seen and _compiles(text):
                seen.add(text)
                found[method, text] = Mutant(method, kind, text, f"{method}: {statement}")
    assert max(Counter(mutant.key for mutant in found.values()).values()) == 1, "two mutants have the same key"
    return list(found.values())


def _compiles(text: str) -> bool:
    try:
        compile(text, "<mutant>", "exec")
    except SyntaxError:  # such as an assignment to a negated name
        return False
    return True


def _changes(tree: ast.Module) -> Iterator[tuple[str, ast.Module, str]]:
    """Every changed copy of ``tree`` with the kind of the change and the statement that it is in."""
    for i, statement in enumerate(tree.body):
        others = tree.body[:i], tree.body[i + 1 :]
        yield "statement dropped", _module(*others[0], *others[1]), f"without {ast.unparse(statement)}"
        yield "statement twice", _module(*others[0], statement, *tree.body[i:]), f"twice {ast.unparse(statement)}"
        for at, node in enumerate(ast.walk(statement)):
            for kind, new in _variants(node, _names(tree)):
                changed = _replaced(statement, at, new)
                yield kind, _module(*others[0], changed, *others[1]), ast.unparse(changed)
    for i, j in combinations(range(len(tree.body)), 2):
        order = list(tree.body)
        order[i], order[j] = order[j], order[i]
        yield "statements swapped", _module(*order), f"{ast.unparse(order[i])} in the place of {ast.unparse(order[j])}"


def _module(*statements: ast.stmt) -> ast.Module:
    return ast.Module(body=[copy.deepcopy(each) for each in statements] or [ast.Pass()], type_ignores=[])


def _replaced(statement: ast.stmt, at: int, new: ast.AST) -> ast.stmt:
    """A copy of ``statement`` whose node number ``at`` (in the order of ``ast.walk``) is ``new``."""
    changed = copy.deepcopy(statement)
    old = list(ast.walk(changed))[at]
    for node in ast.walk(changed):
        for field, value in ast.iter_fields(node):
            if value is old:
                setattr(node, field, copy.deepcopy(new))
            elif isinstance(value, list):
                setattr(node, field, [copy.deepcopy(new) if each is old else each for each in value])
    return changed


def _names(tree: ast.Module) -> list[str]:
    """The variables of the region; numpy isn't one of them."""
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)} - {"np", "len", "self", "_"}
    return sorted(names)


def _variants(node: ast.AST, names: list[str]) -> Iterator[tuple[str, ast.expr]]:
    """What can stand in the place of an expression."""
    if not isinstance(node, ast.expr) or isinstance(getattr(node, "ctx", None), ast.Store):
        return
    if isinstance(node, ast.BinOp):
        for operator in BINARY:
            yield "operator", ast.BinOp(node.left, operator(), node.right)
        yield "operands swapped", ast.BinOp(node.right, node.op, node.left)
        yield "operand dropped", node.left
        yield "operand dropped", node.right
    if isinstance(node, ast.UnaryOp):
        yield "sign dropped", node.operand
    if isinstance(node, ast.Compare):
        for comparison in COMPARISONS:
            yield "comparison", ast.Compare(node.left, [comparison()], node.comparators)
    if isinstance(node, ast.Constant) and isinstance(node.value, (int, float)):
        for value in (node.value + 1, node.value - 1, node.value * 2, node.value / 2, 0, -node.value, node.value * 1e6):
            yield "constant", ast.Constant(value)
    if isinstance(node, ast.Call):
        for argument in node.args:
            yield "call dropped", argument
        for i, j in combinations(range(len(node.args)), 2):
            swapped = list(node.args)
            swapped[i], swapped[j] = swapped[j], swapped[i]
            yield "arguments swapped", ast.Call(node.func, swapped, node.keywords)
        if isinstance(node.func, ast.Name) and node.func.id == "len":
            for shift in (1, -1):
                yield "off by one", ast.BinOp(node, ast.Add(), ast.Constant(shift))
    if isinstance(node, ast.Attribute) and node.attr == "T":
        yield "transpose dropped", node.value
    if isinstance(node, ast.Name) and node.id in names:
        for name in names:
            yield "variable", ast.Name(name, ast.Load())
    if isinstance(node, (ast.Name, ast.Attribute, ast.BinOp, ast.Call)) and ast.unparse(node) not in FUNCTIONS:
        yield "negated", ast.UnaryOp(ast.USub(), node)
        yield "transposed", ast.Attribute(node, "T", ast.Load())
        for axis in ("0", "1"):
            yield "summed", ast.parse(f"np.sum({ast.unparse(node)}, axis={axis}, keepdims=True)", mode="eval").body
        yield "averaged", ast.parse(f"np.mean({ast.unparse(node)})", mode="eval").body
        for row in ("1:", ":-1"):
            yield "off by one", ast.parse(f"({ast.unparse(node)})[{row}]", mode="eval").body


FUNCTIONS = {
    *("np", "len", "self", "model", "loss_func", "opt", "opt.step", "self.sigmoid"),
    *("np.clip", "np.log", "np.exp", "np.abs", "np.where", "np.asarray"),
}
"""What is no number or array, so that nothing can be added to it."""

_CLIPPING = [
    "p = y_out",
    "p = np.clip(y_out, 0, 1 - 1e-12)",
    "p = np.clip(y_out, -1e-12, 1 - 1e-12)",
    "p = np.clip(y_out, -0.999999999999, 1 - 1e-12)",
    "p = np.clip(y_out, 2e-12, 1 - 1e-12)",
    "p = np.clip(y_out, 5e-13, 1 - 1e-12)",
    "p = np.clip(y_out, 1e-06, 1 - 1e-12)",
    "p = np.clip(y_out, 1e-12, 1)",
    "p = np.clip(y_out, 1e-12, 1 + 1e-12)",
    "p = np.clip(y_out, 1e-12, 1 - -1e-12)",
    "p = np.clip(y_out, 1e-12, 1 - -0.999999999999)",
    "p = np.clip(y_out, 1e-12, 1 / 1e-12)",
    "p = np.clip(y_out, 1e-12, 1 ** 1e-12)",
    "p = np.clip(y_out, 1e-12, 2 - 1e-12)",
    "p = np.clip(y_out, 1e-12, 1000000.0 - 1e-12)",
    "p = np.clip(y_out, 1e-12, 1 - 0)",
    "p = np.clip(y_out, 1e-12, 1 - 2e-12)",
    "p = np.clip(y_out, 1e-12, 1 - 5e-13)",
    "p = np.clip(y_out, 1e-12, 1 - 1e-06)",
]

# the reason, the methods, and the statements as they stand in the mutants
_EQUIVALENT = [
    (
        "differs only at predictions within a millionth of 0 and 1, which cost no points by the text of the task",
        ["BCE.forward", "BCE.backward"],
        _CLIPPING,
    ),
    (
        "np.clip takes the middle one of three numbers, in whatever order they come",
        ["BCE.forward", "BCE.backward"],
        ["p = np.clip(1e-12, y_out, 1 - 1e-12)", "p = np.clip(1 - 1e-12, 1e-12, y_out)"],
    ),
    (
        "clipping a second time changes nothing",
        ["BCE.forward", "BCE.backward"],
        ["twice p = np.clip(y_out, 1e-12, 1 - 1e-12)"],
    ),
    (
        "the sum or the mean of a single number is that number",
        ["BCE.forward", "BCE.backward"],
        [
            "p = np.clip(y_out, 1e-12, np.sum(1 - 1e-12, axis=0, keepdims=True))",
            "p = np.clip(y_out, 1e-12, np.mean(1 - 1e-12))",
        ],
    ),
    (
        "one of two logarithms without clipping: at exactly 0 and 1 only, which costs no points",
        ["BCE.forward"],
        [
            "result = -y_truth * np.log(y_out) - (1 - y_truth) * np.log(1 - p)",
            "result = -y_truth * np.log(p) - (1 - y_truth) * np.log(1 - y_out)",
        ],
    ),
    (
        "one of two fractions without clipping: at exactly 0 and 1 only, which costs no points",
        ["BCE.backward"],
        [
            "gradient = -y_truth / y_out + (1 - y_truth) / (1 - p)",
            "gradient = -y_truth / p + (1 - y_truth) / (1 - y_out)",
        ],
    ),
    (
        "the order of factors or summands doesn't matter",
        ["BCE.forward"],
        [
            "result = np.log(p) * -y_truth - (1 - y_truth) * np.log(1 - p)",
            "result = -y_truth * np.log(p) - np.log(1 - p) * (1 - y_truth)",
        ],
    ),
    (
        "the order of factors or summands doesn't matter",
        ["BCE.backward"],
        ["gradient = (1 - y_truth) / (1 - p) + -y_truth / p"],
    ),
    (
        "the order of factors or summands doesn't matter",
        ["sigmoid"],
        [
            "out = np.where(np.asarray(x) >= 0, 1 / (e + 1), e / (1 + e))",
            "out = np.where(np.asarray(x) >= 0, 1 / (1 + e), e / (e + 1))",
        ],
    ),
    (
        "the order of factors or summands doesn't matter",
        ["backward"],
        ["dW = X * (y * (1 - y))", "dW = (1 - y) * y * X"],
    ),
    ("the order of factors or summands doesn't matter", ["step"], ["weight = weight - dw * self.lr"]),
    (
        "computing the same value twice changes nothing",
        ["BCE.forward"],
        ["twice result = -y_truth * np.log(p) - (1 - y_truth) * np.log(1 - p)"],
    ),
    (
        "computing the same value twice changes nothing",
        ["BCE.backward"],
        ["twice gradient = -y_truth / p + (1 - y_truth) / (1 - p)"],
    ),
    (
        "computing the same value twice changes nothing",
        ["sigmoid"],
        ["twice e = np.exp(-np.abs(x))", "twice out = np.where(np.asarray(x) >= 0, 1 / (1 + e), e / (1 + e))"],
    ),
    ("computing the same value twice changes nothing", ["forward"], ["twice y = self.sigmoid(X @ self.W)"]),
    ("computing the same value twice changes nothing", ["backward"], ["twice dW = y * (1 - y) * X"]),
    (
        "computing the same value twice changes nothing",
        ["_step"],
        [
            "twice model_forward, model_backward = model(X_train)",
            "twice loss, loss_grad = loss_func(model_forward, y_train)",
            "twice grad = model_backward.T @ loss_grad / len(X_train)",
        ],
    ),
    ("-x is as far from 0 as x", ["sigmoid"], ["e = np.exp(-np.abs(-x))"]),
    (
        "at 0 both branches give 1/2",
        ["sigmoid"],
        ["out = np.where(np.asarray(x) > 0, 1 / (1 + e), e / (1 + e))"],
    ),
    ("0.0 is 0", ["sigmoid"], ["out = np.where(np.asarray(x) >= 0.0, 1 / (1 + e), e / (1 + e))"]),
    (
        "x is an array already, as the text of the task says",
        ["sigmoid"],
        ["out = np.where(x >= 0, 1 / (1 + e), e / (1 + e))"],
    ),
    (
        "the sum over the columns of an array with one column",
        ["forward"],
        [
            "y = np.sum(self.sigmoid(X @ self.W), axis=1, keepdims=True)",
            "y = self.sigmoid(np.sum(X @ self.W, axis=1, keepdims=True))",
            "y = self.sigmoid(X @ np.sum(self.W, axis=1, keepdims=True))",
        ],
    ),
    (
        "the sum over the columns of an array with one column",
        ["backward"],
        [
            "dW = np.sum(y * (1 - y), axis=1, keepdims=True) * X",
            "dW = np.sum(y, axis=1, keepdims=True) * (1 - y) * X",
            "dW = y * np.sum(1 - y, axis=1, keepdims=True) * X",
            "dW = y * (1 - np.sum(y, axis=1, keepdims=True)) * X",
        ],
    ),
    (
        "the sum over the columns of an array with one column",
        ["step"],
        [
            "weight = np.sum(weight - self.lr * dw, axis=1, keepdims=True)",
            "weight = np.sum(weight, axis=1, keepdims=True) - self.lr * dw",
            "weight = weight - np.sum(self.lr * dw, axis=1, keepdims=True)",
            "weight = weight - self.lr * np.sum(dw, axis=1, keepdims=True)",
        ],
    ),
    (
        "the sum over the columns of an array with one column",
        ["_step"],
        [
            "loss, loss_grad = loss_func(np.sum(model_forward, axis=1, keepdims=True), y_train)",
            "loss, loss_grad = loss_func(model_forward, np.sum(y_train, axis=1, keepdims=True))",
            "grad = np.sum(model_backward.T @ loss_grad / len(X_train), axis=1, keepdims=True)",
            "grad = np.sum(model_backward.T @ loss_grad, axis=1, keepdims=True) / len(X_train)",
            "grad = model_backward.T @ np.sum(loss_grad, axis=1, keepdims=True) / len(X_train)",
            "opt.step(np.sum(grad, axis=1, keepdims=True))",
        ],
    ),
    (
        "the sum or the mean of a single number is that number",
        ["step"],
        [
            "weight = weight - np.sum(self.lr, axis=0, keepdims=True) * dw",
            "weight = weight - np.mean(self.lr) * dw",
        ],
    ),
    (
        "the sum or the mean of a single number is that number",
        ["_step"],
        [
            "grad = model_backward.T @ loss_grad / np.sum(len(X_train), axis=0, keepdims=True)",
            "grad = model_backward.T @ loss_grad / np.mean(len(X_train))",
        ],
    ),
    (
        "all of these have one row per sample",
        ["_step"],
        [
            f"grad = model_backward.T @ loss_grad / len({array})"
            for array in ("loss_grad", "model_backward", "loss", "model_forward", "y_train", "-X_train")
        ]
        + ["grad = model_backward.T @ loss_grad / len(np.sum(X_train, axis=1, keepdims=True))"],
    ),
    (
        "only what opt.step gives back is summed, and nobody uses that",
        ["_step"],
        ["np.sum(opt.step(grad), axis=0, keepdims=True)"],
    ),
]

EQUIVALENT = {
    f"{method}: {statement}": reason
    for reason, methods, statements in _EQUIVALENT
    for method in methods
    for statement in statements
}
"""Mutants that do what the reference does wherever points are given, and why."""
