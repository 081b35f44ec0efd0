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

from correct_ways import METHODS, regions, write

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
        yield "statements swapped", _module(*order), f"{ast.unparse(order[i])}, before its time"


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


def own_test(mutant: Mutant) -> str:
    """``grade_id`` of the test cell of the task that the mutant is in."""
    return METHODS[mutant.method][1]
