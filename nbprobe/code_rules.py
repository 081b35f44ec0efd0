"""Judges rules about the code itself by the text of an answer. Nothing here runs what it reads.

A rule reads the text; whoever wants to hide what a function does, from ``exec`` to names put together at run time, can.
Where that is seen, the rule isn't kept.
"""

import ast
import builtins
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from nbprobe.cell_trees import MAX_NAME
from nbprobe.code_facts import Facts
from nbprobe.definitions import USUAL, Definitions, definitions
from nbprobe.kinds import Break, Code
from nbprobe.rule import Rule
from nbprobe.stars import STARS

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
MAX_BREAKS = 10
MAX_WAY = 100
MAX_STEPS, MAX_ALL_STEPS = 50_000, 200_000
"""Names that are looked up, and functions that they stand for: for one rule, and for all rules of a notebook together.
Of code with more, nothing is known."""


@dataclass
class _Seen:
    """What was found in a function and in those that it calls: the first place of each kind, or of each name.

    It is looked until the steps of all rules are at ``end``.
    """

    end: int
    breaks: dict[str, Break] = field(default_factory=dict)
    used: dict[str, Break] = field(default_factory=dict)
    called: set[str] = field(default_factory=set)
    done: set[str] = field(default_factory=set)

    def note(self, place: Break) -> None:
        """Keep the place of a loop or of a recursion, if it is the first one."""
        self.breaks.setdefault(place.kind, place)


def judge_code(rule: Rule, texts: Sequence[str]) -> Code | str:
    """What ``judge_definitions`` says of cells with these texts, in the order in which they ran."""
    return judge_definitions(rule, definitions(texts))


def judge_definitions(rule: Rule, known: Definitions) -> Code | str:
    """Where the rule isn't kept; or, of a function that isn't written, the name of the error that stands there."""
    seen = _Seen(min(known.steps + MAX_STEPS, MAX_ALL_STEPS))
    if known.steps > seen.end:
        return Code((Break("unseen", rule.of),))
    name = _target(known, rule.of)
    parts = {name: known.functions[name]} if name in known.functions else {}
    if name in known.bases:
        parts = {each: known.functions[each] for each in known.methods_of(name, inherited=False)}
    if not parts:
        return Code((Break("unseen", rule.of),))
    for part, *_ in parts.values():
        if error := known.facts(part).instead:
            return error
    inherited = known.methods_of(name) if name in known.bases else []
    for each in dict.fromkeys([*parts, *(other for other in inherited if other not in rule.apart)]):
        _look(known, rule, each, name if name in known.bases else rule.of.rpartition(".")[0], [], seen)
    if known.steps > seen.end:
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
    for asked, kind in ((rule.loops, "loop"), (rule.recursion, "recursion")):
        if asked is False and kind in seen.breaks:
            yield seen.breaks[kind]
        if asked and kind not in seen.breaks:
            yield Break(f"no {kind}")
    for name in rule.calls:
        if not any(map(_which_means(name, owner), seen.called)):
            yield Break("not called", name)
    for name in rule.avoids:
        if (meant := next(filter(_which_means(name, owner), seen.used), None)) is not None:
            yield seen.used[meant]._replace(kind="avoided", about=name)
    if rule.loops is False or rule.recursion is False or rule.avoids:
        yield from [place._replace(kind="unclear") for meant, place in seen.used.items() if meant in UNCLEAR][:1]


def _which_means(asked: str, owner: str) -> Callable[[str], bool]:
    """Whether a name, as it was found, is what a rule asks for; of a module, all that is in it."""
    first, _, rest = asked.removeprefix("builtins.").partition(".")
    name = f"{USUAL.get(first, first)}.{rest}" if rest else USUAL.get(first, first)
    same, within = {name, f"builtins.{name}"}, (f"{name}.", f"builtins.{name}.")
    of_anything = f".{rest}" if rest and first in BUILTIN else ""  # list.sort is any method of that name
    if first == "self" and owner and rest:
        same.add(f"{owner}.{rest}")

    def means(found: str) -> bool:
        if found in same or found.startswith(within):
            return True
        is_of_something = found.startswith("?.") or (found.startswith("self.") and found.count(".") > 1)
        return is_of_something and bool(of_anything) and found.endswith(of_anything)

    return means


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
        known.steps += 1
        facts = known.facts(part)
        scope = _Scope(known, facts, owner, name.rpartition(".")[0] or owner)
        followed = set[str]()
        for kind, found, line in facts.places.values():
            known.steps += 1
            if known.steps > seen.end:
                return
            place = Break("loop", "", found, where, line)
            if kind != "name":
                seen.note(place._replace(kind=kind))
                continue
            meant = scope.meant(found)
            seen.used.setdefault(meant, place)
            if found in facts.called:
                seen.called.add(meant)
            if meant in LOOPING:
                seen.note(place)
            if meant in followed:
                continue
            followed.add(meant)
            for other in scope.functions(meant):
                known.steps += 1
                if isinstance(known.functions[other][0], ast.Call) and found not in facts.called_here:
                    continue  # what a call made is a function only where it is called, and else data
                if other in (name, *way):
                    seen.note(place._replace(kind="recursion"))
                elif other not in rule.apart:
                    is_own = meant.startswith(("self.", "super."))
                    _look(known, rule, other, owner if is_own else other.rpartition(".")[0], [*way, name], seen)


class _Scope:
    """What names mean within a function: of the class ``written_in``, and called for an object of ``owner``."""

    def __init__(self, known: Definitions, facts: Facts, owner: str, written_in: str) -> None:
        self._known, self._owner, self._written_in = known, owner, written_in
        self._own, self._object = facts.own, facts.first if owner else ""

    def meant(self, name: str) -> str:
        """What a name stands for, with dots, for example ``numpy.exp``."""
        written = name
        for meanings in (self._own, self._known.aliases):
            for _ in range(5):
                first, dot, rest = name.partition(".")
                is_object = meanings is self._own and first == self._object
                meaning = "self" if is_object else meanings.get(first, first)
                if meaning == first or first == "?":
                    break
                name = (meaning + dot + rest)[:MAX_NAME]  # a letter may stand for thousands
        first, dot, rest = name.partition(".")
        known = (self._own, self._known.aliases, self._known.functions, self._known.bases)
        if name != written or first == self._object or any(first in each for each in known):
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
        meant = self._known.aliases.get(meant, meant)  # what an attribute of a function or of a module was set to
        if meant in self._known.bases:
            return self._known.methods_of(meant)
        return [meant] if meant in self._known.functions else []
