"""What the source notebook's probes see of the solution, and of the stubs that students start with.

Runs in a process of its own, so that whatever the cells do can't reach the process that decides.
"""

import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbjudge.course import notebooks, own_process
from nbjudge.course.errors import CourseError
from nbjudge.course.frame import NO_FRAME, Frame
from nbjudge.judging.oracle import Oracle
from nbjudge.judging.rehearsal import Rehearsal, in_copy
from nbprobe.evidence import Raw
from nbprobe.judge import judge

STUB_ERROR = "NotImplementedError"


class StubsError(CourseError):
    """The notebooks can't be run. One sentence."""


@dataclass(frozen=True)
class Seen:
    """Evidence of each test cell, by ``grade_id``, and the test cells that fail on the stubs."""

    solution: dict[str, Raw]
    stubs: dict[str, Raw]
    failed: list[str]


def look(source: Path, release: Path, root: Path, frame: Frame = NO_FRAME) -> Seen:
    """Run the solutions of ``source`` and the stubs of ``release`` under the probes of ``source``.

    Raises
    ------
    StubsError
        If that isn't possible.
    """
    arguments = {"source": str(source.resolve()), "release": str(release.resolve())}
    arguments |= {"header": frame.header, "footer": frame.footer}
    environment = {"MPLBACKEND": "Agg", "TQDM_DISABLE": "1"}
    return Seen(
        **own_process.run(
            "nbjudge.authoring.stubs:run", arguments, "the solutions and stubs", StubsError, environment, root
        )
    )


def run(source: str, release: str, header: str, footer: str) -> dict[str, Any]:
    """The step in a process of its own: what ``Seen`` holds, as plain data.

    Raises
    ------
    StubsError
        If the solutions or the stubs can't be run.
    """
    try:
        cells = notebooks.graded_cells(notebooks.read(Path(release)))
        with in_copy(Path(source).parent):
            rehearsal = Rehearsal(Path(source), Frame(header, footer))
            stubs = {name: cells[name].source for name in rehearsal.solutions}
            solution, written = rehearsal.evidence(), rehearsal.evidence(stubs)
        return {"solution": solution, "stubs": written, "failed": sorted(rehearsal.failed & rehearsal.points.keys())}
    except (Exception, SystemExit) as error:
        reason = traceback.format_exception_only(error)[-1]
        raise StubsError(f"the solutions and stubs can't be run under the probes: {reason}") from error


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
