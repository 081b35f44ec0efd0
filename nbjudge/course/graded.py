"""Graded notebooks: what grading writes into their metadata, under which key, and the one reader of it."""

from dataclasses import dataclass
from typing import Any

from nbjudge.course.errors import CourseError

UNFINISHED = "unfinished"
"""Key in the metadata of a notebook between intake and grade."""
OF_AN_OLDER_VERSION = "Something was put right; grade the submission again to read what."
"""What can be said in general of a repair that is stored as a mere sentence, which may name a file of the student's."""


class DamagedError(CourseError):
    """A graded notebook isn't as grading wrote it."""


@dataclass(frozen=True)
class Repair:
    """What was put right in a submission before it was graded.

    Attributes
    ----------
    text : a sentence for the student
    general : the same without what is one student's own, such as the name of a file; by default ``text``
    """

    text: str
    general: str = ""

    def __post_init__(self) -> None:
        if not self.general:
            object.__setattr__(self, "general", self.text)

    def as_data(self) -> dict[str, str]:
        """What is stored in a notebook's metadata, in the list ``repaired`` below ``intake``."""
        return {"text": self.text, "general": self.general}

    @classmethod
    def from_data(cls, data: Any) -> "Repair":
        """The repair that was stored; version 1.0 stored the sentence alone.

        Raises
        ------
        DamagedError
            If this is no repair.
        """
        if isinstance(data, str):
            return cls(data, OF_AN_OLDER_VERSION)
        if isinstance(data, dict) and isinstance(data.get("text"), str) and isinstance(data.get("general"), str):
            return cls(data["text"], data["general"])
        raise DamagedError("what is said of a repair can't be read; grade the submission again.")
