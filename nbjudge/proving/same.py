"""Changes that can't make a difference, and so aren't made: nobody should have to list them."""

import ast
import builtins
from collections.abc import Iterable, Iterator

REDUCTIONS = {"sum", "mean", "max", "min", "prod", "std", "var", "median"}
"""Functions of numpy that make one number of an array, if they aren't told along which axis."""
WITH_EFFECT = {"next", "input", "print", "open", "setattr", "delattr", "exec", "eval"}
"""Functions of Python that do something beside giving a result."""
READING = {"lower", "upper", "strip", "split", "join", "replace", "get", "items", "keys", "values", "copy"}
"""Methods of texts and dicts that change nothing."""
ARITHMETIC = (ast.Sub, ast.Div, ast.Pow, ast.FloorDiv)
"""What only numbers, and arrays of them, can do; sets have a difference, but no sum."""


def is_the_same_twice(statement: ast.stmt, numpy: str) -> bool:
    """Whether a second time changes nothing: a value is given a name that it isn't made of, by what has no effect."""
    if isinstance(statement, ast.If) and not statement.orelse:
        return all(isinstance(each, (ast.Return, ast.Raise)) for each in statement.body)
    if not isinstance(statement, ast.Assign):
        return isinstance(statement, (ast.Return, ast.Raise, ast.Pass, ast.Break, ast.Continue))
    parts_of_targets = (part for target in statement.targets for part in ast.walk(target))
    targets = {ast.unparse(part) for part in parts_of_targets if isinstance(part, ast.expr)}
    parts = list(ast.walk(statement.value))
    is_plain = all(isinstance(target, (ast.Name, ast.Attribute, ast.Tuple)) for target in statement.targets)
    reads_itself = any(isinstance(part, ast.expr) and ast.unparse(part) in targets for part in parts)
    return is_plain and not reads_itself and all(_has_no_effect(part, numpy) for part in parts)


def _has_no_effect(node: ast.AST, numpy: str) -> bool:
    if not isinstance(node, ast.Call):
        return not isinstance(node, (ast.NamedExpr, ast.Await, ast.Yield, ast.YieldFrom))
    if isinstance(node.func, ast.Name):
        return hasattr(builtins, node.func.id) and node.func.id not in WITH_EFFECT
    text = ast.unparse(node.func)
    if numpy and text.startswith(f"{numpy}.") and not text.startswith(f"{numpy}.random."):
        return True
    return isinstance(node.func, ast.Attribute) and node.func.attr in READING


def is_a_sum_of_numbers(node: ast.BinOp) -> bool:
    """Whether these are summands or factors of numbers, whose order doesn't matter."""
    return isinstance(node.op, (ast.Add, ast.Mult)) and (_is_numeric(node.left) or _is_numeric(node.right))


def _is_numeric(node: ast.expr) -> bool:
    """Whether this can't be anything but a number, or an array of them."""
    if isinstance(node, ast.Constant):
        return isinstance(node.value, (int, float)) and not isinstance(node.value, bool)
    if isinstance(node, ast.UnaryOp):
        return isinstance(node.op, ast.USub)
    if isinstance(node, ast.BinOp):
        both = _is_numeric(node.left) and _is_numeric(node.right)
        return isinstance(node.op, ARITHMETIC) or (isinstance(node.op, (ast.Add, ast.Mult)) and both)
    return False


def of_any_sign(nodes: Iterable[ast.AST]) -> Iterator[ast.expr]:
    """Values whose sign doesn't matter: what is squared, and what `abs` is taken of."""
    for node in nodes:
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow):
            exponent = node.right.value if isinstance(node.right, ast.Constant) else None
            if isinstance(exponent, int) and exponent % 2 == 0:
                yield node.left
        elif isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] == "abs" and node.args:
            yield node.args[0]


def is_a_number(node: ast.expr, numpy: str) -> bool:
    """Whether this is a single number, of which nothing can be summed or transposed."""
    if isinstance(node, ast.Attribute):
        return node.attr in ("size", "ndim")
    if not isinstance(node, ast.Call):
        return False
    text = ast.unparse(node.func)
    if text in ("len", "float", "int"):
        return True
    is_whole = len(node.args) == 1 and not node.keywords
    return is_whole and text.startswith(f"{numpy}.") and text.removeprefix(f"{numpy}.") in REDUCTIONS
