"""Prints how long commands take, each beside what it replaces or is held to, in turns, in one run.

Three kinds of comparison: with a program that does nothing but parse its command line; with `import nbgrader.api`,
which every command needs that reads a gradebook; and with an earlier state of this repository, taken from git.
Processor time counts all processes of a command, and is disturbed least by others on the machine; where a command does
several things at once, only the wall shows it. Called by `make bench`; a short run is
`python benchmarks/commands.py table export --rounds 3`.
"""

import argparse
import ctypes
import io
import os
import shutil
import statistics
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from rich.console import Console
from rich.table import Table
from throughput import ROOT, prepared

BEFORE = "ac02081"
"""The commit with which what was made faster since is compared."""
TYPER = """
import typer
app = typer.Typer(add_completion=False)
for name in ("a", "b"):
    app.command(name)(lambda: None)
app()
"""
PR_SET_CHILD_SUBREAPER = 36
STUDENT = "student00003"
SMALL, MIDDLE, LARGE = 10, 36, 1000
"""Submissions of a class."""


class Run(NamedTuple):
    """A command, where it runs, and its exit code. The modules are those of that folder."""

    words: Sequence[str]
    folder: Path
    code: int = 0


class Row(NamedTuple):
    """Two commands that are compared, and what their ratio is to be at most."""

    what: str
    beside: str
    target: float
    runs: Callable[["Places"], tuple[Run, Run]]


class Places:
    """This state of the repository, the earlier one, and graded classes; each is made when it is asked for."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @cached_property
    def now(self) -> Path:
        """A copy: commands write into the course in which they run."""
        names = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for name in filter(None, names.split("\0")):
            if (ROOT / name).is_file():
                path = self._folder / "now" / name
                path.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / name, path)
        return self._folder / "now"

    @cached_property
    def before(self) -> Path:
        done = subprocess.run(["git", "archive", BEFORE], cwd=ROOT, capture_output=True, check=True)
        with tarfile.open(fileobj=io.BytesIO(done.stdout)) as archive:
            archive.extractall(self._folder / "before", filter="data")
        return self._folder / "before"

    @cached_property
    def nowhere(self) -> Path:
        """No configuration, so nbgrader is as it comes."""
        (self._folder / "nowhere").mkdir()
        return self._folder / "nowhere"

    def graded(self, count: int, by: Path) -> Path:
        """A class that was graded by the state in the folder ``by``."""
        course = self._folder / f"{by.name}-{count}"
        if not course.exists():
            prepared(course, count)
            if by == self.nowhere:
                measured(Run([*NBGRADER, "generate_assignment", "ex04", "--force", _at(course)], by))
            else:
                measured(Run([*COURSE, "autograde", "ex04", "--quiet", "--", _at(course)], by))
        return course


COURSE, NBGRADER = [sys.executable, "-m", "nbjudge"], [sys.executable, "-m", "nbgrader"]
PARSING, IMPORTING = "--help of a program with two empty commands", "import nbgrader.api"


def _at(course: Path) -> str:
    return f"--CourseDirectory.root={course}"


def _parsing(*words: str, code: int = 0) -> Callable[[Places], tuple[Run, Run]]:
    return lambda places: (
        Run([*COURSE, *words], places.now, code),
        Run([sys.executable, "-c", TYPER, "--help"], places.now),
    )


def _reading(*words: str) -> Callable[[Places], tuple[Run, Run]]:
    def runs(places: Places) -> tuple[Run, Run]:
        course = places.graded(MIDDLE, places.now)
        own = Run([*COURSE, *words, "--root", str(course)], places.now)
        return own, Run([sys.executable, "-c", IMPORTING], places.now)

    return runs


def _with_before(count: int, *words: str, grader: bool = False) -> Callable[[Places], tuple[Run, Run]]:
    """The same command in both states; each in a class that it has graded itself."""

    def run(places: Places, state: Path) -> Run:
        course = places.graded(count, state) if count else None
        where = [] if course is None else ["--", _at(course)] if grader else ["--root", str(course)]
        return Run([*COURSE, *words, *where], state)

    return lambda places: (run(places, places.now), run(places, places.before))


def _with_stock(places: Places) -> tuple[Run, Run]:
    own, stock = (places.graded(SMALL, by) for by in (places.now, places.nowhere))
    words = ["autograde", "ex04", "--force"]
    return (
        Run([*COURSE, *words, "--quiet", "--student", STUDENT, "--", _at(own)], places.now),
        Run([*NBGRADER, *words, f"--student={STUDENT}", _at(stock)], places.nowhere),
    )


FORMER = f"the same at {BEFORE}"
ROWS = {
    "help": Row("course --help", PARSING, 2, _parsing("--help")),
    "command-help": Row("course table --help", PARSING, 2, _parsing("table", "--help")),
    "mistyped": Row("course autograde --nonsense", PARSING, 2, _parsing("autograde", "--nonsense", code=2)),
    "table": Row(f"course table, {MIDDLE} graded", IMPORTING, 1.3, _reading("table", "ex04")),
    "export": Row(f"course export, {MIDDLE} graded", IMPORTING, 1.3, _reading("export", "ex04")),
    "report": Row(f"course report, {MIDDLE} graded", FORMER, 1, _with_before(MIDDLE, "report", "ex04")),
    "release": Row("course release", FORMER, 0.4, _with_before(0, "release", "ex04")),
    "one": Row("course autograde of one student", "stock nbgrader autograde of the same", 1, _with_stock),
    "ten": Row(
        f"course autograde, class of {SMALL}",
        FORMER,
        1,
        _with_before(SMALL, "autograde", "ex04", "--quiet", "--force", grader=True),
    ),
    "nothing": Row(
        f"course autograde, {LARGE:,} graded and unchanged",
        FORMER,
        1,
        _with_before(LARGE, "autograde", "ex04", "--quiet", grader=True),
    ),
}


def measured(run: Run) -> tuple[float, float]:
    """Seconds of processor time of all its processes, and seconds on the wall."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "PYTHONPATH": str(run.folder), "TQDM_DISABLE": "1"}
    begin = os.times()
    done = subprocess.run(run.words, cwd=run.folder, env=environment, capture_output=True, text=True)
    ended = os.times()
    assert done.returncode == run.code, (run.words, done.stdout, done.stderr)
    with suppress(ChildProcessError):  # what outlived it, such as a warm sandbox
        while True:
            os.wait()
    end = os.times()
    used = end.children_user + end.children_system - begin.children_user - begin.children_system
    return used, ended.elapsed - begin.elapsed


