"""What stands in a function, read from its text once, whatever its names mean and however many rules ask."""

import ast
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

LOOPS: dict[type[ast.AST], str] = {
    ast.For: "for",
    ast.AsyncFor: "async for",
    ast.While: "while",
    ast.ListComp: "[… for …]",
    ast.SetComp: "{… for …}",
    ast.DictComp: "{…: … for …}",
    ast.GeneratorExp: "(… for …)",
}
MAX_DOTS = 20
"""What stands behind more dots is no name."""

Part = ast.FunctionDef | ast.AsyncFunctionDef | ast.expr
"""A function, or what a name was set to, such as a lambda or ``np.vectorize(f)``."""


class Place(NamedTuple):
    """Where something stands. ``kind`` is "loop", "recursion" (of a function within), or "name" (that is used)."""

    kind: str
    found: str
    line: int


@dataclass
class Facts:
    """What stands in a function.

    Attributes
    ----------
    places : the first of each loop, recursion and name, in the order of ``ast.walk``
    called : the names of what is called, or handed to what is called
    called_here : the names of what is called
    own : what the names that it sets itself stand for, "?" if that isn't read
    first : the argument that is the object, if this is a method; else ""
    instead : the error that stands where a function isn't written yet; else ""
    """

    places: dict[tuple[str, str], Place] = field(default_factory=dict)
    called: set[str] = field(default_factory=set)
    called_here: set[str] = field(default_factory=set)
    own: dict[str, str] = field(default_factory=dict)
    first: str = ""
    instead: str = ""

    @classmethod
    def of(cls, part: Part) -> "Facts":
        """Those of a function. All of it is gone through once."""
        facts = cls(first=_first(part), instead=_instead(part))
        is_function = isinstance(part, (ast.FunctionDef, ast.AsyncFunctionDef))
        for node, around in _walked(part):
            facts._note_use(node, around)
            if node is not part and not isinstance(node, ast.Attribute):
                facts._note_own(node)
            if is_function and isinstance(node, ast.Raise) and _raised(node) == "NotImplementedError":
                facts.instead = "NotImplementedError"
        return facts

    def _note_use(self, node: ast.AST, around: frozenset[str]) -> None:
        if isinstance(node, (ast.Name, ast.Attribute)):
            if isinstance(node.ctx, ast.Load) and (name := dotted(node)):
                self._note("name", name, node)
        elif isinstance(node, ast.Call):
            if isinstance(node.func, ast.Name) and node.func.id in around:
                self._note("recursion", node.func.id, node)
            self.called_here.add(dotted(node.func))
            self.called.update(map(dotted, (node.func, *node.args, *(keyword.value for keyword in node.keywords))))
        elif kind := LOOPS.get(type(node)):
            self._note("loop", kind, node)

    def _note(self, kind: str, found: str, node: ast.AST) -> None:
        key = (kind, found if kind == "name" else "")
        if key not in self.places:
            self.places[key] = Place(kind, found, int(getattr(node, "lineno", 0)))

    def _note_own(self, node: ast.AST) -> None:
        if isinstance(node, ast.Name):
            if isinstance(node.ctx, ast.Store):
                self.own.setdefault(node.id, "?")
        elif isinstance(node, ast.arg):
            self.own[node.arg] = "?"
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            self.own[node.name] = "?"
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            self.own |= dict(imported(node))
        elif isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
            name, meant = node.targets[0].id, dotted(node.value)
            if meant and meant != name:
                self.own[name] = meant


def dotted(node: ast.AST) -> str:
    """A name with dots, as it is written; "?" stands for what is no name. For anything else ""."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
        if len(parts) > MAX_DOTS:
            return ""
    if isinstance(node, ast.Name):
        parts.append(node.id)
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "super":
        parts.append("super")
    elif parts:
        parts.append("?")
    return ".".join(reversed(parts))


def imported(statement: ast.Import | ast.ImportFrom) -> Iterator[tuple[str, str]]:
    """The names that an import sets, and what they stand for; ``*`` stands for all."""
    for alias in statement.names:
        if isinstance(statement, ast.ImportFrom):
            yield alias.asname or alias.name, f"{statement.module or ''}.{alias.name}"
        elif alias.asname:
            yield alias.asname, alias.name
        else:
            top = alias.name.partition(".")[0]
            yield top, top


def walked(tree: ast.AST) -> Iterator[ast.AST]:
    """As ``ast.walk``, in half the time: without what is in each name, which is whether it is set or used."""
    waiting = deque([tree])
    while waiting:
        node = waiting.popleft()
        waiting += children(node)
        yield node


def children(node: ast.AST) -> Iterable[ast.AST]:
    """The parts of a part of a tree, but not whether a name is set or used."""
    if isinstance(node, ast.Attribute):
        return (node.value,)
    return () if isinstance(node, (ast.Name, ast.Constant)) else ast.iter_child_nodes(node)


def _walked(part: Part) -> Iterator[tuple[ast.AST, frozenset[str]]]:
    """The same, each with the names of the functions within ``part`` that it stands in.

    Each is looked at once: functions may stand in one another, a hundred deep.
    """
    waiting: deque[tuple[ast.AST, frozenset[str]]] = deque([(part, frozenset())])
    while waiting:
        node, around = waiting.popleft()
        yield node, around
        inner, body = around, set[int]()
        if node is not part and isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            inner, body = around | {node.name}, set(map(id, node.body))
        for child in children(node):
            waiting.append((child, inner if id(child) in body else around))


def _first(part: Part) -> str:
    if not isinstance(part, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
        return ""
    arguments = part.args.posonlyargs + part.args.args
    is_static = "staticmethod" in map(dotted, getattr(part, "decorator_list", []))
    return arguments[0].arg if arguments and not is_static else ""


def _instead(part: Part) -> str:
    """The error that is all that stands in a function, or that it leads to if nothing does; else ""."""
    if not isinstance(part, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return ""
    empty = {name for statement in part.body if _is_none_set(statement) for name in _targets(statement)}
    body = [statement for statement in part.body if not _is_nothing(statement, empty)]
    if len(body) == 1 and isinstance(body[0], ast.Raise):
        return _raised(body[0])
    return "" if body else "NotImplementedError"


def _raised(statement: ast.Raise) -> str:
    error = statement.exc.func if isinstance(statement.exc, ast.Call) else statement.exc
    return (dotted(error) if error is not None else "") or "RuntimeError"


def _is_nothing(statement: ast.stmt, empty: set[str]) -> bool:
    """Whether a statement does nothing: a text, pass, a name that is set to None, or None returned."""
    if isinstance(statement, ast.Return):
        value = statement.value
        return value is None or _is_none(value) or (isinstance(value, ast.Name) and value.id in empty)
    return (
        _is_none_set(statement)
        or isinstance(statement, ast.Pass)
        or (isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant))
    )


def _is_none_set(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Assign) and _is_none(statement.value)


def _targets(statement: ast.stmt) -> list[str]:
    return [dotted(target) for target in getattr(statement, "targets", [])]


def _is_none(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and value.value is None
