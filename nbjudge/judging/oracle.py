"""The right answers: what the instructor's own solution gives under the same probes.

The source notebook runs in a process of its own, in which there is no student code. The same process then tries every
catalogued misconception, so that a wrong result can be recognised by what it equals. The answers are kept as long as
nothing changes of what that process loaded.
"""

import contextlib
import hashlib
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ValidationError

from nbjudge.course import notebooks, own_process
from nbjudge.course.config_files import CONFIG
from nbjudge.course.delimiters import USUAL, Delimiters
from nbjudge.course.files import make_folders, whole_file
from nbjudge.course.frame import NO_FRAME, Frame
from nbjudge.course.notebooks import require_python
from nbjudge.course.stamps import Stamp
from nbjudge.judging import misconception
from nbjudge.judging.known_ways import VISIBLE, Known, read_once, troubles_of, visible_answers
from nbjudge.judging.loaded import Loaded, Recording, within
from nbjudge.judging.misconception import Misconception, MisconceptionError
from nbjudge.judging.offline import offline
from nbjudge.judging.probe_troubles import probe_troubles
from nbjudge.judging.rehearsal import Rehearsal, Rehearsed, in_copy
from nbjudge.judging.trouble import OracleError, Trouble, error_of_solution
from nbjudge.sandbox.limits import Limits
from nbprobe.answers import SUFFIX
from nbprobe.answers import Answers as TestAnswers
from nbprobe.check import HEADINGS
from nbprobe.evidence import Kept, Raw
from nbprobe.wire import digest_of_text

if TYPE_CHECKING:  # it imports nbgrader, which the process that runs the solution doesn't need
    from nbjudge.course.course import Course

REFUSE, TRUST = "refuse", "trust"
"""What ``c.Judge.plain_tests`` can say of test cells without probes."""
ENVIRONMENT = {"NBGRADER_EXECUTION": "autograde", "MPLBACKEND": "Agg", "TQDM_DISABLE": "1"}


class Answers(BaseModel, frozen=True):
    """Evidence by ``grade_id`` of the test cell: of the solution, and of each known way with its sentence.

    Attributes
    ----------
    misconceptions, fragile : wrong ways, and those that are right enough, under the hidden probes
    visible : the same three under the visible probes; only of tests that have some
    headings : the task and the method that each check names
    plain : points of the test cells without probes, which only nbgrader's own rule can grade
    made_from : a sum over the solution, the catalogue and the visible probes, the same on every machine
    """

    solution: dict[str, Raw]
    points: dict[str, float]
    misconceptions: dict[str, list[tuple[str, Raw]]]
    fragile: dict[str, list[tuple[str, Raw]]]
    visible: dict[str, TestAnswers]
    headings: dict[str, tuple[str, str]] = {}
    plain: dict[str, float] = {}
    made_from: str


class Oracle(Answers, frozen=True):
    """Answers, and what they depend on."""

    loaded: Loaded


def load(course: "Course", assignment: str, notebook: Path) -> Oracle:
    """The oracle of one of the assignment's notebooks; kept from the last time if nothing has changed since.

    Raises
    ------
    OracleError
        If the solution fails or needs the network, if a test cell has no probes and ``c.Judge.plain_tests`` doesn't say
        that such cells are trusted, if the points of probes don't add up, or if a misconception can't be recognised.
    """
    oracle = _load(course, assignment, notebook)
    if oracle.plain and course.config.Judge.get("plain_tests", REFUSE) != TRUST:
        cells, have = ("cells", "have") if len(oracle.plain) > 1 else ("cell", "has")
        raise OracleError(
            f"the test {cells} {', '.join(oracle.plain)} in {course.show(notebook)} {have} no probe. Write probes, or "
            f'set c.Judge.plain_tests = "{TRUST}" in {CONFIG} to have such cells graded by their asserts, in the '
            "process of the submission."
        )
    return oracle


