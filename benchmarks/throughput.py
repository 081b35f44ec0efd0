"""Prints how many submissions are graded per second: stock nbgrader, nbgrader with our set-up, `course autograde`.

All grade the same submissions of ex04, in turns, in one run: right, wrong, half-done and damaged ones. Then it prints
where the CPU time of one submission goes. Called by `make bench`; nearly all of its minutes are stock nbgrader's.
"""

import cProfile
import os
import pstats
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import psutil
from rich.console import Console
from rich.table import Table
from students import hand_in

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "source/ex04/1_simple_classifier.ipynb"
STOCK = "stock nbgrader autograde"
PLAIN = "nbgrader autograde with our set-up"
COURSE = "course autograde"
PARTS = {
    # where the profiler saw the time, by a part of the file's path; the first that fits counts
    "database": ("sqlalchemy", "nbgrader/api.py", "batch/kept_gradebook.py", "'sqlite3"),
    "execution, on our side": ("sandbox/", "_socket", "select.select", "posix.read"),
    "judging": ("nbprobe/", "judging/", "numpy", "markup.py"),
}
REST = "nbgrader and its libraries"


def prepared(folder: Path, count: int) -> Path:
    """A course with a class that has handed in."""
    shutil.copytree(SOURCE.parent, folder / "source/ex04")
    nbgrader("generate_assignment", folder, ROOT)
    hand_in(count, SOURCE, folder / "release/ex04" / SOURCE.name, folder / "submitted")
    return folder


def nbgrader(command: str, course: Path, directory: Path) -> None:
    """``directory`` decides about the configuration: nbgrader reads the one in its working directory."""
    words = [sys.executable, "-m", "nbgrader", command, "ex04", "--force", f"--CourseDirectory.root={course}"]
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    subprocess.run(words, cwd=directory, env=environment, capture_output=True)  # damaged files make stock nbgrader fail


def graded_by(way: str, course: Path, nowhere: Path) -> float:
    """Seconds that it takes."""
    begin = time.perf_counter()
    if way == COURSE:
        words = [sys.executable, "-m", "nbjudge", "autograde", "ex04", "--force", "--quiet"]
        subprocess.run([*words, "--", f"--CourseDirectory.root={course}"], cwd=ROOT, check=True)
    else:
        nbgrader("autograde", course, nowhere if way == STOCK else ROOT)
    return time.perf_counter() - begin


def compare(folder: Path, count: int, rounds: int) -> Table:
    courses = {way: prepared(folder / str(number), count) for number, way in enumerate((STOCK, PLAIN, COURSE))}
    (folder / "nowhere").mkdir()
    nbgrader("generate_assignment", courses[STOCK], folder / "nowhere")
    seconds: dict[str, list[float]] = {way: [] for way in courses}
    for _ in range(rounds):
        for way, course in courses.items():
            seconds[way].append(graded_by(way, course, folder / "nowhere"))
    result = Table("", "submissions per second", "times stock", title=f"{count} submissions, {rounds} rounds")
    for way, own in seconds.items():
        ratios = sorted(stock / mine for stock, mine in zip(seconds[STOCK], own, strict=True))
        spread = f"{statistics.median(ratios):.1f} ({ratios[0]:.1f} to {ratios[-1]:.1f})"
        result.add_row(way, f"{count / statistics.median(own):.2f}", spread)
    return result


def split(course: Path, count: int) -> Table:
    """CPU time of one submission, by what it was spent on."""
    from nbjudge.batch import worker
    from nbjudge.course.course import Course
    from nbjudge.sandbox.step import close_all

    os.chdir(ROOT)
    students = sorted(folder.name for folder in (course / "submitted").iterdir())[:count]
    options = (f"--CourseDirectory.root={course}",)

    obeyed = tuple(Course.here(options=options).config_files.items())

    def grade(student: str) -> None:
        worker.grade(worker.Task(str(ROOT), options, "ex04", student, obeyed))

    grade(students[0])  # starts what stays
    own, inside = time.process_time(), _of_children()
    for student in students:
        grade(student)
    own, inside = (time.process_time() - own) / count, (_of_children() - inside) / count
    profile = cProfile.Profile()
    profile.enable()
    for student in students:
        grade(student)
    profile.disable()
    close_all()
    seconds_of: Counter[str] = Counter()
    for (path, _, function), (_, _, seconds, _, _) in pstats.Stats(profile).stats.items():  # type: ignore[attr-defined]
        where = f"{path}{function}"
        if "select.select" not in where and "recv" not in where:  # waiting is no work
            seconds_of[next((part for part, names in PARTS.items() if any(name in where for name in names)), REST)] += (
                seconds
            )
    total = sum(seconds_of.values())
    result = Table("part of one submission", "ms of CPU", title=f"mean of {count} submissions, one process")
    result.add_row("execution, in the sandbox", f"{1000 * inside:.0f}")
    for part, seconds in seconds_of.most_common():
        result.add_row(part, f"{1000 * own * seconds / total:.0f}")
    result.add_row("all", f"{1000 * (own + inside):.0f}")
    return result


def _of_children() -> float:
    """CPU seconds of all processes below this one, and of those below them that have ended."""
    times = [process.cpu_times() for process in psutil.Process().children(recursive=True)]
    return sum(time.user + time.system + time.children_user + time.children_system for time in times)


def main(count: int, rounds: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        Console().print(compare(Path(folder), count, rounds))
        Console().print(split(Path(folder) / "2", min(count, 40)))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:] or (40, 3)))
