"""Judges rules about the code itself by the text of an answer. Nothing here runs what it reads.

A rule reads the text; whoever wants to hide what a function does, from ``exec`` to names put together at run time, can.
Where that is seen, the rule isn't kept.
"""

import ast
import builtins
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from nbprobe.definitions import MAX_NAME, USUAL, Definitions, Part, definitions, dotted, imported
from nbprobe.kinds import Break, Code
from nbprobe.rule import Rule
from nbprobe.stars import STARS

LOOPS: dict[type[ast.AST], str] = {
    ast.For: "for",
    ast.AsyncFor: "async for",
    ast.While: "while",
    ast.ListComp: "[… for …]",
    ast.SetComp: "{… for …}",
    ast.DictComp: "{…: … for …}",
    ast.GeneratorExp: "(… for …)",
}
LOOPING = {
    "map",
    "filter",
    "functools.reduce",
    "itertools.accumulate",
    "itertools.starmap",
    "numpy.vectorize",
    "numpy.frompyfunc",
    "numpy.fromiter",
    "numpy.fromfunction",
    "numpy.apply_along_axis",
    "numpy.apply_over_axes",
}
"""Functions that call another one for each part of something."""
UNCLEAR = {"exec", "eval", "compile", "globals", "__import__", "importlib.import_module"}
BUILTIN = {name for name in dir(builtins) if isinstance(getattr(builtins, name), type)}
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
MAX_BREAKS = 10
MAX_WAY = 100
MAX_STEPS = 50_000
"""Names that are looked up, and functions that they stand for. Of code with more, nothing is known."""


@dataclass
class _Seen:
    """What was found in a function and in those that it calls."""

    loops: list[Break] = field(default_factory=list)
    recursion: list[Break] = field(default_factory=list)
    used: list[tuple[str, Break]] = field(default_factory=list)
    called: set[str] = field(default_factory=set)
    done: set[str] = field(default_factory=set)
    steps: int = 0


def judge_code(rule: Rule, texts: Sequence[str]) -> Code | str:
    """What ``judge_definitions`` says of cells with these texts, in the order in which they ran."""
    return judge_definitions(rule, definitions(texts))


def judge_definitions(rule: Rule, known: Definitions) -> Code | str:
    """Where the rule isn't kept; or, of a function that isn't written, the name of the error that stands there."""
    name = _target(known, rule.of)
    parts = {name: known.functions[name]} if name in known.functions else {}
    if name in known.bases:
        parts = {each: known.functions[each] for each in known.methods_of(name)}
    if not parts:
        return Code((Break("unseen", rule.of),))
    for part, *_ in parts.values():
        if error := _instead(part):
            return error
    seen = _Seen()
    for each in parts:
        _look(known, rule, each, name if name in known.bases else rule.of.rpartition(".")[0], [], seen)
    if seen.steps > MAX_STEPS:
        return Code((Break("unseen", rule.of),))
    return Code(tuple(_breaks(rule, seen))[:MAX_BREAKS])


def _target(known: Definitions, name: str) -> str:
    """The name under which the function of that name is defined, which may stand for another one by now."""
    for _ in range(10):
        owner, _, method = name.rpartition(".")
        name = known.aliases.get(name) or (known.method(owner, method) if owner else "") or name
    return name


def _breaks(rule: Rule, seen: _Seen) -> Iterator[Break]:
    owner = rule.of.rpartition(".")[0]
    if rule.loops is False:
        yield from seen.loops[:1]
    if rule.loops and not seen.loops:
        yield Break("no loop")
    if rule.recursion is False:
        yield from seen.recursion[:1]
    if rule.recursion and not seen.recursion:
        yield Break("no recursion")
    for asked in rule.calls:
        if not any(_is_meant(asked, called, owner) for called in seen.called):
            yield Break("not called", asked)
    for asked in rule.avoids:
        places = (place for name, place in seen.used if _is_meant(asked, name, owner))
        if (place := next(places, None)) is not None:
            yield place._replace(kind="avoided", about=asked)
    if rule.loops is False or rule.recursion is False or rule.avoids:
        unclear = (place for name, place in seen.used if name in UNCLEAR)
        if (place := next(unclear, None)) is not None:
            yield place._replace(kind="unclear")


def _is_meant(asked: str, name: str, owner: str) -> bool:
    """Whether ``name``, as it was found, is what a rule asks for; of a module, all that is in it."""
    first, _, rest = asked.removeprefix("builtins.").partition(".")
    asked = f"{USUAL.get(first, first)}.{rest}" if rest else USUAL.get(first, first)
    name = name.removeprefix("builtins.")
    if rest and first in BUILTIN and name == f"?.{rest}":  # list.sort is any method of that name
        return True
    if first == "self" and owner and name == f"{owner}.{rest}":
        return True
    return name == asked or name.startswith(f"{asked}.")


