"""What the cells of a notebook define, read from their text: functions, methods, classes, other names for them."""

import ast
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from nbprobe.cell_trees import MAX_CELL, MAX_LETTERS, MAX_NAME, parsed
from nbprobe.code_facts import Facts, Part, children, dotted, imported, walked
from nbprobe.stars import STARS

MAX_CLASSES = 50
"""So many are looked through for a method."""
MAX_WRAPPED = 20
"""So often a function may be wrapped into another one by a call."""
USUAL = {"np": "numpy", "pd": "pandas", "plt": "matplotlib.pyplot"}


@dataclass
class Definitions:
    """What cells define, each of them after those before it.

    Attributes
    ----------
    functions : the text of each function, by its qualified name: what it is now, and what that was made from
    bases : names of the classes from which each class is derived
    aliases : what other names stand for, with dots
    everything : modules of which all names were imported, each once, numbered in their order: the last one counts
    members : what was set within each class
    steps : names that rules have looked up in these cells, classes looked through for them, functions found by them
    """

    functions: dict[str, list[Part]] = field(default_factory=dict)
    bases: dict[str, list[str]] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)
    everything: dict[str, int] = field(default_factory=dict)
    members: dict[str, dict[str, None]] = field(default_factory=dict)
    steps: int = 0
    _facts: dict[Part, Facts] = field(default_factory=dict)

    def facts(self, part: Part) -> Facts:
        """What stands in one of the functions, which is read once for all rules."""
        if part not in self._facts:
            self._facts[part] = Facts.of(part)
        return self._facts[part]

    def method(self, owner: str, name: str, beyond: bool = False) -> str:
        """The qualified name of a method that a class has or inherits, or "".

        Parameters
        ----------
        beyond
            Whether its own methods don't count, as with ``super()``.
        """
        waiting, seen = [owner], set[str]()
        while waiting and len(seen) < MAX_CLASSES:
            each = waiting.pop(0)
            self.steps += 1
            if each in seen:
                continue
            if f"{each}.{name}" in self.functions and not (beyond and each == owner):
                return f"{each}.{name}"
            if f"{each}.{name}" in self.aliases and not (beyond and each == owner):
                return self.aliases[f"{each}.{name}"]
            seen.add(each)
            waiting += [base for base in self.bases.get(each, []) if base not in seen]
        return ""

    def methods_of(self, owner: str, inherited: bool = True) -> list[str]:
        """The qualified names of the methods that a class has and, if asked for, inherits."""
        waiting, seen, found = [owner], set[str](), dict[str, str]()
        while waiting and len(seen) < MAX_CLASSES:
            each = waiting.pop(0)
            members = self.members.get(each, {}) if each not in seen else {}
            self.steps += 1 + len(members)
            for name in members:
                found.setdefault(name.rpartition(".")[2], self.aliases.get(name, name))
            seen.add(each)
            waiting += [base for base in self.bases.get(each, []) if inherited and base not in seen]
        return [name for name in dict.fromkeys(found.values()) if name in self.functions]

    def set_name(self, name: str) -> None:
        """Forget what a name stood for before, as it is set anew."""
        waiting = [name]
        while waiting:
            each = waiting.pop()
            for known in (self.functions, self.aliases, self.bases):
                known.pop(each, None)
            waiting += self.members.pop(each, {})
        owner = name.rpartition(".")[0]
        if owner:
            self.members.setdefault(owner, {})[name] = None

    def set_all_of(self, module: str) -> None:
        """Forget what the names of a module stood for before, as all of them are imported."""
        for known in (self.functions, self.aliases, self.bases):
            for name in known.keys() & STARS.get(module, frozenset()):
                self.set_name(name)
        last = next(reversed(self.everything.values()), -1)
        self.everything.pop(module, None)
        self.everything[module] = last + 1


class Reader:
    """Reads cells in the order in which they ran, each once. A text that is no Python defines nothing."""

    def __init__(self) -> None:
        self._found, self._letters = Definitions(), 0

    def read(self, text: str) -> bool:
        """Note what one more cell defines. Whether it could be read."""
        self._letters += len(text) if len(text) <= MAX_CELL else 0
        tree = None if self._is_too_much else parsed(text)
        for statement in _flat(tree.body if tree else []):
            _add(self._found, statement, "")
        return tree is not None

    @property
    def _is_too_much(self) -> bool:
        return self._letters > MAX_LETTERS

    @property
    def found(self) -> Definitions:
        """What the cells define until now."""
        return Definitions() if self._is_too_much else self._found


def definitions(texts: Iterable[str]) -> Definitions:
    """What these cells define, in the order in which they ran."""
    reader = Reader()
    for text in texts:
        reader.read(text)
    return reader.found


