"""`course release` and `course bundle`: what students get, proven to be free of solutions and hidden tests."""

from pathlib import Path

from nbjudge.authoring import bundle as bundles
from nbjudge.authoring import release as releases
from nbjudge.authoring.errors import ReleaseError
from nbjudge.authoring.exercise import Exercise
from nbjudge.authoring.proof import Doubt
from nbjudge.commands import next_is, say_marked
from nbjudge.course.course import Course
from nbjudge.course.errors import CourseError


def release(assignment: str) -> None:
    """Make the students' version from source/, and prove that nothing leaks before it is put into release/."""
    course = Course.here()
    try:
        _list(releases.release(Exercise.load(course, assignment)))
    except CourseError as error:
        raise _refusal(error, f"{course.show(course.release(assignment))} is as it was") from None
    next_is("course", "bundle", assignment)


def bundle(assignment: str, to: Path | None) -> None:
    """Pack what students need into one zip file: the release, what it imports, the environment, a README."""
    target = to or Path(f"{assignment}.zip")
    try:
        _list(bundles.bundle(Exercise.load(Course.here(), assignment), target))
    except CourseError as error:
        raise _refusal(error, f"{target} is as it was") from None
    next_is("course", "collect", assignment, "DOWNLOAD", why="when students have handed in")


def _list(facts: list[str]) -> None:
    for fact in facts:
        say_marked("!" if isinstance(fact, Doubt) else "✓", fact)


def _refusal(error: CourseError, kept: str) -> CourseError:
    """All that is to be mended, one line each, if there is more than one thing."""
    reasons = error.reasons if isinstance(error, ReleaseError) else (str(error),)
    if len(reasons) == 1:
        return CourseError(f"{reasons[0]} Nothing was written; {kept}.")
    lines = "\n".join(f"  {reason}" for reason in reasons)
    return CourseError(f"{len(reasons)} things are to be mended. Nothing was written; {kept}.\n{lines}")
