"""What can stand in the place of an expression or a statement: the kinds of change of which mutants are made."""

import ast
import builtins
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import combinations

from nbjudge.proving.answer import Answer
from nbjudge.proving.same import is_a_number, is_a_sum_of_numbers, of_any_sign

BINARY = [ast.Add, ast.Sub, ast.Mult, ast.Div, ast.Pow, ast.MatMult]
COMPARISONS = [ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.Eq, ast.NotEq]
OPPOSITE: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}
INSTEAD = {"max": "min", "min": "max", "any": "all", "all": "any"}
"""Functions that are taken for one another."""


@dataclass(frozen=True)
class Setting:
    """What an answer works with.

    Attributes
    ----------
    variables : names that can stand for each other
    functions : what is called, or holds what is called, as text: no numbers or arrays
    messages, even : numbers (``id``) of the nodes that only say something, such as why an error is raised, and of those
        whose sign doesn't matter
    numpy : under which name numpy is there, or ""
    """

    variables: list[str]
    functions: frozenset[str]
    messages: frozenset[int]
    even: frozenset[int]
    numpy: str


def setting_of(answer: Answer, modules: Collection[str], numpy: str) -> Setting:
    """What an answer works with."""
    nodes = [node for node in ast.walk(answer.tree) if _begins_in(answer, node)] if answer.tree else []
    fixed = {*modules, *dir(builtins), "self", "cls", "_"}
    names = {node.id for node in nodes if isinstance(node, ast.Name)} - fixed
    functions = {*modules, "self", "cls"}
    for node in nodes:
        called = node.func if isinstance(node, ast.Call) else None
        while isinstance(called, (ast.Attribute, ast.Name)):
            functions.add(ast.unparse(called))
            called = called.value if isinstance(called, ast.Attribute) else None
    raised = [part for node in nodes if isinstance(node, (ast.Raise, ast.Assert)) for part in _said(node)]
    messages = {id(node) for part in raised for node in ast.walk(part)}
    even = frozenset(map(id, of_any_sign(nodes)))
    return Setting(sorted(names), frozenset(functions), frozenset(messages), even, numpy)


def _begins_in(answer: Answer, node: ast.AST) -> bool:
    return answer.first <= getattr(node, "lineno", 0) <= answer.last


def _said(node: ast.Raise | ast.Assert) -> list[ast.expr]:
    if isinstance(node, ast.Assert):
        return [node.msg] if node.msg else []
    return [*node.exc.args] if isinstance(node.exc, ast.Call) else []


def variants(node: ast.AST, setting: Setting) -> Iterator[tuple[str, ast.AST]]:
    """What can stand in the place of ``node``, each with the kind of the change."""
    if isinstance(node, ast.stmt):
        yield from _of_statement(node)
        return
    if (
        not isinstance(node, ast.expr)
        or isinstance(getattr(node, "ctx", None), ast.Store)
        or id(node) in setting.messages
    ):
        return
    yield from _of_operation(node, setting)
    yield from _of_constant(node)
    yield from _of_call(node, setting)
    yield from _of_collection(node)
    if isinstance(node, ast.Attribute) and node.attr == "T":
        yield "transpose dropped", node.value
    if isinstance(node, ast.Name) and node.id in setting.variables:
        for name in setting.variables:
            yield "variable", ast.Name(name, ast.Load())
    is_value = isinstance(node, (ast.Name, ast.Attribute, ast.BinOp, ast.Call))
    if is_value and ast.unparse(node) not in {*setting.functions, *dir(builtins)}:
        if id(node) not in setting.even:
            yield "negated", ast.UnaryOp(ast.USub(), node)
        if setting.numpy and not is_a_number(node, setting.numpy):
            yield from _of_array(node, setting.numpy)


def _of_statement(node: ast.stmt) -> Iterator[tuple[str, ast.stmt]]:
    if isinstance(node, ast.AugAssign):
        yield "assigned anew", ast.Assign([node.target], node.value, lineno=0)
        for operator in (ast.Add, ast.Sub, ast.Mult, ast.Div):
            yield "operator", ast.AugAssign(node.target, operator(), node.value)
    if isinstance(node, ast.Return) and node.value is not None:
        yield "nothing returned", ast.Return(ast.Constant(None))
    if isinstance(node, (ast.If, ast.While)):
        for kind, test in _of_condition(node.test):
            yield kind, type(node)(test, node.body, node.orelse)
    if isinstance(node, ast.If) and node.orelse:
        yield "branch dropped", ast.If(node.test, node.body, [])
    if isinstance(node, ast.Break):
        yield "loop goes on", ast.Continue()
    if isinstance(node, ast.Continue):
        yield "loop ends", ast.Break()


