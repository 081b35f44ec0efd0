"""nbgrader's steps: what they are called in a configuration, and those by which submissions are graded here."""

from typing import Any

EXPORTER = "nbjudge.intake.step.SubmissionExporter"
AUTOGRADE = [
    "nbjudge.judging.steps.ForgetScores",
    "nbjudge.sandbox.step.SandboxedExecute",
    "nbjudge.judging.steps.Judge",
    "nbjudge.pages.clean.Clean",
    "nbgrader.preprocessors.IgnorePattern",
    "nbgrader.preprocessors.LimitOutput",
    "nbjudge.judging.confirmed.SaveGrades",
    "nbgrader.preprocessors.AssignLatePenalties",
]


def name_of(step: Any) -> str:
    """The name of a step, which stands in a configuration by its name or as a class."""
    return step if isinstance(step, str) else f"{step.__module__}.{step.__qualname__}"


def class_name(step: Any) -> str:
    """The last part of its name. nbgrader's own steps can be named by several modules."""
    return name_of(step).rpartition(".")[2]
