"""From source/ to release/, with the proof that nothing leaks on the way."""

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from nbjudge.authoring import generation, lint, proof, second_wall
from nbjudge.authoring.errors import ReleaseError
from nbjudge.authoring.exercise import Exercise


def release(exercises: Sequence[Exercise]) -> list[str]:
    """Check source/, generate the release in a temporary place, prove it, and only then put it into release/.

    Raises
    ------
    ReleaseError
        If anything is wrong; then release/ is as it was.
    """
    exercise = exercises[0]
    _check_target(exercise)
    with _workspace(exercise.root) as work:
        with ThreadPoolExecutor() as beside_us:  # processes of their own, while this one looks
            generating = beside_us.submit(generation.apart, exercise, work / "first")
            facts = proof.of_all(proof.check_source, exercises)
            running = {each.notebook: beside_us.submit(proof.run_both, each) for each in exercises}
            doubts = proof.of_all(second_wall.doubts, exercises)
            first = generating.result()
            facts += proof.of_all(lambda each: proof.prove(each, first), exercises)
            facts += proof.of_all(lambda each: proof.prove_grading(each, running[each.notebook].result), exercises)
        second = generation.in_a_copy_of_this_process(exercise, work / "second")
        if _bytes(first) != _bytes(second):
            raise ReleaseError("two runs of nbgrader gave different files; something in source/ depends on chance.")
        _publish(second, exercise.release)
    facts += doubts
    return [*facts, f"Generated twice, byte for byte the same, and put into {exercise.show(exercise.release)}."]


def _check_target(exercise: Exercise) -> None:
    """Nothing that isn't generated may be overwritten."""
    before = exercise.release.with_name(f".{exercise.release.name}.before")
    if before.exists() and not exercise.release.exists():
        before.rename(exercise.release)  # an earlier run was stopped halfway
    if not exercise.release.exists():
        return
    expected = {*lint.side_files(exercise.source)}
    odd = [path for path in lint.side_files(exercise.release) if path not in expected]
    if odd:
        names = ", ".join(map(str, odd))
        raise ReleaseError(f"{exercise.show(exercise.release)} holds what source/ doesn't give: {names}. Move it away.")


@contextmanager
def _workspace(root: Path) -> Iterator[Path]:
    """A folder for what isn't proven yet, on the same file system as release/."""
    work = Path(tempfile.mkdtemp(prefix=".release-", dir=root))
    try:
        yield work
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _bytes(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def _publish(generated: Path, to: Path) -> None:
    """Put ``generated`` in the place of ``to``; if that fails, ``to`` is as it was."""
    to.parent.mkdir(parents=True, exist_ok=True)
    before = to.with_name(f".{to.name}.before")
    shutil.rmtree(before, ignore_errors=True)  # of an earlier run that was stopped at its very end
    if to.exists():
        to.rename(before)
    try:
        generated.rename(to)
    except OSError as error:
        if before.exists():
            before.rename(to)
        raise ReleaseError(f"{to} can't be written: {error.strerror}.") from error
    shutil.rmtree(before, ignore_errors=True)
