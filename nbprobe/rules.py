"""Rules about the code itself, such as "without a loop", made and published like probes.

What counts is the text of the answer. In a check it is that of the cells that ran; while grading, it is read by the
judge, and what the process of the submission says of it is thrown away.
"""

import functools
import inspect
from collections.abc import Callable, Sequence
from typing import Any

from nbprobe import runs
from nbprobe.code_rules import judge_definitions
from nbprobe.definitions import Definitions, definitions
from nbprobe.errors import FormError
from nbprobe.evidence import Raw
from nbprobe.kinds import Code
from nbprobe.probe import is_asked, publish, require_points_of_main
from nbprobe.reasons import RTOL
from nbprobe.rule import Rule, sentence_of
from nbprobe.wire import decode, encode

KEPT = ("name", "points", "inputs")
"""What stays of a rule's evidence when it is judged anew."""


def uses(
    f: Callable[..., Any],
    name: str = "",
    *,
    loops: bool | None = None,
    calls: Sequence[str] = (),
    avoids: Sequence[str] = (),
    recursion: bool | None = None,
    points: float = 0.0,
    core: bool = False,
    advice: str = "",
) -> None:
    """Judge a function of the notebook by its text. Does nothing outside of grading and of checks.

    What it calls counts, too, if it was defined in the notebook and isn't a part of the exercise.

    Parameters
    ----------
    f
        The function, method or class.
    name
        What a student reads, for example "no loop". Different for each probe of a cell.
    loops
        False: no loop, no comprehension, no ``map`` or ``np.vectorize``. True: one of these.
    calls, avoids
        Functions that must be called, or mustn't be used: ``np.exp``, ``sorted``, ``list.sort`` (any method of that
        name), ``self.sigmoid``. To avoid a module is to avoid all that is in it.
    recursion
        Whether it must call itself (True), or mustn't (False).
    points, core
        As of a probe.
    advice
        What a student reads behind what was found; without points, in place of it.

    Raises
    ------
    ValueError
        If there is no rule in it.
    """
    if loops is None and recursion is None and not calls and not avoids:
        raise ValueError("a rule must ask for something: loops, calls, avoids or recursion")
    require_points_of_main(name or "a rule", points, core)
    if not is_asked():
        return
    of = _name_of(f)
    rule = Rule(of, loops, tuple(calls), tuple(avoids), recursion, tuple(each for each in runs.apart() if each != of))
    about = {"name": name or _in_words(rule), "points": points, "core": core, "rtol": RTOL, "advice": advice}
    asked = [about["name"], points, "rule", loops, list(calls), list(avoids), recursion]
    publish({**about, "rule": rule.as_data(), **_found(rule, definitions(runs.texts()))}, asked)


def judged_anew(expected: Raw, got: Raw, read: Callable[[], Definitions]) -> Raw:
    """The evidence, but that of rules is what the text of the cells says, and not what was published.

    Parameters
    ----------
    expected : evidence of the solution, which has the rules
    read : gives what the cells define that ran before
    """
    rules = {right["name"]: Rule.from_data(right["rule"]) for right in expected if "rule" in right}
    if not rules:
        return got
    known, found = read(), dict[str, dict[str, Any]]()
    for raw in got:
        name = str(raw.get("name"))
        if name in rules and name not in found:  # once, however often the process published it
            found[name] = _found(rules[name], known)
    return [
        {**{key: raw[key] for key in KEPT if key in raw}, **found[name]}
        if (name := str(raw.get("name"))) in rules
        else raw
        for raw in got
    ]


def broken(raw: dict[str, Any]) -> str:
    """Why the rule isn't kept that this is the evidence of; "" if it is, or if there is no rule."""
    try:
        found = decode(raw["value"]) if "rule" in raw and "value" in raw else None
    except FormError:
        return ""
    return sentence_of(found.breaks[0]).text if isinstance(found, Code) and found.breaks else ""


def _found(rule: Rule, known: Definitions) -> dict[str, Any]:
    found = judge_definitions(rule, known)
    if isinstance(found, str):
        return {"error": found, "message": ""}
    return {"value": encode(found), "changed": False}


def _name_of(f: Any) -> str:
    """The qualified name of a function, method or class, or ""."""
    try:
        while isinstance(f, functools.partial):
            f = f.func
        f = inspect.unwrap(getattr(f, "pyfunc", f))
        name = getattr(f, "__qualname__", None) or f"{type(f).__qualname__}.__call__"
        return str(name).rpartition("<locals>.")[2]
    except Exception:  # an object of the student's that resists; the solution's name counts
        return ""


def _in_words(rule: Rule) -> str:
    parts = {None: [], True: ["a loop"], False: ["no loop"]}[rule.loops]
    parts += {None: [], True: ["calls itself"], False: ["doesn't call itself"]}[rule.recursion]
    parts += [f"calls {', '.join(rule.calls)}"] if rule.calls else []
    parts += [f"without {', '.join(rule.avoids)}"] if rule.avoids else []
    return "; ".join(parts)
