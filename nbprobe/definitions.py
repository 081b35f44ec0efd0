"""What the cells of a notebook define, read from their text: functions, methods, classes, other names for them."""

import ast
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from nbprobe.cell_trees import MAX_CELL, MAX_LETTERS, MAX_NAME, parsed
from nbprobe.code_facts import Facts, Part, dotted, imported
from nbprobe.set_names import FunctionsIn, pairs, set_from_within, set_otherwise
from nbprobe.stars import STARS

MAX_CLASSES = 50
"""So many are looked through for a method."""
MAX_WRAPPED = 20
"""So often a function may be wrapped into another one by a call."""
NUMBER = re.compile(r"[0-9][0-9_.]*")
"""Counts as one letter: cells of numbers are long, and quickly read."""
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
    _also: dict[str, dict[str, None]] = field(default_factory=dict)
    """Other names that were given to each function."""

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
            parts = self.functions.pop(each, [])
            for other in self._also.pop(each, {}):
                if parts and self.aliases.get(other) == each:  # it still stands for what this one was
                    del self.aliases[other]
                    self.functions[other] = parts
            for known in (self.aliases, self.bases):
                known.pop(each, None)
            waiting += self.members.pop(each, {})
        owner = name.rpartition(".")[0]
        if owner:
            self.members.setdefault(owner, {})[name] = None

    def set_alias(self, name: str, meant: str) -> None:
        """Let a name stand for what another one stands for now."""
        self.set_name(name)
        self.aliases[name] = meant
        self._also.setdefault(meant, {})[name] = None

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
        self._letters += len(NUMBER.sub("0", text)) if len(text) <= MAX_CELL else 0
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
    for name in set_otherwise(statement):
        found.set_name(owner + name)
    for name in set_from_within(statement):
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
                found.set_alias(owner + name, meant)
    elif isinstance(statement, ast.Assign):
        functions_in = FunctionsIn()
        for target in statement.targets:
            for each, value in pairs(target, statement.value):
                _assign(found, each, value, owner, functions_in)
    elif isinstance(statement, ast.AnnAssign) and statement.value is not None:
        _assign(found, statement.target, statement.value, owner, FunctionsIn())


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


def _assign(found: Definitions, target: ast.expr, value: ast.expr, owner: str, functions_in: FunctionsIn) -> None:
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
            found.set_alias(name, meant)
    elif isinstance(value, (ast.Lambda, ast.Call)):
        found.set_name(name)
        if isinstance(value, ast.Lambda):
            before = []
        found.functions[name] = [value, *before] if len(before) < MAX_WRAPPED else before
    else:
        parts = functions_in[value]
        if len(parts) <= MAX_WRAPPED and name in map(dotted, parts):  # it may still be what it was
            parts = [*(part for part in parts if dotted(part) != name), *before[:MAX_WRAPPED]]
        found.set_name(name)
        if parts:
            found.functions[name] = parts
