"""Adds an entry to the file of a catalogue, which must be readable afterwards, and hold that one entry more."""

import ast
import shutil
import sys
import tempfile
import textwrap
from pathlib import Path
from typing import Any, NamedTuple

from nbjudge.course import own_process
from nbjudge.course.errors import CourseError
from nbjudge.course.files import whole_file
from nbjudge.judging import misconception
from nbjudge.judging.misconception import Misconception, MisconceptionError, catalogue

PACKAGE = "__init__.py"


class Place(NamedTuple):
    """A list of misconceptions in a file.

    Attributes
    ----------
    name : of the list
    entries, about : how many there are in it, and how many of these are about the test
    has_class : whether the file knows the name ``Misconception``
    """

    path: Path
    name: str
    entries: int
    about: int
    has_class: bool

    @property
    def rank(self) -> tuple[bool, bool, int]:
        """What is best for one more about the test: most about it, apart from the list that joins all others."""
        is_part = self.path.name != PACKAGE and self.about > 0
        return is_part, self.about == self.entries, self.about


def place_for(file: Path, test: str) -> Place:
    """The list to which an entry about a test belongs. The catalogue is loaded in a process of its own.

    Raises
    ------
    CourseError
        If there is none, or the catalogue can't be read.
    """
    found = own_process.run(f"{__name__}:places", {"file": str(file), "test": test}, str(file), MisconceptionError)
    places = [Place(Path(path), *about) for path, *about in found]
    if not places:
        raise CourseError(f"there is no list of misconceptions in {file} to which one could be added.")
    best = max(places, key=lambda place: place.rank)
    if not best.has_class:
        raise CourseError(
            f"{best.path} doesn't import Misconception; add `from {misconception.__name__} import Misconception` to it."
        )
    return best


def places(file: str, test: str) -> list[tuple[Any, ...]]:
    """In a process of its own: the lists in the modules of a catalogue, as plain data."""
    ways = list(map(id, catalogue(Path(file))))
    package = f"misconceptions_{(Path(file).parent if file.endswith(PACKAGE) else Path(file)).stem}"
    found: list[tuple[Any, ...]] = []
    for module in [each for name, each in list(sys.modules.items()) if name.split(".")[0] == package]:
        for name, value in vars(module).items():
            if not isinstance(value, list) or not name.isupper():
                continue
            ours = [way for way in value if isinstance(way, Misconception) and id(way) in ways]
            if ours or (not value and name == "CATALOGUE"):
                about = sum(way.test == test for way in value)
                found.append((module.__file__, name, len(value), about, hasattr(module, "Misconception")))
    return found


def add(file: Path, place: Place, entry: str, way: Misconception) -> int:
    """Write the catalogue's file with the entry in it, whole or not at all. Returns the line at which it begins.

    Parameters
    ----------
    file
        The module or package, as ``Course.misconceptions`` gives it.
    entry
        The text of ``way``.

    Raises
    ------
    CourseError
        If the catalogue couldn't be read with it, or wouldn't hold it.
    """
    text, line = _with_entry(place.path.read_text(encoding="utf-8"), place.name, entry)
    with tempfile.TemporaryDirectory() as folder:
        root = file.parent if file.name == PACKAGE else file
        copy = Path(folder, root.name)
        if root.is_dir():
            shutil.copytree(root, copy, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copyfile(root, copy)
        (copy / place.path.relative_to(root)).write_text(text, encoding="utf-8")
        arguments = {"file": str(copy / PACKAGE if root.is_dir() else copy)}
        after = own_process.run(f"{__name__}:entries", arguments, str(place.path), MisconceptionError)
    before = own_process.run(f"{__name__}:entries", {"file": str(file)}, str(file), MisconceptionError)
    new = [way.test, way.sentence, list(map(list, way.replaced.items()))]
    if len(after) != len(before) + 1 or after.count(new) != before.count(new) + 1:
        raise CourseError(
            f"an entry at the end of {place.name} in {place.path} doesn't come into the catalogue; add it by hand."
        )
    with whole_file(place.path) as target:
        target.write(text.encode())
    return line


def entries(file: str) -> list[list[Any]]:
    """In a process of its own: the entries of a catalogue as plain data."""
    return [[way.test, way.sentence, list(map(list, way.replaced.items()))] for way in catalogue(Path(file))]


def _with_entry(text: str, name: str, entry: str) -> tuple[str, int]:
    """The text of a module with one more entry in its list, and the number of the entry's first line."""
    lines = text.split("\n")
    last = _closing_line(text, name)
    if last is not None:
        indent = lines[last - 1][: len(lines[last - 1]) - len(lines[last - 1].lstrip())] + 4 * " "
        before, after = lines[: last - 1], lines[last - 1 :]
        return "\n".join([*before, textwrap.indent(f"{entry},", indent), *after]), last
    whole = text.rstrip("\n")
    line = whole.count("\n") + 3
    return f"{whole}\n\n{name}.append(\n{textwrap.indent(entry, 4 * ' ')}\n)\n", line + 1


def _closing_line(text: str, name: str) -> int | None:
    """The line of the bracket that ends the list, if it stands alone there and an entry can go before it."""
    for node in ast.parse(text).body:
        targets = (
            node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
        )
        names = [target.id for target in targets if isinstance(target, ast.Name)]
        if name in names and isinstance(node, (ast.Assign, ast.AnnAssign)) and isinstance(node.value, ast.List):
            lines, last = text.split("\n"), node.value.end_lineno or 0
            above = next((line.strip() for line in reversed(lines[: last - 1]) if line.strip()), "")
            return last if lines[last - 1].strip() == "]" and above.endswith((",", "[")) else None
    return None
