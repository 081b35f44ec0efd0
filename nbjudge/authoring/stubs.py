"""What the source notebook's probes see of the solution, of the stubs that students start with, and of wrong ways.

Runs in a process of its own, so that whatever the cells do can't reach the process that decides.
"""

import traceback
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbjudge.course import own_process
from nbjudge.course.delimiters import Delimiters
from nbjudge.course.errors import CourseError
from nbjudge.course.frame import NO_FRAME, Frame
from nbjudge.judging import misconception
from nbjudge.judging.oracle import ENVIRONMENT, Oracle
from nbjudge.judging.rehearsal import Rehearsal, in_copy
from nbjudge.judging.trouble import Trouble
from nbprobe.evidence import Raw
from nbprobe.judge import judge

STUB_ERROR = "NotImplementedError"


class StubsError(CourseError):
    """The notebooks can't be run. One sentence."""


@dataclass(frozen=True)
class Seen:
    """Evidence of each test cell, by ``grade_id``.

    Attributes
    ----------
    failed : the test cells that fail on the stubs
    spreading : wrong ways that also cost points in tests which they aren't about
    """

    solution: dict[str, Raw]
    stubs: dict[str, Raw]
    failed: list[str]
    spreading: list[Trouble]


def look(
    source: Path,
    stubs: Mapping[str, str],
    root: Path,
    delimiters: Sequence[Delimiters],
    frame: Frame = NO_FRAME,
    catalogue: Path | None = None,
) -> Seen:
    """Run the solutions of ``source``, ``stubs`` in their place and all wrong ways under the probes of ``source``.

    Parameters
    ----------
    stubs
        What students start with, by the ``grade_id`` of the cell.
    catalogue
        The module or package with the wrong ways.

    Raises
    ------
    StubsError
        If that isn't possible.
    """
    arguments = {
        "source": str(source.resolve()),
        "stubs": dict(stubs),
        "header": frame.header,
        "footer": frame.footer,
        "delimiters": [list(each) for each in delimiters],
        "catalogue": str(catalogue) if catalogue else None,
    }
    name = "the solutions and stubs"
    seen = own_process.run("nbjudge.authoring.stubs:run", arguments, name, StubsError, ENVIRONMENT, root)
    return Seen(**{**seen, "spreading": [Trouble(*each) for each in seen["spreading"]]})


def run(
    source: str, stubs: dict[str, str], header: str, footer: str, delimiters: list[list[str]], catalogue: str | None
) -> dict[str, Any]:
    """The step in a process of its own: what ``Seen`` holds, as plain data.

    Raises
    ------
    StubsError
        If the solutions or the stubs can't be run.
    """
    ways = misconception.catalogue(Path(catalogue) if catalogue else None)
    try:
        with in_copy(Path(source).parent):
            with own_process.importing():
                cuts = [Delimiters(*each) for each in delimiters]
                rehearsal = Rehearsal(Path(source), Frame(header, footer), delimiters=cuts)
            solution = rehearsal.evidence()
            written = rehearsal.evidence({name: stubs[name] for name in rehearsal.solutions})
            failed = sorted(rehearsal.failed & rehearsal.points.keys())
            spreading = list(_spreading(rehearsal, solution, ways))
        return {"solution": solution, "stubs": written, "failed": failed, "spreading": spreading}
    except (Exception, SystemExit) as error:
        reason = traceback.format_exception_only(error)[-1]
        raise StubsError(f"the solutions and stubs can't be run under the probes: {reason}") from error


def _spreading(
    rehearsal: Rehearsal, solution: dict[str, Raw], ways: list[misconception.Misconception]
) -> Iterator[Trouble]:
    """Wrong ways that cost points in a test that they aren't about."""
    for way in ways:
        if way.test not in rehearsal.points:
            continue
        got = rehearsal.evidence(way.applied_to(rehearsal.solutions))
        for test, right in solution.items():
            most = sum(raw["points"] for raw in right)
            if test != way.test and not judge(right, got[test], most, []).is_full:
                sentence = (
                    f"a misconception of {way.test} also costs points in {test}: {way.sentence!r}. "
                    f"Give the probes of {test} a stand-in for what {way.test} is about."
                )
                yield Trouble(sentence, test, place=way.place)


def mistakes(oracle: Oracle, seen: Seen) -> list[str]:
    """Where the solution doesn't earn everything, and where a stub earns something or stops with another error."""
    reasons = []
    for grade_id, expected in oracle.solution.items():
        maximum = oracle.points[grade_id]
        if judge(expected, seen.solution[grade_id], maximum, []).score != maximum:
            reasons.append(f"the solution doesn't earn the {maximum:g} points of {grade_id} a second time.")
        stubs = seen.stubs.get(grade_id, [])
        if (score := judge(expected, stubs, maximum, []).score) != 0:
            reasons.append(f"who writes nothing earns {score:g} points in {grade_id}.")
        for raw in stubs:
            if raw["points"] and raw.get("error") != STUB_ERROR:
                what = f"stops with {raw['error']}" if "error" in raw else "returns something"
                reasons.append(
                    f"the probe {raw['name']!r} of {grade_id} {what} on the stubs; it should meet {STUB_ERROR}."
                )
        missing = {raw["name"] for raw in expected} - {raw["name"] for raw in stubs}
        if missing:
            reasons.append(f"{grade_id} doesn't reach the probe {min(missing)!r} on the stubs.")
    return reasons