def _instead(part: Part) -> str:
    """The error that stands where a function isn't written yet, or can't be read; else ""."""
    if not isinstance(part, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return ""
    for node in ast.walk(part):
        if isinstance(node, ast.Raise) and _raised(node) == "NotImplementedError":
            return "NotImplementedError"
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


def _look(known: Definitions, rule: Rule, name: str, owner: str, way: list[str], seen: _Seen) -> None:
    """Note what is in a function, then in those that it calls.

    Parameters
    ----------
    owner : the class of which ``self`` is an object, or ""
    way : the functions that led here
    """
    if name in seen.done or len(way) > MAX_WAY:
        return
    seen.done.add(name)
    where = name if way else ""
    for part in known.functions[name]:
        scope = _Scope(known, part, owner, name.rpartition(".")[0] or owner)
        followed = set[str]()
        for node, around in _walked(part):
            if kind := LOOPS.get(type(node)):
                seen.loops.append(Break("loop", "", kind, where, _line(node)))
            if isinstance(node, ast.Call):
                if isinstance(node.func, ast.Name) and node.func.id in around:  # a function within calls itself
                    seen.recursion.append(Break("recursion", "", node.func.id, where, _line(node)))
                seen.called |= {scope.meant(each) for each in (node.func, *node.args, *_values(node))} - {""}
            if not isinstance(node, (ast.Name, ast.Attribute)) or not isinstance(node.ctx, ast.Load):
                continue
            meant = scope.meant(node)
            place = Break("loop", "", dotted(node), where, _line(node))
            seen.used.append((meant, place))
            if meant in LOOPING:
                seen.loops.append(place)
            if meant in followed:
                continue
            followed.add(meant)
            others = scope.functions(meant) if seen.steps <= MAX_STEPS else []
            seen.steps += 1 + len(others)
            for other in others:
                if other in (name, *way):
                    seen.recursion.append(place._replace(kind="recursion"))
                elif other not in rule.apart:
                    is_own = meant.startswith(("self.", "super."))
                    _look(known, rule, other, owner if is_own else other.rpartition(".")[0], [*way, name], seen)


def _walked(part: Part) -> Iterator[tuple[ast.AST, frozenset[str]]]:
    """All nodes, in the order of ``ast.walk``, each with the names of the functions within ``part`` that it stands in.

    Each is looked at once: functions may stand in one another, a hundred deep.
    """
    waiting: deque[tuple[ast.AST, frozenset[str]]] = deque([(part, frozenset())])
    while waiting:
        node, around = waiting.popleft()
        yield node, around
        inner, body = around, set[int]()
        if node is not part and isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            inner, body = around | {node.name}, set(map(id, node.body))
        waiting += ((child, inner if id(child) in body else around) for child in ast.iter_child_nodes(node))


def _values(node: ast.Call) -> list[ast.expr]:
    return [keyword.value for keyword in node.keywords]


def _line(node: ast.AST) -> int:
    return int(getattr(node, "lineno", 0))


class _Scope:
    """What names mean within a function: of the class ``written_in``, and called for an object of ``owner``."""

    def __init__(self, known: Definitions, part: Part, owner: str, written_in: str) -> None:
        self._known, self._owner, self._written_in = known, owner, written_in
        self._own: dict[str, str] = {}
        for node in ast.walk(part):
            if isinstance(node, ast.arg):
                self._own[node.arg] = "?"
            elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                self._own.setdefault(node.id, "?")
            elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node is not part:
                self._own[node.name] = "?"
            elif isinstance(node, (ast.Import, ast.ImportFrom)):
                self._own |= dict(imported(node))
            elif isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
                name, meant = node.targets[0].id, dotted(node.value)
                if meant and meant != name:
                    self._own[name] = meant
        arguments = part.args.posonlyargs + part.args.args if isinstance(part, FUNCTIONS) else []
        decorators = getattr(part, "decorator_list", [])
        if owner and arguments and "staticmethod" not in map(dotted, decorators):
            self._own[arguments[0].arg] = "self"

    def meant(self, node: ast.AST) -> str:
        """What a name stands for, with dots, for example ``numpy.exp``; "" if this is none."""
        name = dotted(node)
        for meanings in (self._own, self._known.aliases):
            for _ in range(5):
                first, dot, rest = name.partition(".")
                if meanings.get(first, first) == first or first == "?":
                    break
                name = (meanings[first] + dot + rest)[:MAX_NAME]  # a letter may stand for thousands
        first, dot, rest = name.partition(".")
        known = (self._own, self._known.aliases, self._known.functions, self._known.bases)
        if name != dotted(node) or any(first in each for each in known):
            return name
        everything = self._known.everything
        if from_stars := [module for module in STARS if module in everything and first in STARS[module]]:
            return f"{max(from_stars, key=everything.__getitem__)}.{name}"
        if dot and first not in USUAL and not hasattr(builtins, first) and first not in ("?", "self", "super"):
            return f"?.{rest}"  # of something that the notebook has
        return USUAL.get(first, first) + dot + rest

    def functions(self, meant: str) -> list[str]:
        """The functions of the notebook that a name stands for; of a class, all of its methods."""
        first, _, rest = meant.partition(".")
        method = rest.partition(".")[0]
        if first == "self" and rest and self._owner:
            meant = self._known.method(self._owner, method)
        elif first == "super" and rest and self._owner:
            meant = self._known.method(self._written_in, method, beyond=True)
        elif rest and first in self._known.bases:
            meant = self._known.method(first, rest)
        if meant in self._known.bases:
            return self._known.methods_of(meant)
        return [meant] if meant in self._known.functions else []
