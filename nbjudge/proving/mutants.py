"""Small changes to an answer, made by machine.

Each mutant is one answer with one change in its syntax tree: another operator, another constant, arguments swapped, a
call dropped, a condition turned around, a statement left out or done twice, and with numpy something transposed or
summed. They stand for the slips of people: where one goes unnoticed, so do theirs.
"""

import ast
import copy
import warnings
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import combinations

from nbjudge.proving.answer import Answer, numbered
from nbjudge.proving.same import is_the_same_twice
from nbjudge.proving.variants import Setting, setting_of, variants


@dataclass(frozen=True)
class Mutant:
    """A changed answer.

    Attributes
    ----------
    answer : name of the answer
    kind : kind of the change
    cell, text : ``grade_id`` of the cell that it is in, and its text as it now stands
    statement : the statement with the change in it, as it now stands
    """

    answer: str
    kind: str
    cell: str
    text: str
    statement: str

    @property
    def key(self) -> str:
        """What it is found by in the list of those that do the same as the solution."""
        return f"{self.answer}: {self.statement}"


def mutants_of(answers: Iterable[Answer], modules: Collection[str], numpy: str) -> list[Mutant]:
    """All mutants of some answers, each text once.

    Parameters
    ----------
    modules
        Names of modules that the notebook imports: nothing can stand in their place.
    numpy
        Under which name the notebook imports numpy, or "".
    """
    found: dict[tuple[str, str], Mutant] = {}
    for answer in answers:
        if answer.tree is None:
            continue
        seen = {ast.unparse(answer.tree)}
        for kind, changed, statement in _changes(answer, answer.tree, setting_of(answer, modules, numpy)):
            text = ast.unparse(ast.fix_missing_locations(changed))
            if text not in seen and _compiles(text):
                seen.add(text)
                found[answer.name, text] = Mutant(answer.name, kind, answer.cell, text, statement)
    numbers = numbered(mutant.key for mutant in found.values())  # statements in two places may look alike
    return [
        replace(mutant, statement=f"{mutant.statement}  ({number})") if number > 1 else mutant
        for mutant, number in zip(found.values(), numbers, strict=True)
    ]


def _compiles(text: str) -> bool:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of code that looks odd
            compile(text, "<mutant>", "exec")
    except (SyntaxError, ValueError):  # such as an assignment to a negated name
        return False
    return True


def _changes(answer: Answer, tree: ast.Module, setting: Setting) -> Iterator[tuple[str, ast.Module, str]]:
    """Every changed copy of the cell with the kind of the change and the statement that it is in."""
    for block, statements in _blocks(tree):
        own = [place for place, statement in enumerate(statements) if answer.holds(statement)]
        for place in own:
            statement = statements[place]
            if _is_docstring(statement):
                continue
            without, twice = list(statements), list(statements)
            del without[place]
            twice.insert(place, statement)
            yield "statement dropped", _with_block(tree, block, without), f"without {_head(statement)}"
            if not is_the_same_twice(statement, setting.numpy):
                yield "statement twice", _with_block(tree, block, twice), f"twice {_head(statement)}"
            for at, node in enumerate(_own_nodes(statement)):
                for kind, new in variants(node, setting):
                    changed = _replaced(statement, at, new)
                    whole = [*statements[:place], changed, *statements[place + 1 :]]
                    yield kind, _with_block(tree, block, whole), _head(changed)
        for i, j in combinations(own, 2):
            order = list(statements)
            order[i], order[j] = order[j], order[i]
            says = f"{_head(order[i])} in the place of {_head(order[j])}"
            yield "statements swapped", _with_block(tree, block, order), says


def _blocks(tree: ast.Module) -> Iterator[tuple[tuple[int, str], list[ast.stmt]]]:
    """Lists of statements, also those within others, by the number of their owner and the name of the field."""
    for number, node in enumerate(ast.walk(tree)):
        for name in ("body", "orelse", "finalbody"):
            statements = getattr(node, name, None)
            if isinstance(statements, list) and statements:
                yield (number, name), statements


def _with_block(tree: ast.Module, block: tuple[int, str], statements: list[ast.stmt]) -> ast.Module:
    """A copy of ``tree`` with other statements in one of its blocks."""
    copied = copy.deepcopy(tree)
    number, name = block
    owner = list(ast.walk(copied))[number]
    new = [copy.deepcopy(each) for each in statements]
    setattr(owner, name, new if new or name == "orelse" else [ast.Pass()])
    return copied


def _own_nodes(statement: ast.stmt) -> list[ast.AST]:
    """What is in a statement itself, and not in statements within it, in the order of ``ast.walk``."""
    inner = {
        id(node)
        for name in ("body", "orelse", "finalbody", "handlers")
        for each in (getattr(statement, name, None) or [])
        if isinstance(each, (ast.stmt, ast.ExceptHandler))
        for node in ast.walk(each)
    }
    return [node for node in ast.walk(statement) if id(node) not in inner]


def _replaced(statement: ast.stmt, at: int, new: ast.AST) -> ast.stmt:
    """A copy of ``statement`` in which one of its own nodes is ``new``."""
    changed = copy.deepcopy(statement)
    old = _own_nodes(changed)[at]
    if old is changed:
        return copy.deepcopy(new)  # type: ignore[return-value]
    for node in ast.walk(changed):
        for field, value in ast.iter_fields(node):
            if value is old:
                setattr(node, field, copy.deepcopy(new))
            elif isinstance(value, list):
                setattr(node, field, [copy.deepcopy(new) if each is old else each for each in value])
    return changed


def _is_docstring(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _head(statement: ast.stmt) -> str:
    """A statement in a line; of one that holds others, the line before them."""
    lines = ast.unparse(ast.fix_missing_locations(copy.deepcopy(statement))).split("\n")
    if not hasattr(statement, "body"):
        return "\n".join(lines)
    return next((line for line in lines if not line.startswith("@")), lines[0])
