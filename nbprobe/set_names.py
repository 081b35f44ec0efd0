"""The names that a statement sets, and what they may stand for then."""

import ast
from collections.abc import Iterator

from nbprobe.code_facts import Part, children, dotted, imported, walked


def set_otherwise(statement: ast.stmt) -> Iterator[str]:
    """The names that a statement itself sets or deletes, but not by a simple assignment: what they are isn't read."""
    waiting: list[ast.AST] = list(ast.iter_child_nodes(statement))
    if isinstance(statement, (ast.Assign, ast.AnnAssign)):
        simple = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
        apart = {id(node) for node in simple if not isinstance(node, (ast.Tuple, ast.List))}
        waiting = [node for node in waiting if id(node) not in apart]
    while waiting:
        node = waiting.pop()
        if isinstance(node, (ast.stmt, ast.Lambda)):
            continue  # it comes by itself, or has names of its own
        if isinstance(node, (ast.Name, ast.Attribute)) and not isinstance(node.ctx, ast.Load):
            name = dotted(node)
        elif isinstance(node, (ast.ExceptHandler, ast.MatchAs, ast.MatchStar)):
            name = node.name or ""
        else:
            name = (node.rest or "") if isinstance(node, ast.MatchMapping) else ""
        if name and not name.startswith("?"):
            yield name
        # the variable of a comprehension is its own
        inside = [node.iter, *node.ifs] if isinstance(node, ast.comprehension) else children(node)
        waiting += inside


def set_from_within(statement: ast.stmt) -> set[str]:
    """The names of the notebook that a function sets, if it is called."""
    if not isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return set()
    declared, bound = set[str](), set[str]()
    for node in walked(statement):
        if isinstance(node, ast.Global):
            declared.update(node.names)
        elif isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            bound.add(node.id)
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)) and node is not statement:
            bound.add(node.name)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            bound.update(name for name, _ in imported(node))
    return declared & bound


def pairs(target: ast.expr, value: ast.expr) -> Iterator[tuple[ast.expr, ast.expr]]:
    """Each target with its value, also where several are set at once."""
    if isinstance(target, ast.Tuple | ast.List) and isinstance(value, ast.Tuple | ast.List):
        pairs = list(zip(target.elts, value.elts, strict=False))
        are_all = len(pairs) == len(target.elts) == len(value.elts)
        if are_all and not any(isinstance(each, ast.Starred) for pair in pairs for each in pair):
            yield from pairs
            return
    yield target, value


class FunctionsIn(dict[ast.expr, list[Part]]):
    """The functions that a value may be, or that a list or a dict holds: gone through once, however many names it gets
    at once."""

    def __missing__(self, value: ast.expr) -> list[Part]:
        found: list[Part] = []
        waiting = [value]
        while waiting:
            part = waiting.pop()
            if isinstance(part, (ast.Name, ast.Attribute, ast.Lambda)):
                found.append(part)
            waiting += reversed(_parts(part))
        self[value] = found
        return found


def _parts(value: ast.expr) -> list[ast.expr]:
    """One of which a value is, or all that it holds."""
    match value:
        case ast.Dict() | ast.BoolOp():
            return value.values
        case ast.List() | ast.Tuple() | ast.Set():
            return value.elts
        case ast.IfExp():
            return [value.body, value.orelse]
        case ast.Subscript() | ast.NamedExpr() | ast.Starred():
            return [value.value]
    return []
