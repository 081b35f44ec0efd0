"""The sample class of ex04 hands in."""

from pathlib import Path

from nbjudge.authoring import sample_class as engine
from sample_class.ex04 import STUDENTS


def hand_in(source: Path, release: Path, submitted: Path) -> None:
    """Write the submission of each student to ``submitted/<student>/<assignment>/``."""
    assignment = release.parent.name
    engine.hand_in(STUDENTS, source, release, lambda student: submitted / student / assignment)
