"""What hostile submissions get, and what they don't get at. Every check is made outside of them."""

import hashlib
import os
import select
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from nbformat import NotebookNode
from nbgrader.coursedir import CourseDirectory

from nbjudge.course import notebooks
from nbjudge.course.cells import cells_to_run
from nbjudge.course.course import Course
from nbjudge.judging import oracle, plain
from nbjudge.sandbox.channel import Result
from nbjudge.sandbox.limits import Limits
from nbjudge.sandbox.sandbox import Sandbox
from nbjudge.sandbox.step import execute, imports_of
from nbprobe.evidence import published
from nbprobe.judge import judge
from tests.support import SOURCE, small_exercise
from tests.support.attacks import ATTACKS
from tests.support.kernel_attacks import KERNEL, KERNEL_STOPPED_BY
from tests.support.limit_attacks import HIDDEN, HIDDEN_STOPPED_BY

ALL = ATTACKS | HIDDEN | KERNEL
STOPPED_BY = HIDDEN_STOPPED_BY | KERNEL_STOPPED_BY
CANARY = "canary-4be1f0"
MARKER = "86399"
"""Seconds that a process of an attacker sleeps; nobody else's does."""


PLAIN = small_exercise.cell(
    "plain", "assert BCE().forward(np.array([0.5]), np.array([1.0])) > 0", points=1, solution=False
)


def _as_it_ran(result: Result) -> NotebookNode:
    return NotebookNode({**PLAIN, "outputs": result.outputs, "execution_count": result.count})


@dataclass
class Host:
    """The machine of the grader: with things to steal, to break and to talk to."""

    course: Path
    home: Path
    sandbox: Sandbox
    answers: oracle.Oracle
    tcp: socket.socket
    abstract: socket.socket
    plain_points: float = 0.0
    """Of a test without probes, which stood at the end of the last submission."""

    def grade(self, attack: str = "") -> tuple[float, dict[int, Result]]:
        """Points and outputs of the solution, with code of an attacker in its first cell."""
        notebook = notebooks.read(SOURCE)
        cells = {index: notebook.cells[index] for index in cells_to_run(notebook)}
        first = next(index for index, cell in cells.items() if cell.get("id") == "bce")
        texts = {index: cell.source for index, cell in cells.items()}
        if attack:
            attack = attack.replace("THIS", str(first)).replace("LAST", str(max(cells)))
            texts[first] = f"try:\n    exec({attack!r})\nexcept BaseException as e: print(repr(e))\n{texts[first]}"
        plain_place = max(cells) + 1
        results = execute(self.sandbox, {**texts, plain_place: PLAIN.source}, {})
        self.plain_points = plain.verdict(_as_it_ran(results[plain_place]), [], None).score
        total = 0.0
        for index, cell in cells.items():
            grade_id = cell.metadata.get("nbgrader", {}).get("grade_id")
            if grade_id in self.answers.points:
                expected, worth = self.answers.solution[grade_id], self.answers.points[grade_id]
                total += judge(expected, published(results[index].outputs), worth, []).score
        return total, results

    def state(self) -> str:
        """A sum over all that could have been changed."""
        sums = hashlib.sha256()
        for top in (self.course, self.home, SOURCE.parent.parent.parent / "exercise_code"):
            for path in sorted(top.rglob("*")):
                if "__pycache__" not in path.parts and ".oracle" not in path.parts:
                    sums.update(str(path).encode() + (path.read_bytes() if path.is_file() else b""))
        return sums.hexdigest()


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    folder = tmp_path_factory.mktemp("host")
    course, home = folder / "course", folder / "home"
    for path in ("source/ex04/nb.ipynb", "gradebook.db", "submitted/other/ex04/nb.ipynb"):
        (course / path).parent.mkdir(parents=True, exist_ok=True)
        (course / path).write_text(CANARY)
    home.mkdir()
    (home / "secret").write_text(CANARY)
    os.environ["SECRET"] = CANARY
    tcp = socket.create_server(("127.0.0.1", 0))
    abstract = socket.socket(socket.AF_UNIX)
    abstract.bind(f"\0host-{os.getpid()}")
    abstract.listen()
    limits = Limits(cell_seconds=4, notebook_seconds=60, memory=800, output=1)
    sandbox = Sandbox(imports_of(SOURCE), [course, home, SOURCE.parent.parent.parent], limits)
    yield Host(
        course, home, sandbox, oracle.load(Course(CourseDirectory(root=str(folder))), "ex04", SOURCE), tcp, abstract
    )
    sandbox.close()
    tcp.close()
    abstract.close()
    del os.environ["SECRET"]


def test_there_are_enough_of_them() -> None:
    assert len(ALL) > 90  # docs/security.md says so


@pytest.mark.parametrize("name", ALL)
def test_an_attack_gets_what_it_earned_and_nothing_else(host: Host, name: str) -> None:
    attack = ALL[name]
    code = (
        attack.code.replace("{course}", str(host.course))
        .replace("{home}", str(host.home))
        .replace("{port}", str(host.tcp.getsockname()[1]))
        .replace("{abstract}", f"host-{os.getpid()}")
        .replace("{pid}", str(os.getpid()))
        .replace("{marker}", MARKER)
        .replace("{canary}", CANARY)
        .replace("{{", "{")
        .replace("}}", "}")
    )
    before = host.state()
    score, results = host.grade(code)
    assert score == 20 - attack.lost, {i: r.outputs for i, r in results.items() if r.outputs}

    assert name not in STOPPED_BY or STOPPED_BY[name] in {result.stopped for result in results.values()}

    said = "".join(str(result.outputs) for result in results.values())
    assert CANARY not in said
    assert "FOUND" not in said
    assert host.state() == before
    assert select.select([host.tcp, host.abstract], [], [], 0)[0] == []
    assert MARKER not in subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout

    plain_points = host.plain_points
    assert host.grade()[0] == 20
    assert host.plain_points == 1  # a neighbour's
    assert plain_points == 1 or attack.lost  # as it is the solution


def test_the_next_submission_is_alone(host: Host) -> None:
    """The same outputs, to the byte, whatever came before."""
    alone = {index: result.outputs for index, result in host.grade()[1].items()}
    host.grade(ATTACKS["module state"].code)
    host.grade(ATTACKS["files for the next"].code)
    host.grade(ATTACKS["double fork"].code)
    assert {index: result.outputs for index, result in host.grade()[1].items()} == alone
