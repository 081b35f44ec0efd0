"""Why a result isn't right, as it is told and stored. Who only reads it needs no numpy."""

from dataclasses import dataclass
from typing import Any, Self

from nbprobe.errors import FormError


@dataclass(frozen=True)
class Reason:
    """Why something isn't as it should be, in one sentence.

    Attributes
    ----------
    text : the sentence for the student
    general : the same without what is one student's own: numbers, messages, names of what they wrote; by default
        ``text``. Many students get the same one, so that they can be counted, and it names nobody.
    """

    text: str
    general: str = ""

    def __post_init__(self) -> None:
        if not self.general:
            object.__setattr__(self, "general", self.text)

    @classmethod
    def with_numbers(cls, sentence: str, *numbers: float | str) -> Self:
        """A reason with ``numbers`` in the places ``{}`` of ``sentence``; in general they are left out."""
        return cls(sentence.format(*numbers), sentence.format(*["…"] * len(numbers)))

    def as_data(self) -> dict[str, str]:
        """The reason as it is stored."""
        return {"text": self.text, "general": self.general}

    @classmethod
    def from_data(cls, data: Any) -> Self:
        """The reason that was stored.

        Raises
        ------
        FormError
            If this is none.
        """
        if isinstance(data, dict) and isinstance(data.get("text"), str) and isinstance(data.get("general"), str):
            return cls(data["text"], data["general"])
        raise FormError("a reason must have a text, and the same in general")
