"""From source/ to release/, with the proof that nothing leaks on the way."""

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nbjudge.authoring import lint as source
from nbjudge.authoring import proof
from nbjudge.authoring.exercise import Exercise, ReleaseError


def release(course: Exercise) -> list[str]:
    """Check source/, generate the release in a temporary place, prove it, and only then put it into release/.

    Raises
    ------
    ReleaseError
        If anything is wrong; then release/ is as it was.
    """
    _check_target(course)
    facts = proof.check_source(course)
    with _workspace(course.root) as work:
        first = _generate(course, work / "first", "--no-db")
        facts += proof.prove(course, first)
        facts += proof.prove_grading(course, first)
        second = _generate(course, work / "second")
        if _bytes(first) != _bytes(second):
            raise ReleaseError("two runs of nbgrader gave different files; something in source/ depends on chance.")
        _publish(second, course.release)
    return [*facts, f"Generated twice, byte for byte the same, and put into {course.show(course.release)}."]


def _check_target(course: Exercise) -> None:
    """Nothing that isn't generated may be overwritten."""
    before = course.release.with_name(f".{course.release.name}.before")
    if before.exists() and not course.release.exists():
        before.rename(course.release)  # an earlier run was stopped halfway
    if not course.release.exists():
        return
    expected = {*source.side_files(course.source, course.notebook), Path(course.notebook)}
    odd = [path for path in source.side_files(course.release, "") if path not in expected]
    if odd:
        names = ", ".join(map(str, odd))
        raise ReleaseError(f"{course.show(course.release)} holds what source/ doesn't give: {names}. Move it away.")


@contextmanager
def _workspace(root: Path) -> Iterator[Path]:
    """A folder for what isn't proven yet, on the same file system as release/."""
    work = Path(tempfile.mkdtemp(prefix=".release-", dir=root))
    try:
        yield work
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _generate(course: Exercise, folder: Path, *options: str) -> Path:
    """Let nbgrader make the release in ``folder``, with the course's own configuration."""
    step = f"--CourseDirectory.release_directory={folder.relative_to(course.root)}"
    place = f"--CourseDirectory.root={course.root}"
    command = [sys.executable, "-m", "nbgrader", "generate_assignment", course.assignment, step, place, *options]
    try:
        done = subprocess.run(command, cwd=course.root, capture_output=True, text=True, timeout=600)
    except subprocess.TimeoutExpired:
        raise ReleaseError("nbgrader generate_assignment didn't come to an end within ten minutes.") from None
    made = course.place(str(folder.relative_to(course.root)))
    if done.returncode != 0 or not (made / course.notebook).is_file():
        said = [line.split("| ERROR] ")[-1] for line in done.stderr.splitlines() if "| ERROR]" in line]
        raise ReleaseError(f"nbgrader generate_assignment failed: {(said or ['no message'])[0]}")
    return made


def _bytes(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def _publish(made: Path, to: Path) -> None:
    """Put ``made`` in the place of ``to``; if that fails, ``to`` is as it was."""
    to.parent.mkdir(parents=True, exist_ok=True)
    before = to.with_name(f".{to.name}.before")
    shutil.rmtree(before, ignore_errors=True)  # of an earlier run that was stopped at its very end
    if to.exists():
        to.rename(before)
    try:
        made.rename(to)
    except OSError as error:
        if before.exists():
            before.rename(to)
        raise ReleaseError(f"{to} can't be written: {error.strerror}.") from error
    shutil.rmtree(before, ignore_errors=True)
