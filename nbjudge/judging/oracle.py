"""The right answers: what the instructor's own solution gives under the same probes.

The source notebook runs in a process of its own, in which there is no student code. The same process then tries every
catalogued misconception, so that a wrong result can be recognised by what it equals.
"""

import contextlib
import hashlib
import importlib.util
import itertools
import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import exercise_code
import nbjudge
import nbprobe
from nbjudge.course import notebooks
from nbjudge.judging.misconception import Misconception
from nbjudge.judging.rehearsal import Rehearsal
from nbprobe.evidence import Raw
from nbprobe.judge import results, same


class OracleError(Exception):
    """The source notebook can't serve as the measure for grading. One sentence for the instructor."""


@dataclass(frozen=True)
class Oracle:
    """Evidence of the solution, and of the misconceptions, by ``grade_id`` of the test cell."""

    solution: dict[str, Raw]
    points: dict[str, float]
    misconceptions: dict[str, list[tuple[str, Raw]]]


def catalogue(assignment: str) -> list[Misconception]:
    """``CATALOGUE`` of ``misconceptions/<assignment>``, a module or a package, or nothing if there is none."""
    file = next(
        (
            each
            for each in (MISCONCEPTIONS / assignment / "__init__.py", MISCONCEPTIONS / f"{assignment}.py")
            if each.is_file()
        ),
        None,
    )
    if file is None or not assignment.isidentifier():
        return []
    spec = importlib.util.spec_from_file_location(f"misconceptions_{assignment}", file)
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)  # its parts import each other by it
    spec.loader.exec_module(module)
    return module.CATALOGUE


MISCONCEPTIONS = Path(nbjudge.__file__).parents[1] / "misconceptions"


def _files(source: Path) -> list[Path]:
    """All files that the answers depend on."""
    own = Path(__file__).parent
    return [
        *sorted(source.parent.glob("*.ipynb")),
        *sorted(Path(exercise_code.__file__).parent.rglob("*.py")),
        *(own / name for name in ("oracle.py", "rehearsal.py", "misconception.py")),
        *sorted(Path(nbprobe.__file__).parent.glob("*.py")),
        *sorted(MISCONCEPTIONS.rglob("*.py")),
    ]


def _key(files: list[Path], assignment: str) -> str:
    """Hash of all that the answers depend on."""
    versions = [f"{name} {version(name)}" for name in ("numpy", "scipy", "scikit-learn")]
    digest = hashlib.sha256(" ".join([sys.version, *versions]).encode())
    for file in files:
        content = file.read_bytes()
        digest.update(f"{file.parent.name}/{file.name} {len(content)} ".encode() + content)
    return digest.hexdigest() + assignment


def load(source: Path, assignment: str, cache: Path) -> Oracle:
    """The oracle of the notebook ``source``, from ``cache`` if nothing that it depends on has changed.

    Raises
    ------
    OracleError
        If the solution fails, if a test cell has no probes, or probes whose points don't add up, or if a misconception
        can't be recognised.
    """
    files = _files(source)
    stamp = [(file, (about := file.stat()).st_mtime_ns, about.st_size) for file in files]
    known = _loaded.get((source, assignment, cache))
    if known is None or known[0] != stamp:
        known = _loaded[source, assignment, cache] = (stamp, _load(source, assignment, cache, files))
    return known[1]


_loaded: dict[tuple[Path, str, Path], tuple[list, Oracle]] = {}
"""A class is graded by the same answers, submission after submission."""


def _load(source: Path, assignment: str, cache: Path, files: list[Path]) -> Oracle:
    key = f"{source.name} {_key(files, assignment)}"
    stored = cache / f"{hashlib.sha256(key.encode()).hexdigest()[:32]}.json"
    try:
        content = json.loads(stored.read_text())
    except (OSError, ValueError):
        content = _build(source, assignment)
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=cache, suffix=".json", delete=False) as file:
            json.dump(content, file)
        os.replace(file.name, stored)  # another process may be reading
    return Oracle(content["solution"], content["points"], content["misconceptions"])