def _load(course: "Course", assignment: str, notebook: Path) -> Oracle:
    catalogue, frame = course.misconceptions(assignment), course.frame
    inputs, kept = _inputs_and_place(course, assignment, notebook)
    stamps, oracle = _known.get(kept, (None, None))
    if oracle is None or stamps is None or oracle.loaded.stamps() != stamps:
        oracle = _kept(kept, course.root)
        stamps = oracle.loaded.stamps() if oracle is not None else None
        if oracle is None or not oracle.loaded.is_current():
            from nbjudge.course.regions import delimiters_of  # only here: it imports nbgrader

            arguments = {
                "notebook": str(notebook),
                "misconceptions": str(catalogue) if catalogue else None,
                "root": str(course.root),
                "inputs": inputs,
                "frame": [frame.header, frame.footer],
                "delimiters": [list(each) for each in delimiters_of(course.config)],
                "seconds": float(course.config.SandboxedExecute.get("cell_seconds", Limits.cell_seconds)),
            }
            content = own_process.run("nbjudge.judging.oracle:run", arguments, str(notebook), OracleError, ENVIRONMENT)
            if troubles := [Trouble(*each) for each in content.get("troubles", [])]:
                raise OracleError(troubles[0].sentence, troubles)
            oracle = Oracle.model_validate(content)
            stamps = oracle.loaded.stamps()
            with contextlib.suppress(OSError):  # where it can't be kept, it is worked out again
                make_folders(kept.parent)
                with whole_file(kept) as file:  # another process may be reading
                    moved = oracle.model_copy(update={"loaded": oracle.loaded.relative_to(course.root)})
                    file.write(moved.model_dump_json().encode())
        ways = {"misconceptions": read_once(oracle.misconceptions), "fragile": read_once(oracle.fragile)}
        solution = {test: list(map(Kept, raws)) for test, raws in oracle.solution.items()}
        oracle = oracle.model_copy(update={"solution": solution, **ways})
        _known[kept] = stamps, oracle
    return oracle


def _inputs_and_place(course: "Course", assignment: str, notebook: Path) -> tuple[list[str], Path]:
    """The files that count in any case, and where the answers are kept."""
    catalogue, frame = course.misconceptions(assignment), course.frame
    inputs = [*map(str, sorted(notebook.parent.glob("*.ipynb"))), *frame.files]
    inputs += map(str, [*misconception.files_of(catalogue), *_beside(notebook)])
    places = [within(course.root, path) for path in (str(notebook), *inputs, str(catalogue))]
    key = repr((assignment, places, sys.version, sys.prefix))
    return inputs, course.answers / f"{hashlib.sha256(key.encode()).hexdigest()[:32]}.json"


def kept_files(course: "Course", assignment: str) -> list[Path]:
    """Where the answers of an assignment are kept."""
    return [_inputs_and_place(course, assignment, notebook)[1] for notebook in course.notebooks(assignment)]


def _beside(notebook: Path) -> list[Path]:
    """What lies beside a notebook for it to read, such as data; not what checks judge by, which is made from it."""
    paths = (path for path in sorted(notebook.parent.rglob("*")) if path.is_file() and path.suffix != ".ipynb")
    return [path for path in paths if not path.name.endswith(SUFFIX) and "__pycache__" not in path.parts]


_known: dict[Path, tuple[list[Stamp] | None, Oracle]] = {}
"""A class is graded by the same answers, submission after submission."""


def _kept(path: Path, root: Path) -> Oracle | None:
    """What is kept in a file; None if that is nothing, or damaged, or from another version."""
    try:
        oracle = Oracle.model_validate_json(path.read_bytes())
    except (OSError, ValidationError):
        return None
    return oracle.model_copy(update={"loaded": oracle.loaded.below(root)})


def run(
    notebook: str,
    misconceptions: str | None,
    root: str,
    inputs: list[str],
    frame: tuple[str, str],
    delimiters: list[list[str]],
    seconds: float,
) -> dict[str, Any]:
    """The step in a process of its own: an Oracle as plain data, or the ``troubles`` for which there is none."""
    try:
        with Recording(Path(root), inputs) as recording:
            catalogue = misconception.catalogue(Path(misconceptions) if misconceptions else None)
            with in_copy(Path(notebook).parent):
                cuts = [Delimiters(*each) for each in delimiters]
                measured = answers(Path(notebook), catalogue, Frame(*frame), seconds, cuts)
    except OracleError as error:
        return {"troubles": error.troubles}
    except MisconceptionError as error:
        return {"troubles": [Trouble(str(error), place=error.place)]}
    return {**measured.model_dump(), "loaded": recording.loaded().model_dump()}


