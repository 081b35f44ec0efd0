"""What the source notebook's probes see of the solution, and of the stubs that students start with.

Runs in a process of its own, so that whatever the cells do can't reach the process that decides.
"""

import contextlib
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from nbjudge.course import notebooks
from nbjudge.judging.oracle import Oracle
from nbjudge.judging.rehearsal import Rehearsal
from nbprobe.evidence import Raw
from nbprobe.judge import judge

STUB_ERROR = "NotImplementedError"


class StubsError(Exception):
    """The notebooks can't be run. One sentence."""


@dataclass(frozen=True)
class Seen:
    """Evidence of each test cell, by ``grade_id``."""

    solution: dict[str, Raw]
    stubs: dict[str, Raw]


def look(source: Path, release: Path, root: Path) -> Seen:
    """Run the solutions of ``source`` and the stubs of ``release`` under the probes of ``source``.

    Raises
    ------
    StubsError
        If that isn't possible.
    """
    command = [sys.executable, "-m", "nbjudge.authoring.stubs", str(source.resolve()), str(release.resolve())]
    environment = {**os.environ, "MPLBACKEND": "Agg", "TQDM_DISABLE": "1"}
    try:
        done = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=root, timeout=600)
    except subprocess.TimeoutExpired:
        raise StubsError("the solutions and stubs didn't come to an end within ten minutes") from None
    if done.returncode != 0:
        said = done.stderr.strip().splitlines() or ["no message"]
        raise StubsError(f"the solutions and stubs can't be run under the probes: {said[-1]}")
    return Seen(**json.loads(done.stdout))


def mistakes(oracle: Oracle, seen: Seen) -> list[str]:
    """Where the solution doesn't earn everything, and where a stub earns something or stops with another error."""
    found = []
    for grade_id, maximum in oracle.points.items():
        expected = oracle.solution[grade_id]
        if judge(expected, seen.solution[grade_id], maximum, []).score != maximum:
            found.append(f"the solution doesn't earn the {maximum:g} points of {grade_id} a second time.")
        stubs = seen.stubs.get(grade_id, [])
        if (score := judge(expected, stubs, maximum, []).score) != 0:
            found.append(f"who writes nothing earns {score:g} points in {grade_id}.")
        for each in stubs:
            if each["points"] and each.get("error") != STUB_ERROR:
                what = f"stops with {each['error']}" if "error" in each else "returns something"
                found.append(
                    f"the probe {each['name']!r} of {grade_id} {what} on the stubs; it should meet {STUB_ERROR}."
                )
        missing = {each["name"] for each in expected} - {each["name"] for each in stubs}
        if missing:
            found.append(f"{grade_id} doesn't reach the probe {min(missing)!r} on the stubs.")
    return found


def _collect(source: Path, release: Path) -> dict[str, dict[str, Raw]]:
    rehearsal = Rehearsal(source)
    cells = notebooks.graded_cells(notebooks.read(release))
    stubs = {name: cells[name].source for name in rehearsal.solutions}
    return {"solution": rehearsal.evidence(), "stubs": rehearsal.evidence(stubs)}


if __name__ == "__main__":
    with contextlib.redirect_stdout(sys.stderr):
        collected = _collect(Path(sys.argv[1]), Path(sys.argv[2]))
    json.dump(collected, sys.stdout)
