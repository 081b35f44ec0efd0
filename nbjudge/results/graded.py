"""What the report needs of the graded notebooks: what the judge said, what intake did, and the answers' text."""

import builtins
import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nbjudge.course.graded import Repair
from nbjudge.intake.submission_folder import is_unfinished

MAX_BYTES = 50 * 2**20

NUMBER = re.compile(r"\d+(?:\.\d+)?(?:e[+-]?\d+)?")
STOPS = re.compile(r"(It stops with|the cell stopped with) (\w+).*", re.DOTALL)
NOT_RUN = re.compile(r"(doesn't run: )(.*)\.", re.DOTALL)
SOME = re.compile(r"\d+ of \d+ values are right\.")
NO_DATA = re.compile(r"(The result is no number or array), but .*", re.DOTALL)


@dataclass(frozen=True)
class Said:
    """Why a task lost points: a sentence, and whether it comes from the catalogue of misconceptions."""

    sentence: str
    is_known: bool


@dataclass
class Graded:
    """One student's graded notebooks.

    Attributes
    ----------
    said : by notebook and ``grade_id``; only tasks that lost points
    answers : text of the solution cells, likewise
    """

    said: dict[tuple[str, str], Said] = field(default_factory=dict)
    answers: dict[tuple[str, str], str] = field(default_factory=dict)
    repaired: list[str] = field(default_factory=list)
    refused: str = ""


def read_graded(folder: Path) -> Graded | None:
    """What lies in ``folder``, such as ``autograded/amira/ex04``; None if nothing there was graded to its end."""
    paths = [path for path in sorted(folder.glob("*.ipynb")) if path.is_file() and not path.is_symlink()]
    if folder.is_symlink() or folder.parent.is_symlink() or not paths or is_unfinished(folder):
        return None
    made = Graded()
    for path in paths:
        try:
            if path.stat().st_size > MAX_BYTES:
                continue
            _read(json.loads(path.read_bytes()), path.stem, made)
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
            continue  # somebody changed it; its points are in the gradebook
    return made


def _read(notebook: dict[str, Any], name: str, made: Graded) -> None:
    about = notebook["metadata"].get("intake", {})
    made.repaired += [Repair.from_data(each).text for each in about.get("repaired", [])]
    made.refused = made.refused or str(about.get("refused", ""))
    for cell in notebook["cells"]:
        grading = cell["metadata"].get("nbgrader", {})
        if grading.get("solution") and cell["cell_type"] == "code":
            made.answers[name, grading["grade_id"]] = _text(cell["source"])
        elif grading.get("grade"):
            said = _said(cell)
            if said is not None:
                made.said[name, grading["grade_id"]] = said


def _said(cell: dict[str, Any]) -> Said | None:
    """The judge's diagnosis; without one, its reason for the first probe that failed, in general words."""
    tables = (output["data"] for output in cell.get("outputs", []) if output["output_type"] == "display_data")
    lines = next((_text(data.get("text/plain", "")) for data in tables), "").splitlines()[1:]
    if lines and not lines[0].startswith(" "):
        return Said(lines[0].strip(), True)
    for line, reason in zip(lines, [*lines[1:], ""], strict=True):
        if line.startswith("  ✗"):
            return Said(in_general(reason.strip()) if reason.startswith("      ") else "No reason was given.", False)
    return None


def in_general(reason: str) -> str:
    """The reason without what is one student's own: numbers, messages, names of classes that they wrote."""
    if stopped := STOPS.search(reason):
        return f"{reason[: stopped.start()]}{stopped[1]} {_kind(stopped[2])}."
    if broken := NOT_RUN.search(reason):
        cells = re.sub(r"\(([^()]*)\)", lambda found: f"({_kind(found[1])})", broken[2])
        return f"{reason[: broken.start()]}{broken[1]}{cells}."
    if other := NO_DATA.fullmatch(reason):
        return f"{other[1]}."
    if SOME.fullmatch(reason):
        return "Some of the values are right, and others wrong."
    return NUMBER.sub("…", reason)


def _kind(name: str) -> str:
    """The name of an error, if it is one of Python's."""
    known = getattr(builtins, name, None)
    is_error = isinstance(known, type) and issubclass(known, BaseException)
    return name if is_error or name == "LinAlgError" else "another error"


def _text(value: str | list[str]) -> str:
    """Text of a notebook file, which may be stored as a list of lines."""
    return value if isinstance(value, str) else "".join(value)