def answers(
    notebook: Path,
    catalogue: list[Misconception],
    frame: Frame = NO_FRAME,
    seconds: float = Limits.cell_seconds,
    delimiters: Sequence[Delimiters] = USUAL,
) -> Answers:
    """Run the solution twice, and each known way on its own test cell; in this process.

    Parameters
    ----------
    seconds
        What a cell may take, as one of a submission.
    delimiters
        Between which stands what students don't get.

    Raises
    ------
    OracleError
        As in ``load``, with all troubles of the notebook; those of misconceptions are looked for where it has none.
    """
    require_python(frame.read(notebook), notebook)
    with offline() as contacts:
        try:
            rehearsal = Rehearsal(notebook, frame, seconds, delimiters)
            (solution, visible), again = rehearsal.rehearse(), rehearsal.rehearse()
        except (Exception, SystemExit) as error:
            raise error_of_solution(error, notebook, contacts) from error
    plain = {name: points for name, points in rehearsal.points.items() if not solution[name]}
    troubles = [
        Trouble(f"the test cell {name} has a check, but no hidden probe, so nothing in it is graded.", name)
        for name in plain
        if visible[name]  # which do nothing while grading, so everybody would pass
    ]
    solution = {name: evidence for name, evidence in solution.items() if name not in plain}
    for name, evidence in solution.items():
        troubles += probe_troubles(name, rehearsal, evidence, again.hidden[name], visible[name], again.visible[name])
    known, more = (
        ({}, []) if troubles else _known_ways(rehearsal, Rehearsed(solution, visible), catalogue, notebook, plain)
    )
    if troubles := troubles + more:
        raise OracleError(troubles[0].sentence, troubles)
    tests = {test: raws for test, raws in visible.items() if raws}
    asked = [_asked(tests[name]) for name in sorted(tests)]
    return Answers(
        solution=solution,
        points=rehearsal.points,
        misconceptions={test: _pairs(ways, fragile=False) for test, ways in known.items()},
        fragile={test: _pairs(ways, fragile=True) for test, ways in known.items()},
        visible={test: visible_answers(raws, known[test], rehearsal.points[test]) for test, raws in tests.items()},
        headings={test: heading for test, heading in HEADINGS.items() if test in rehearsal.points},
        plain=plain,
        made_from=digest_of_text(repr((rehearsal.solutions, catalogue, asked))),
    )


def _known_ways(
    rehearsal: Rehearsal, right: Rehearsed, catalogue: list[Misconception], notebook: Path, plain: dict[str, float]
) -> tuple[dict[str, list[Known]], list[Trouble]]:
    """What each known way gives, by the test that it is about, and what is wrong with the ways."""
    elsewhere = {
        name for path in notebook.parent.glob("*.ipynb") for name in notebooks.graded_cells(notebooks.read(path))
    }
    known: dict[str, list[Known]] = {name: [] for name in right.hidden}
    troubles = list[Trouble]()
    for way in catalogue:
        if way.test not in known:
            if way.test not in elsewhere or way.test in plain:  # an exercise of several notebooks has one catalogue
                what = "it has no probe" if way.test in plain else "there is no such test cell"
                sentence = f"a misconception is about {way.test}, but {what}: {way.sentence!r}."
                troubles.append(Trouble(sentence, place=way.place))
            continue
        if way.is_draft:
            line = next(iter(way.replaced), "")
            sentence = f"the misconception of {way.test} that replaces the line {line!r} has no sentence yet"
            what = f"{sentence} ({way.sentence!r}); write what the student is to read."
            troubles.append(Trouble(what, place=way.place))
            continue
        try:
            changed = way.applied_to(rehearsal.solutions)
        except MisconceptionError as error:
            troubles.append(Trouble(str(error), place=way.place))
            continue
        rehearsed = rehearsal.rehearse(changed, only=way.test)
        known[way.test].append(Known(way, rehearsed.hidden[way.test], rehearsed.visible[way.test]))
    for name, ways in known.items():
        troubles += troubles_of(name, right.hidden[name], [(one.way, one.hidden) for one in ways], "")
        if right.visible[name]:
            troubles += troubles_of(name, right.visible[name], [(one.way, one.visible) for one in ways], VISIBLE)
    return known, troubles


def _pairs(ways: list[Known], fragile: bool) -> list[tuple[str, Raw]]:
    return [(one.way.sentence, one.hidden) for one in ways if one.way.fragile is fragile]


def _asked(raws: Raw) -> list[tuple[Any, ...]]:
    """What a probe asks, without what the solution answers."""
    return [tuple((key, raw[key]) for key in sorted(raw) if key not in ("value", "changed")) for raw in raws]
