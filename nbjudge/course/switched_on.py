"""Tells whether a course has the grader switched on, and nothing set that takes a part of it away again."""

from collections.abc import Sequence
from typing import Any

from traitlets.config import Config

from nbjudge.course.config_files import CONFIG
from nbjudge.course.errors import CourseError
from nbjudge.course.grading_steps import AUTOGRADE, EXPORTER, class_name

NEEDED = [step for step in AUTOGRADE if step.startswith("nbjudge.")]
"""Our steps of grading, in their order; others may stand between them."""
INSTEAD = {"Execute": NEEDED[1], "SaveAutoGrades": NEEDED[-1]}
"""Steps of nbgrader's that must not stand beside ours."""
ADVICE = "set that list before nbjudge.configure(c), which puts its steps between yours."


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
    names = list(map(class_name, steps))
    for own in NEEDED:
        if class_name(own) not in names:
            raise CourseError(f"c.Autograde.autograde_preprocessors in {CONFIG} leaves out {own}; {ADVICE}")
    places = [names.index(class_name(own)) for own in NEEDED]
    if places != sorted(places):
        raise CourseError(f"c.Autograde.autograde_preprocessors in {CONFIG} has another order than it needs; {ADVICE}")
    for name, own in INSTEAD.items():
        if name in names:
            raise CourseError(f"c.Autograde.autograde_preprocessors in {CONFIG} has {name} beside {own}; {ADVICE}")
