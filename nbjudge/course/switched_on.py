"""Tells whether a course has the grader switched on, and nothing set that takes a part of it away again."""

from collections.abc import Sequence
from typing import Any

from traitlets.config import Config

from nbjudge.course.config_files import CONFIG
from nbjudge.course.errors import CourseError

EXPORTER = "nbjudge.intake.step.SubmissionExporter"
NEEDED = [
    "nbjudge.judging.steps.ForgetScores",
    "nbjudge.sandbox.step.SandboxedExecute",
    "nbjudge.judging.steps.Judge",
    "nbjudge.pages.clean.Clean",
    "nbjudge.judging.confirmed.SaveGrades",
]
"""Steps of grading, in their order; others may stand between them."""
INSTEAD = {"Execute": NEEDED[1], "SaveAutoGrades": NEEDED[4]}
"""Steps of nbgrader's that must not stand beside ours."""


def require_switched_on(config: Config) -> None:
    """
    Raises
    ------
    CourseError
        If ``nbjudge.configure`` wasn't called, or what it set was changed so that submissions would be run or graded in
        another way.
    """
    if config.Autograde.get("exporter_class") != EXPORTER:
        raise CourseError(
            f"{CONFIG} doesn't switch the grader on; add at its end the lines `import nbjudge` and "
            "`nbjudge.configure(c)`."
        )
    require_steps(config.Autograde.get("autograde_preprocessors", []))


def require_steps(steps: Sequence[Any]) -> None:
    """
    Raises
    ------
    CourseError
        If the steps of grading aren't complete and in order.
    """
    names = [step if isinstance(step, str) else f"{step.__module__}.{step.__qualname__}" for step in steps]
    places = [next((place for place, name in enumerate(names) if _last(name) == _last(own)), -1) for own in NEEDED]
    for own, place in zip(NEEDED, places, strict=True):
        if place < 0:
            raise CourseError(f"c.Autograde.autograde_preprocessors in {CONFIG} leaves out {own}; {ADVICE}")
    if places != sorted(places):
        raise CourseError(f"c.Autograde.autograde_preprocessors in {CONFIG} has another order than it needs; {ADVICE}")
    for name, own in INSTEAD.items():
        if any(_last(each) == name for each in names):
            raise CourseError(f"c.Autograde.autograde_preprocessors in {CONFIG} has {name} beside {own}; {ADVICE}")


ADVICE = "set that list before nbjudge.configure(c), which puts its steps between yours."


def _last(name: str) -> str:
    return name.rpartition(".")[2]