def _build(source: Path, assignment: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "nbjudge.judging.oracle", str(source), assignment]
    environment = {**os.environ, "NBGRADER_EXECUTION": "autograde", "MPLBACKEND": "Agg", "TQDM_DISABLE": "1"}
    try:
        done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=600)
    except subprocess.TimeoutExpired:
        raise OracleError(f"{source} didn't come to an end within ten minutes") from None
    if done.returncode != 0:
        raise OracleError((done.stderr.strip().splitlines() or [f"{source} can't be run: no message."])[-1])
    content = json.loads(done.stdout)
    _check_all(content)
    return content


def _check_all(content: dict[str, Any]) -> None:
    for grade_id, maximum in content["points"].items():
        _check(grade_id, maximum, content)
        _check_catalogue(grade_id, content["solution"][grade_id], content["misconceptions"][grade_id])


def _check(grade_id: str, maximum: float, content: dict[str, Any]) -> None:
    """Make sure that the probes of a test cell can be graded by."""
    evidence = content["solution"][grade_id]
    names = [each["name"] for each in evidence]
    if not evidence:
        raise OracleError(f"the test cell {grade_id} has no probe, so nothing in it can be graded.")
    if len(set(names)) != len(names):
        raise OracleError(f"two probes of {grade_id} have the same name; give each its own.")
    total = sum(each["points"] for each in evidence)
    if abs(total - maximum) > 1e-9:
        raise OracleError(f"the probes of {grade_id} give {total:g} points, but the cell is worth {maximum:g}.")
    for each in evidence:
        if "error" in each:
            raise OracleError(
                f"the solution fails in the probe {each['name']!r} of {grade_id}: {each['error']}: {each['message']}"
            )
        if each["value"]["kind"] in ("not data", "too large"):
            raise OracleError(f"the probe {each['name']!r} of {grade_id} gives no data that can be compared.")
    if content["again"][grade_id] != evidence:
        raise OracleError(f"a probe of {grade_id} gives something else each time; draw its inputs from a fixed seed.")


def _check_catalogue(grade_id: str, expected: Raw, misconceptions: list[tuple[str, Raw]]) -> None:
    """Make sure that each misconception is wrong, and can be recognised by its results."""
    right = results(expected, expected)
    seen = {sentence: results(expected, raws) for sentence, raws in misconceptions}
    if len(seen) < len(misconceptions):
        raise OracleError(f"two misconceptions of {grade_id} have the same sentence; give each its own.")
    for sentence, wrong in seen.items():
        if same(wrong, right):
            raise OracleError(f"a misconception of {grade_id} gives the right results: {sentence!r}.")
        if all(each.error for each in wrong):
            raise OracleError(f"a misconception of {grade_id} gives no result, only {wrong[0].error}: {sentence!r}.")
    for first, second in itertools.combinations(seen, 2):
        if same(seen[first], seen[second]) or same(seen[second], seen[first]):
            raise OracleError(f"two misconceptions of {grade_id} can't be told apart: {first!r} and {second!r}.")


def _collect(source: Path, assignment: str) -> dict[str, Any]:
    """Runs in the oracle's own process: the solution twice, and each misconception on its own test cell."""
    try:
        rehearsal = Rehearsal(source)
        solution, again = rehearsal.evidence(), rehearsal.evidence()
    except Exception as error:
        raise OracleError(
            f"the solution in {source} can't be run under its own probes: {type(error).__name__}: {error}"
        ) from error
    misconceptions: dict[str, list[tuple[str, Raw]]] = {name: [] for name in rehearsal.points}
    elsewhere = {
        name for path in source.parent.glob("*.ipynb") for name in notebooks.graded_cells(notebooks.read(path))
    }
    for each in catalogue(assignment):
        if each.test not in misconceptions:
            if each.test in elsewhere:  # an exercise of several notebooks has one catalogue
                continue
            raise OracleError(
                f"a misconception is about {each.test}, but there is no such test cell: {each.sentence!r}."
            )
        try:
            changed = each.applied_to(rehearsal.solutions)
        except ValueError as error:
            raise OracleError(str(error)) from error
        evidence = rehearsal.evidence(changed, only=each.test)
        misconceptions[each.test].append((each.sentence, evidence[each.test]))
    return {"solution": solution, "again": again, "points": rehearsal.points, "misconceptions": misconceptions}


if __name__ == "__main__":
    with contextlib.redirect_stdout(sys.stderr):
        try:
            collected = _collect(Path(sys.argv[1]), sys.argv[2])
        except OracleError as error:
            sys.exit(" ".join(str(error).split()))
    json.dump(collected, sys.stdout)
