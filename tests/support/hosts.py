"""A machine with a grader on it, for hostile submissions. Every check is made outside of them."""

import hashlib
import os
import resource
import select
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

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
    listening: list[socket.socket]
    """Of TCP, at an abstract name, and two at a path: of streams, and of datagrams."""
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
                    about = path.lstat()
                sums.update(f"{path} {about.st_mode} {about.st_uid}".encode())
                if path.is_file():
                    sums.update(f"{about.st_mtime_ns} {about.st_nlink}".encode() + path.read_bytes())
        own = os.getpriority(os.PRIO_PROCESS, 0), os.sched_getaffinity(0), os.sched_getscheduler(0)
        limits = [resource.getrlimit(kind) for kind in (resource.RLIMIT_NOFILE, resource.RLIMIT_AS)]
        return sums.hexdigest() + str((own, limits))


@contextmanager
def a_host(folder: Path, wall: str) -> Iterator[Host]:
    """``folder``: an empty one, for what can be stolen or broken. ``wall``: the one that is up."""
    course, home = folder / "course", folder / "home"
    for path in ("source/ex04/nb.ipynb", "gradebook.db", "submitted/other/ex04/nb.ipynb"):
        (course / path).parent.mkdir(parents=True, exist_ok=True)
        (course / path).write_text(CANARY)
    home.mkdir()
    before = os.getcwd()
    (home / "secret").write_text(CANARY)
    os.environ["SECRET"] = CANARY
    tcp = socket.create_server(("127.0.0.1", 0))
    listening = [tcp, *(socket.socket(socket.AF_UNIX, kind) for kind in (socket.SOCK_STREAM,) * 2)]
    listening.append(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM))
    os.chdir(home)  # paths of sockets can't be long
    for each, name in zip(listening[1:], (f"\0host-{os.getpid()}", "stream", "datagram"), strict=True):
        each.bind(name)
        if each.type == socket.SOCK_STREAM:
            each.listen()
    os.chdir(before)
    limits = Limits(cell_seconds=4, notebook_seconds=60, memory=800, output=1)
    sandbox = Sandbox(imports_of(SOURCE), [course, home, SOURCE.parent.parent.parent], limits, wall)
    yield Host(course, home, sandbox, oracle.load(Course(CourseDirectory(root=str(folder))), "ex04", SOURCE), listening)
    sandbox.close()
    for each in listening:
        each.close()
    del os.environ["SECRET"]


def check(host: Host, attack: str, lost: float, stopped_by: str, luck: float = 0) -> None:
    """Have it attacked. Then see that nothing was reached, changed or left, and that the next one gets what it earns.

    Parameters
    ----------
    attack
        Code, with places in braces.
    lost
        Points that it costs whoever tries it.
    stopped_by
        What must have stopped it, or "".
    luck
        Points that it may cost beside ``lost``, as it makes its own cells slow and the machine may be busy.
    """
    code = (
        attack.replace("{course}", str(host.course))
        .replace("{home}", str(host.home))
        .replace("{port}", str(host.listening[0].getsockname()[1]))
        .replace("{abstract}", f"host-{os.getpid()}")
        .replace("{pid}", str(os.getpid()))
        .replace("{marker}", MARKER)
        .replace("{canary}", CANARY)
        .replace("{{", "{")
        .replace("}}", "}")
    )
    before = host.state()
    score, results = host.grade(code)
    assert 20 - lost - luck <= score <= 20 - lost, {i: r.outputs for i, r in results.items() if r.outputs}

    assert not stopped_by or stopped_by in {result.stopped for result in results.values()}

    said = "".join(str(result.outputs) for result in results.values())
    assert CANARY not in said
    assert "FOUND" not in said
    assert host.state() == before
    assert select.select(host.listening, [], [], 0)[0] == []
    assert MARKER not in subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout

    plain_points = host.plain_points
    assert host.grade()[0] == 20
    assert host.plain_points == 1  # a neighbour's
    assert plain_points == 1 or lost or luck  # as it is the solution
