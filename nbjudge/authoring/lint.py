"""Looks at source/ before anything is made of it: what nbgrader would pass on to students without a word."""

import ast
import json
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from nbformat import NotebookNode

from nbjudge.authoring.leaks import find, hidden, name_of, secrets
from nbjudge.course import regions
from nbjudge.course.delimiters import Delimiters, split
from nbjudge.course.hidden_parts import called, calls_probe
from nbjudge.course.regions import Stubs
from nbprobe.answers import SUFFIX

TAGS = {"raises-exception", "ungraded"}
NBGRADER = {
    "cell_type": str,
    "checksum": str,
    "grade": bool,
    "grade_id": str,
    "locked": bool,
    "points": (int, float),
    "schema_version": int,
    "solution": bool,
    "task": bool,
}
SIDE_FILES = {".csv", ".gif", ".jpeg", ".jpg", ".md", ".png", ".svg", ".tsv", ".txt"}
"""Data and pictures. Code for students belongs into a package of theirs."""
PICTURES = {"image/gif", "image/jpeg", "image/png", "image/svg+xml"}
LARGE = 20_000_000
NO_POINTS = "it is graded and has no points."
NOT_COPIED = (".ipynb_checkpoints", "__pycache__", "*.pyc")
"""Which nbgrader leaves behind, wherever it lies."""


def side_files(folder: Path, notebooks: Collection[str] = ()) -> list[Path]:
    """What nbgrader copies to students beside ``notebooks``, relative to ``folder``; also what it shouldn't."""
    paths = []
    for path in sorted(folder.rglob("*")):
        parts = path.relative_to(folder).parts
        skipped = any(fnmatch(part, pattern) for part in parts for pattern in NOT_COPIED)
        inside_link = any(parent.is_symlink() for parent in path.parents if folder in parent.parents)
        if (
            skipped
            or inside_link
            or (path.is_dir() and not path.is_symlink())
            or (len(parts) == 1 and parts[0] in notebooks)
        ):
            continue
        paths.append(path.relative_to(folder))
    return paths


def file_mistakes(folder: Path, notebooks: Collection[str], allowed: Collection[str] = ()) -> list[str]:
    """What lies in the source folder and must not; ``allowed`` are further endings of files."""
    sentences, endings = [], {*SIDE_FILES, *allowed}
    answers = {Path(notebook).with_suffix(SUFFIX) for notebook in notebooks}
    for path in side_files(folder, notebooks):
        where = folder / path
        if where.is_symlink() or not where.is_file():
            sentences.append(f"{path} is a link or no ordinary file; put the file itself there.")
        elif path in answers:
            continue  # the answers of its checks are proven on their own
        elif any(part.startswith(".") for part in path.parts) or path.suffix.lower() not in endings:
            known = ", ".join(sorted(endings))
            sentences.append(
                f"{path} would go to students; move it out of {folder.name} (allowed beside the notebook: {known}, and "
                "more by c.Bundle.beside)."
            )
        elif where.stat().st_size > LARGE:
            sentences.append(f"{path} is larger than {LARGE // 10**6} MB; students should get less.")
    return sentences


def notebook_mistakes(
    notebook: NotebookNode, delimiters: Sequence[Delimiters], stubs: Stubs, tags: Collection[str] = ()
) -> list[str]:
    """What is wrong with the source notebook; each sentence names the cell."""
    sentences = _notebook_metadata(notebook)
    names = [cell.metadata.nbgrader.get("grade_id") for cell in notebook.cells if "nbgrader" in cell.metadata]
    sentences += [f"{name} is the grade_id of {times} cells; each needs its own." for name, times in _repeated(names)]
    for cell in notebook.cells:
        sentences += [f"cell {name_of(cell)}: {clause}." for clause in _cell(cell, delimiters, {*TAGS, *tags})]
    return sentences or _shown(notebook, delimiters, stubs)


def identity_mistakes(path: Path, shown: str = "") -> list[str]:
    """Ids that are missing or not unique in the file; nbformat makes up others, at random."""
    where = f"{shown}: " if shown else ""
    document = json.loads(path.read_bytes())
    if document.get("nbformat") != 4:
        was = document.get("nbformat")
        return [f"{where}it is of notebook format {was}; `course outputs` brings it to the newest one."]
    cells = document["cells"]
    names = [cell["id"] for cell in cells if "id" in cell]
    sentences = [f"{where}{name} is the id of {times} cells; each needs its own." for name, times in _repeated(names)]
    missing = sum("id" not in cell for cell in cells)
    return sentences + ([f"{where}{missing} cells have no id; `course outputs` gives them some."] if missing else [])


def _repeated(names: list[Any]) -> Iterator[tuple[str, int]]:
    return ((str(name), times) for name, times in Counter(names).items() if times > 1)