def compared(row: Row, places: Places, rounds: int) -> list[str]:
    """The cells of a row."""
    own, other = row.runs(places)
    measured(own), measured(other)  # files are read from the disk, modules compiled, answers worked out
    pairs = [(measured(own), measured(other)) for _ in range(rounds)]
    cells = [row.what, row.beside]
    for what in (0, 1):  # processor, wall
        cells.append(
            " : ".join(f"{statistics.median(side[what] for side in each):.2f}" for each in zip(*pairs, strict=True))
        )
        ratios = sorted(mine[what] / theirs[what] for mine, theirs in pairs)
        cells.append(f"{statistics.median(ratios):.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f})")
    return [*cells, f"{row.target:g}"]


def has_before() -> bool:
    known = subprocess.run(["git", "cat-file", "-e", f"{BEFORE}^{{commit}}"], cwd=ROOT, capture_output=True)
    return known.returncode == 0


def main() -> None:
    parser = argparse.ArgumentParser(description="How long commands take, beside what they are held to.")
    parser.add_argument(
        "rows", nargs="*", choices=[[], *ROWS], metavar="ROW", help=f"of {', '.join(ROWS)}; default: all"
    )
    parser.add_argument("--rounds", type=int, default=7)
    chosen = parser.parse_args()
    rows = [ROWS[name] for name in chosen.rows or ROWS]
    if not has_before() and any(row.beside == FORMER for row in rows):
        Console().print(f"There is no commit {BEFORE} in this clone, so nothing is compared with it.")
        rows = [row for row in rows if row.beside != FORMER]
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)
    title = f"median of {chosen.rounds} rounds, in turns (least to most)"
    headings = ["command", "beside", "processor, s", "ratio", "wall, s", "ratio", "ratio at most"]
    table = Table(*headings, title=title)
    with tempfile.TemporaryDirectory() as folder:
        places = Places(Path(folder))
        for row in rows:
            table.add_row(*compared(row, places, chosen.rounds))
    Console(width=max(Console().width, 160)).print(table)


if __name__ == "__main__":
    main()