@lru_cache(maxsize=500)  # hundreds of known ways run among the same other cells
def bound_names(text: str) -> tuple[str, ...]:
    """The names that a cell sets at its outermost level, also those of methods that it sets from outside."""
    found = definitions([text])
    return tuple(dict.fromkeys([*found.functions, *found.bases, *found.aliases, *found.everything]))


def _flat(statements: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements, and those within conditions, loops and the like."""
    waiting = list(reversed(statements))
    while waiting:
        statement = waiting.pop()
        yield statement
        if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            continue
        inner = [handler.body for handler in getattr(statement, "handlers", [])]
        inner += [case.body for case in getattr(statement, "cases", [])]
        for body in (*inner, *(getattr(statement, name, []) for name in ("finalbody", "orelse", "body"))):
            waiting += reversed(body)


def _add(found: Definitions, statement: ast.stmt, owner: str) -> None:
    """What a statement of a cell defines, or of the class ``owner`` in it."""
    for name in _set_otherwise(statement):
        found.set_name(owner + name)
    for name in _set_from_within(statement):
        found.set_name(name)
    if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef)):
        found.set_name(owner + statement.name)
        found.functions[owner + statement.name] = [statement]
    elif isinstance(statement, ast.ClassDef):
        _add_class(found, statement, owner + statement.name)
    elif isinstance(statement, (ast.Import, ast.ImportFrom)):
        for name, meant in imported(statement):
            if name == "*":
                found.set_all_of(meant.removesuffix(".*"))
            else:
                found.set_name(owner + name)
                found.aliases[owner + name] = meant
    elif isinstance(statement, ast.Assign):
        functions_in = _FunctionsIn()
        for target in statement.targets:
            for each, value in _pairs(target, statement.value):
                _assign(found, each, value, owner, functions_in)
    elif isinstance(statement, ast.AnnAssign) and statement.value is not None:
        _assign(found, statement.target, statement.value, owner, _FunctionsIn())


def _set_otherwise(statement: ast.stmt) -> Iterator[str]:
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


def _set_from_within(statement: ast.stmt) -> set[str]:
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


def _pairs(target: ast.expr, value: ast.expr) -> Iterator[tuple[ast.expr, ast.expr]]:
    """Each target with its value, also where several are set at once."""
    if isinstance(target, ast.Tuple | ast.List) and isinstance(value, ast.Tuple | ast.List):
        pairs = list(zip(target.elts, value.elts, strict=False))
        are_all = len(pairs) == len(target.elts) == len(value.elts)
        if are_all and not any(isinstance(each, ast.Starred) for pair in pairs for each in pair):
            yield from pairs
            return
    yield target, value


def _add_class(found: Definitions, statement: ast.ClassDef, name: str) -> None:
    if len(name) > MAX_NAME:
        return  # all that it sets would have it in front
    bases = [base for base in map(dotted, statement.bases) if base]
    if name in bases:  # it goes on with what an earlier cell began
        bases = [*found.bases.get(name, []), *(base for base in bases if base != name)]
    else:
        found.set_name(name)
    found.bases[name] = list(dict.fromkeys(bases))[:MAX_CLASSES]
    for inner in _flat(statement.body):
        _add(found, inner, f"{name}.")


class _FunctionsIn(dict[ast.expr, list[Part]]):
    """What a list or a dict holds that may be a function: gone through once, however many names it gets at once."""

    def __missing__(self, value: ast.expr) -> list[Part]:
        parts: list[ast.expr] = value.values if isinstance(value, ast.Dict) else getattr(value, "elts", [])
        self[value] = [part for part in parts if isinstance(part, (ast.Name, ast.Attribute, ast.Lambda))]
        return self[value]


def _assign(found: Definitions, target: ast.expr, value: ast.expr, owner: str, functions_in: _FunctionsIn) -> None:
    if isinstance(target, ast.Subscript) and isinstance(value, (ast.Name, ast.Attribute, ast.Lambda)):
        name = dotted(target.value)  # of a dict or a list, which has one function more
        if name and not name.startswith("?"):
            found.functions[owner + name] = [*found.functions.get(owner + name, [])[:MAX_WRAPPED], value]
        return
    name = dotted(target)
    if not name or name.startswith("?"):
        return
    name, meant, before = owner + name, dotted(value), found.functions.get(owner + name, [])
    if meant and "?" not in meant:
        meant = f"{owner}{meant}" if f"{owner}{meant}" in found.functions else meant
        if meant != name:
            found.set_name(name)
            found.aliases[name] = meant
    elif isinstance(value, (ast.Lambda, ast.Call)):
        found.set_name(name)
        if isinstance(value, ast.Lambda):
            before = []
        found.functions[name] = [value, *before] if len(before) < MAX_WRAPPED else before
    elif isinstance(value, (ast.Dict, ast.List, ast.Tuple, ast.Set)):
        found.set_name(name)
        if functions_in[value]:
            found.functions[name] = functions_in[value]