def _notebook_metadata(notebook: NotebookNode) -> list[str]:
    """The metadata hold the kernel and the language, and nothing of the machine on which the notebook was saved."""
    allowed = {"kernelspec": {"display_name", "language", "name"}, "language_info": {"name"}}
    odd = [key for key in notebook.metadata if key not in allowed]
    odd += [f"{key}.{name}" for key in allowed for name in set(notebook.metadata.get(key, {})) - allowed[key]]
    if not odd:
        return []
    return [f"the metadata of the notebook hold {_listed(odd)}; `course outputs` takes that away."]


def _cell(cell: NotebookNode, delimiters: Sequence[Delimiters], known: Collection[str]) -> Iterator[str]:
    about = cell.metadata.get("nbgrader", {})
    if cell.cell_type == "code" or about.get("solution") or about.get("task"):
        yield from regions.mistakes(cell.source, delimiters)
        yield from _misplaced(cell, delimiters)
    else:
        for line in regions.mentions(cell.source, delimiters):
            yield f"{line} is a delimiter, or looks like one, in a text that is neither answer nor task"
    if "\r" in cell.source:
        yield "its lines end as on Windows; `course outputs` changes that"
    if cell.cell_type not in ("code", "markdown"):
        yield f"it is a {cell.cell_type} cell; only code and markdown are meant for students"
    odd = [key for key in cell.metadata if key not in ("nbgrader", "tags")]
    if odd:
        yield f"its metadata hold {_listed(odd)}; `course outputs` takes that away"
    if tags := [tag for tag in cell.metadata.get("tags", []) if tag not in known]:
        yield f"students would see its tags {_listed(tags)}; allowed are {_listed(known)}, and more by c.Bundle.tags"
    if "ungraded" in cell.metadata.get("tags", []) and about.get("grade"):
        yield "it is tagged ungraded and has points; cells tagged so don't run while grading"
    yield from _nbgrader(about)
    for name, data in cell.get("attachments", {}).items():
        if about or cell.cell_type != "markdown":
            yield f"it has the attachment {name}, which students would get; only plain text cells may have any"
        elif set(data) - PICTURES:
            yield f"its attachment {name} is no picture"


def _nbgrader(about: dict[str, Any]) -> Iterator[str]:
    for key, value in about.items():
        kind = NBGRADER.get(key)
        if kind is None or not isinstance(value, kind):  # type: ignore[arg-type]
            yield f"its nbgrader metadata hold {key} = {str(value)[:40]!r}, which nbgrader doesn't use"
    if about.get("grade") and not (isinstance(about.get("points"), (int, float)) and about["points"] >= 0):
        yield NO_POINTS.removesuffix(".")
    if about.get("grade") and not about.get("solution") and about.get("cell_type", "code") == "markdown":
        yield "it has points, and nobody can answer in it; make it an answer or a task"


def _misplaced(cell: NotebookNode, delimiters: Sequence[Delimiters]) -> Iterator[str]:
    """Regions in a cell of another kind, and probes outside of the hidden part."""
    about = cell.metadata.get("nbgrader", {})
    seen, hidden_regions = split(cell.source, delimiters, "pass")
    fitting = {
        "solution": (about.get("solution"), "solution"),
        "hidden test": (about.get("grade"), "test"),
        "mark scheme": (about.get("task"), "task"),
    }
    for what, (fits, kind) in fitting.items():
        if any(region.what == what for region in hidden_regions) and not fits:
            yield f"it has a {what} region, but isn't marked as a {kind} cell"
    if about.get("grade") and not about.get("solution") and _calls_probe(seen):
        yield "a probe stands outside of the hidden part"


def _calls_probe(text: str) -> bool:
    """Whether a probe is called that belongs to no check."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError):
        return "probe(" in text
    tree.body = [statement for statement in tree.body if not _is_check(statement)]
    return calls_probe(tree)


def _is_check(statement: ast.stmt) -> bool:
    """Whether it defines a check: a function below ``@check(…)``."""
    decorators = statement.decorator_list if isinstance(statement, ast.FunctionDef) else []
    return any(called(decorator) == "check" for decorator in decorators)


def _shown(notebook: NotebookNode, delimiters: Sequence[Delimiters], stubs: Stubs) -> list[str]:
    """Lines of a solution or hidden test that stand in a part of the notebook that students see."""
    wanted, _ = secrets(notebook, delimiters)
    sentences = []
    for cell in notebook.cells:
        seen = hidden(cell, delimiters, stubs)[0]
        kept = {"metadata": cell.metadata, "attachments": cell.get("attachments", {})}
        for secret in {str(secret): secret for text in (seen, str(kept)) for secret in find(wanted, text)}:
            sentences.append(f"cell {name_of(cell)}: students would see {secret}.")
    return sentences


def _listed(names: Any) -> str:
    return ", ".join(sorted(map(str, names)))
