"""Wrong implementations that are typical, each with the sentence that helps."""

import importlib.util
import re
import sys
import textwrap
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType

from nbjudge.course.errors import CourseError
from nbprobe.reasons import short


class MisconceptionError(CourseError):
    """A misconception of the catalogue doesn't fit its exercise, or the catalogue can't be read.

    Attributes
    ----------
    place : file and line that can't be read, as ``file:line``, or ""
    """

    def __init__(self, sentence: str, place: str = "") -> None:
        super().__init__(sentence)
        self.place = place


@dataclass(frozen=True)
class Misconception:
    """A wrong way of writing a method: the reference solution with some of its lines replaced.

    Attributes
    ----------
    test : ``grade_id`` of the test cell that it fails
    sentence : what the student reads; it helps, and doesn't give the answer away
    replaced : lines of the solution, and what stands there instead; several lines are indented like the first
    fragile : it is right enough: its results, and whatever lies between them and the right ones, get all points, and
        the sentence as a remark
    place : file and line of its entry, as ``file:line``; "" if it isn't an entry of a module
    """

    test: str
    sentence: str
    replaced: dict[str, str]
    fragile: bool = False
    place: str = field(default="", init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        frame = sys._getframe()
        while frame.f_back is not None and frame.f_code.co_name != "<module>":  # a function may make several entries
            frame = frame.f_back
        object.__setattr__(self, "place", f"{frame.f_code.co_filename}:{frame.f_lineno}")

    @property
    def is_draft(self) -> bool:
        """Whether nobody has given it a sentence yet. No student may read it."""
        return self.sentence.lstrip().upper().startswith("TODO")

    def applied_to(self, solutions: dict[str, str]) -> dict[str, str]:
        """The solution cells that change, by ``grade_id``.

        Raises
        ------
        MisconceptionError
            If a line to be replaced isn't there.
        """
        changed: dict[str, str] = {}
        for line, replacement in self.replaced.items():
            whole_line = re.compile(rf"^( *){re.escape(line)}$", re.MULTILINE)
            names = [name for name, text in solutions.items() if whole_line.search(text)]
            if not names:
                raise MisconceptionError(f"no solution cell has the line {line!r}, which a misconception replaces.")
            for name in names:
                changed[name] = whole_line.sub(_indented(replacement), changed.get(name, solutions[name]))
        return changed


@dataclass(frozen=True)
class Equivalent:
    """Changes of the solution that do what it does wherever points are given.

    Attributes
    ----------
    reason : why
    answers : the functions or methods that they are in, such as ``BCE.forward``
    statements : the changed statements, as `course prove` shows them
    """

    reason: str
    answers: list[str]
    statements: list[str]

    @property
    def keys(self) -> list[str]:
        return [f"{answer}: {statement}" for answer in self.answers for statement in self.statements]


@dataclass(frozen=True)
class Redundant:
    """A hidden probe that finds nothing which no other one finds, and the reason why it is there all the same."""

    test: str
    probe: str
    reason: str


@dataclass(frozen=True)
class Lists:
    """What an author knows of the tests: ``EQUIVALENT`` and ``REDUNDANT`` of the module with the catalogue."""

    equivalent: list[Equivalent]
    redundant: list[Redundant]


KINDS = {"CATALOGUE": Misconception, "EQUIVALENT": Equivalent, "REDUNDANT": Redundant}
"""What the lists of a module with a catalogue hold."""


def _indented(text: str) -> Callable[[re.Match[str]], str]:
    return lambda match: textwrap.indent(text, match[1])


def catalogue(file: Path | None) -> list[Misconception]:
    """``CATALOGUE`` of a module, or of a package whose ``__init__.py`` is given; nothing if there is none.

    It is loaded by its path: misconceptions are never installed, or submissions could import them.

    Raises
    ------
    MisconceptionError
        If the module can't be imported, or has no catalogue.
    """
    return list(_module(file).CATALOGUE) if file else []


def lists(file: Path | None) -> Lists:
    """What is listed beside a catalogue.

    Raises
    ------
    MisconceptionError
        If the module can't be imported, or has no catalogue.
    """
    module = _module(file) if file else None
    return Lists(list(getattr(module, "EQUIVALENT", [])), list(getattr(module, "REDUNDANT", [])))


def _require_entries(module: ModuleType, name: str, kind: type) -> None:
    entries = module.CATALOGUE if name == "CATALOGUE" else getattr(module, name, [])
    for number, entry in enumerate(entries, 1):
        if not isinstance(entry, kind):
            raise TypeError(f"entry {number} of {name} is no {kind.__name__}, but {short(entry)}")


def _module(file: Path) -> ModuleType:
    """The module with a catalogue.

    Raises
    ------
    MisconceptionError
        If it can't be imported, or has no catalogue.
    """
    name = f"misconceptions_{(file.parent if file.name == '__init__.py' else file).stem}"
    spec = importlib.util.spec_from_file_location(name, file)
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules[name] = importlib.util.module_from_spec(spec)  # its parts import each other by this name
    try:
        spec.loader.exec_module(module)
        for name, kind in KINDS.items():
            _require_entries(module, name, kind)
    except (Exception, SystemExit) as error:
        what = error.msg if isinstance(error, SyntaxError) else error
        sentence = f"the misconceptions in {file} can't be read: {type(error).__name__}: {what}"
        raise MisconceptionError(sentence, _place_of(error, file)) from error
    return module


def _place_of(error: BaseException, file: Path) -> str:
    """Where in a catalogue an error came up, as ``file:line``, or ""."""
    own = [str(path) for path in files_of(file)]
    if isinstance(error, SyntaxError) and error.filename in own:
        return f"{error.filename}:{error.lineno}"
    places = [(frame.filename, frame.lineno) for frame in traceback.extract_tb(error.__traceback__)]
    return next((f"{name}:{line}" for name, line in reversed(places) if name in own), "")


def files_of(file: Path | None) -> list[Path]:
    """All modules of a catalogue, also those that it doesn't import yet."""
    if file is None:
        return []
    return sorted(file.parent.rglob("*.py")) if file.name == "__init__.py" else [file]
