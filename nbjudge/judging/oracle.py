"""The right answers: what the instructor's own solution gives under the same probes.

The source notebook runs in a process of its own, in which there is no student code. The same process then tries every
catalogued misconception, so that a wrong result can be recognised by what it equals. The answers are kept as long as
nothing changes of what that process loaded.
"""

import hashlib
import itertools
import sys
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from nbjudge.course import notebooks, own_process
from nbjudge.course.course import Course
from nbjudge.course.errors import CourseError
from nbjudge.course.files import whole_file
from nbjudge.judging import misconception
from nbjudge.judging.loaded import Loaded, Recording, Stamp
from nbjudge.judging.rehearsal import Rehearsal
from nbprobe.evidence import Raw
from nbprobe.judge import results, same

ENVIRONMENT = {"NBGRADER_EXECUTION": "autograde", "MPLBACKEND": "Agg", "TQDM_DISABLE": "1"}


class OracleError(CourseError):
    """The source notebook can't serve as the measure for grading. One sentence for the instructor."""


class Answers(BaseModel, frozen=True):
    """Evidence of the solution, and of the misconceptions with their sentences, by ``grade_id`` of the test cell."""

    solution: dict[str, Raw]
    points: dict[str, float]
    misconceptions: dict[str, list[tuple[str, Raw]]]


class Oracle(Answers, frozen=True):
    """Answers, and what they depend on."""

    loaded: Loaded


def load(course: Course, assignment: str, notebook: Path) -> Oracle:
    """The oracle of one of the assignment's notebooks; kept from the last time if nothing has changed since.

    Raises
    ------
    OracleError
        If the solution fails, if a test cell has no probes, or probes whose points don't add up, or if a misconception
        can't be recognised.
    """
    catalogue = course.misconceptions(assignment)
    inputs = [*map(str, sorted(notebook.parent.glob("*.ipynb"))), *map(str, misconception.files_of(catalogue))]
    key = repr((assignment, str(notebook), inputs, str(catalogue), sys.version, sys.prefix))
    kept = course.answers / f"{hashlib.sha256(key.encode()).hexdigest()[:32]}.json"
    stamp, oracle = _known.get(kept, ([], None))
    if oracle is None or oracle.loaded.stamp() != stamp:
        oracle = _kept(kept)
        stamp = oracle.loaded.stamp() if oracle is not None else []
        if oracle is None or not oracle.loaded.is_current():
            arguments = {
                "notebook": str(notebook),
                "misconceptions": str(catalogue) if catalogue else None,
                "root": str(course.root),
                "inputs": inputs,
            }
            content = own_process.run("nbjudge.judging.oracle:run", arguments, str(notebook), OracleError, ENVIRONMENT)
            oracle = Oracle.model_validate(content)
            stamp = oracle.loaded.stamp()
            kept.parent.mkdir(parents=True, exist_ok=True)
            with whole_file(kept) as file:  # another process may be reading
                file.write(oracle.model_dump_json().encode())
        _known[kept] = stamp, oracle
    return oracle


_known: dict[Path, tuple[Stamp, Oracle]] = {}
"""A class is graded by the same answers, submission after submission."""


def _kept(path: Path) -> Oracle | None:
    """What is kept in a file; None if that is nothing, or damaged, or from another version."""
    try:
        return Oracle.model_validate_json(path.read_bytes())
    except (OSError, ValidationError):
        return None


def run(notebook: str, misconceptions: str | None, root: str, inputs: list[str]) -> dict[str, Any]:
    """The step in a process of its own: an Oracle as plain data. For the sentences of its errors, see ``load``."""
    with Recording(Path(root), inputs) as recording:
        catalogue = misconception.catalogue(Path(misconceptions) if misconceptions else None)
        measured = answers(Path(notebook), catalogue)
    return {**measured.model_dump(), "loaded": recording.loaded().model_dump()}


def answers(notebook: Path, catalogue: list[misconception.Misconception]) -> Answers:
    """Run the solution twice, and each misconception on its own test cell; in this process.

    Raises
    ------
    OracleError
        As in ``load``.
    MisconceptionError
        If a misconception replaces a line that isn't there.
    """
    try:
        rehearsal = Rehearsal(notebook)
        solution, again = rehearsal.evidence(), rehearsal.evidence()
    except (Exception, SystemExit) as error:
        raise OracleError(
            f"the solution in {notebook} can't be run under its own probes: {type(error).__name__}: {error}"
        ) from error
    for grade_id, maximum in rehearsal.points.items():
        _check(grade_id, maximum, solution[grade_id], again[grade_id])
    misconceptions: dict[str, list[tuple[str, Raw]]] = {name: [] for name in rehearsal.points}
    elsewhere = {
        name for path in notebook.parent.glob("*.ipynb") for name in notebooks.graded_cells(notebooks.read(path))
    }
    for wrong in catalogue:
        if wrong.test not in misconceptions:
            if wrong.test in elsewhere:  # an exercise of several notebooks has one catalogue
                continue
            raise OracleError(
                f"a misconception is about {wrong.test}, but there is no such test cell: {wrong.sentence!r}."
            )
        evidence = rehearsal.evidence(wrong.applied_to(rehearsal.solutions), only=wrong.test)
        misconceptions[wrong.test].append((wrong.sentence, evidence[wrong.test]))
    for grade_id in rehearsal.points:
        _check_misconceptions(grade_id, solution[grade_id], misconceptions[grade_id])
    return Answers(solution=solution, points=rehearsal.points, misconceptions=misconceptions)


def _check(grade_id: str, maximum: float, evidence: Raw, again: Raw) -> None:
    """Make sure that the probes of a test cell can be graded by."""
    names = [raw["name"] for raw in evidence]
    if not evidence:
        raise OracleError(f"the test cell {grade_id} has no probe, so nothing in it can be graded.")
    if len(set(names)) != len(names):
        raise OracleError(f"two probes of {grade_id} have the same name; give each its own.")
    total = sum(raw["points"] for raw in evidence)
    if abs(total - maximum) > 1e-9:
        raise OracleError(f"the probes of {grade_id} give {total:g} points, but the cell is worth {maximum:g}.")
    for raw in evidence:
        if "error" in raw:
            raise OracleError(
                f"the solution fails in the probe {raw['name']!r} of {grade_id}: {raw['error']}: {raw['message']}"
            )
        if raw["value"]["kind"] in ("not data", "too large"):
            raise OracleError(f"the probe {raw['name']!r} of {grade_id} gives no data that can be compared.")
    if again != evidence:
        raise OracleError(f"a probe of {grade_id} gives something else each time; draw its inputs from a fixed seed.")


def _check_misconceptions(grade_id: str, expected: Raw, misconceptions: list[tuple[str, Raw]]) -> None:
    """Make sure that each misconception is wrong, and can be recognised by its results."""
    right = results(expected, expected)
    seen = {sentence: results(expected, raws) for sentence, raws in misconceptions}
    if len(seen) < len(misconceptions):
        raise OracleError(f"two misconceptions of {grade_id} have the same sentence; give each its own.")
    for sentence, wrong in seen.items():
        if same(wrong, right):
            raise OracleError(f"a misconception of {grade_id} gives the right results: {sentence!r}.")
        if all(evidence.error for evidence in wrong):
            raise OracleError(f"a misconception of {grade_id} gives no result, only {wrong[0].error}: {sentence!r}.")
    for first, second in itertools.combinations(seen, 2):
        if same(seen[first], seen[second]) or same(seen[second], seen[first]):
            raise OracleError(f"two misconceptions of {grade_id} can't be told apart: {first!r} and {second!r}.")
