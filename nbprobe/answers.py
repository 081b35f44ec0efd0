"""What the visible probes of a notebook give: the right results and those of known mistakes, in a file beside it.

The file is made from the instructor's notebook (``course outputs``) and holds data only. A sum over its content tells
whether it was changed, and the inputs of each probe whether it belongs to these probes.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from nbprobe.errors import FormError
from nbprobe.evidence import Raw, read_evidence
from nbprobe.wire import digest_of_text

SUFFIX = ".checks.json"
"""What follows the notebook's name in that of the file."""
FORM = 2


class AnswersError(Exception):
    """There are no answers that can be used. One sentence that says what to do."""


@dataclass(frozen=True)
class Answers:
    """What the visible probes of one test give.

    Attributes
    ----------
    solution : evidence of the right solution
    misconceptions : the sentence of each known mistake, and its evidence
    fragile : the remark on each way that is right enough, and its evidence
    points : the most that the test can give
    """

    solution: Raw
    misconceptions: list[tuple[str, Raw]]
    fragile: list[tuple[str, Raw]]
    points: float


def to_text(tests: Mapping[str, Answers], made_from: str) -> str:
    """The file's content. ``made_from`` is a sum over all that the answers were made from."""
    data = {
        name: {
            "solution": own.solution,
            "misconceptions": own.misconceptions,
            "fragile": own.fragile,
            "points": own.points,
        }
        for name, own in tests.items()
    }
    content = json.dumps(data, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    head = {"form": FORM, "made_from": made_from, "sum": digest_of_text(content)}
    return json.dumps(head)[:-1] + f',\n"tests": {content}}}\n'


@lru_cache(maxsize=4)  # a check reads the file anew, but not what it has read before
def from_text(text: str) -> dict[str, Answers]:
    """The answers of each test, by its name.

    Raises
    ------
    FormError
        If this isn't what ``to_text`` gives.
    """
    try:
        data = json.loads(text)
        tests, known = data["tests"], data["sum"]
        content = json.dumps(tests, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        if data["form"] != FORM or known != digest_of_text(content):
            raise FormError("the content isn't what was written")
        answers = {
            name: Answers(
                own["solution"],
                [(sentence, raws) for sentence, raws in own["misconceptions"]],
                [(remark, raws) for remark, raws in own["fragile"]],
                float(own["points"]),
            )
            for name, own in tests.items()
        }
        for own in answers.values():
            list(map(read_evidence, own.solution))
    except (ValueError, ArithmeticError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise FormError("it isn't a file of answers") from error
    return answers


def made_from(text: str) -> str:
    """The sum over what a file's answers were made from, or ""."""
    try:
        return str(json.loads(text)["made_from"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return ""


def answers_for(test: str, asked: Raw, folder: Path) -> dict[str, Answers]:
    """The answers for all tests of a notebook, if those of ``test`` are for the probes ``asked``.

    They come from one of the files in ``folder``.

    Raises
    ------
    AnswersError
        If there are none, or none that fit.
    """
    again = "put the notebook back into the folder that it came in, with all files beside it"
    files = sorted(folder.glob(f"*{SUFFIX}"))
    if not files:
        raise AnswersError(f"the file with the answers of the checks, …{SUFFIX}, is missing here; {again}.")
    complaints = []
    for file in files:
        try:
            tests = from_text(file.read_text(encoding="utf-8"))
        except (OSError, ValueError, FormError):
            complaints.append(f"{file.name} can't be read, or was changed; {again}.")
            continue
        if test in tests and _fit(tests[test], asked):
            return tests
        if test in tests:
            complaints.append(f"{file.name} is of another version than the installed checks; {again}.")
    raise AnswersError(complaints[0] if complaints else f"no file here has answers for {test}; {again}.")


def _fit(own: Answers, asked: Raw) -> bool:
    return [(raw["name"], raw.get("inputs")) for raw in own.solution] == [(raw["name"], raw["inputs"]) for raw in asked]


def without_messages(raw: dict[str, Any]) -> dict[str, Any]:
    """Raw evidence as it may lie beside a notebook: an exception by its kind alone."""
    if "error" not in raw:
        return raw
    kept = {key: value for key, value in raw.items() if key not in ("message", "names")}
    return {**kept, "cause": read_evidence(raw).cause}