def _of_condition(test: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    yield "condition turned around", ast.UnaryOp(ast.Not(), test)
    yield "condition always true", ast.Constant(True)
    yield "condition never true", ast.Constant(False)


def _of_operation(node: ast.expr, setting: Setting) -> Iterator[tuple[str, ast.expr]]:
    if isinstance(node, ast.BinOp):
        for operator in BINARY:
            yield "operator", ast.BinOp(node.left, operator(), node.right)
        is_even = isinstance(node.op, ast.Sub) and id(node) in setting.even
        if not is_even and not is_a_sum_of_numbers(node):
            yield "operands swapped", ast.BinOp(node.right, node.op, node.left)
        yield "operand dropped", node.left
        yield "operand dropped", node.right
    if isinstance(node, ast.UnaryOp):
        yield "sign dropped", node.operand
    if isinstance(node, ast.Compare):
        opposite = OPPOSITE.get(type(node.ops[0]))
        for comparison in [opposite] if opposite else COMPARISONS:
            yield "comparison", ast.Compare(node.left, [comparison(), *node.ops[1:]], node.comparators)
    if isinstance(node, ast.BoolOp):
        yield "operator", ast.BoolOp(ast.Or() if isinstance(node.op, ast.And) else ast.And(), node.values)
        yield from (("operand dropped", value) for value in node.values)
    if isinstance(node, ast.IfExp):
        yield from (("branch dropped", part) for part in (node.body, node.orelse))
        yield "condition turned around", ast.IfExp(node.test, node.orelse, node.body)


def _of_constant(node: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    value = node.value if isinstance(node, ast.Constant) else None
    if isinstance(value, bool):
        yield "constant", ast.Constant(not value)
    elif isinstance(value, (int, float)):
        for other in (value + 1, value - 1, value * 2, value / 2, 0, -value, value * 1e6):
            yield "constant", ast.Constant(other)
    elif isinstance(value, str):
        for text in ("", f"{value}x"):
            yield "constant", ast.Constant(text)


def _of_call(node: ast.expr, setting: Setting) -> Iterator[tuple[str, ast.expr]]:
    if not isinstance(node, ast.Call):
        return
    for argument in node.args:
        yield "call dropped", argument
    if isinstance(node.func, ast.Attribute) and ast.unparse(node.func.value) not in ("self", "cls"):
        owner = node.func.value
        if not (isinstance(owner, ast.Name) and owner.id in setting.functions and owner.id not in setting.variables):
            yield "call dropped", owner
    for i, j in combinations(range(len(node.args)), 2):
        swapped = list(node.args)
        swapped[i], swapped[j] = swapped[j], swapped[i]
        yield "arguments swapped", ast.Call(node.func, swapped, node.keywords)
    for place in range(len(node.keywords)):
        yield "argument dropped", ast.Call(node.func, node.args, node.keywords[:place] + node.keywords[place + 1 :])
    if not isinstance(node.func, ast.Name):
        return
    if node.func.id in INSTEAD:
        yield "function", ast.Call(ast.Name(INSTEAD[node.func.id], ast.Load()), node.args, node.keywords)
    if node.func.id == "len":
        for shift in (1, -1):
            yield "off by one", ast.BinOp(node, ast.Add(), ast.Constant(shift))
    if node.func.id == "range":
        for place, argument in enumerate(node.args):
            for shift in (1, -1):
                moved = ast.BinOp(argument, ast.Add(), ast.Constant(shift))
                yield (
                    "off by one",
                    ast.Call(node.func, [*node.args[:place], moved, *node.args[place + 1 :]], node.keywords),
                )


def _of_collection(node: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    if isinstance(node, (ast.List, ast.Tuple, ast.Set)):
        for place in range(len(node.elts)):
            rest = node.elts[:place] + node.elts[place + 1 :]
            if rest or not isinstance(node, ast.Set):
                new = ast.Set(rest) if isinstance(node, ast.Set) else type(node)(rest, ast.Load())
                yield "entry dropped", new
    if isinstance(node, ast.Dict):
        for place in range(len(node.keys)):
            keys, values = ([*part[:place], *part[place + 1 :]] for part in (node.keys, node.values))
            yield "entry dropped", ast.Dict(keys, values)
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Slice):
        for field in ("lower", "upper", "step"):
            if getattr(node.slice, field) is not None:
                parts = {name: getattr(node.slice, name) for name in ("lower", "upper", "step") if name != field}
                yield "bound dropped", ast.Subscript(node.value, ast.Slice(**parts), ast.Load())
    elif isinstance(node, ast.Subscript) and isinstance(node.slice, (ast.Name, ast.BinOp)):
        for shift in (1, -1):
            yield (
                "off by one",
                ast.Subscript(node.value, ast.BinOp(node.slice, ast.Add(), ast.Constant(shift)), ast.Load()),
            )
    if isinstance(node, (ast.ListComp, ast.SetComp, ast.GeneratorExp)) and node.generators[0].ifs:
        first = node.generators[0]
        for place in range(len(first.ifs)):
            kept = ast.comprehension(
                first.target, first.iter, first.ifs[:place] + first.ifs[place + 1 :], first.is_async
            )
            yield "condition dropped", type(node)(node.elt, [kept, *node.generators[1:]])


def _of_array(node: ast.expr, np: str) -> Iterator[tuple[str, ast.expr]]:
    text = ast.unparse(node)
    yield "transposed", ast.Attribute(node, "T", ast.Load())
    for axis in ("0", "1"):
        yield "summed", ast.parse(f"{np}.sum({text}, axis={axis}, keepdims=True)", mode="eval").body
    yield "averaged", ast.parse(f"{np}.mean({text})", mode="eval").body
    for row in ("1:", ":-1"):
        yield "off by one", ast.parse(f"({text})[{row}]", mode="eval").body
