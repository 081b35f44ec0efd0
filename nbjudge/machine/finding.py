"""What is said of one part of a machine."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

WORKS, LIMITED, FAILS, UNSEEN = "works", "limited", "fails", "unseen"
"""The states of a part; ``UNSEEN`` is what isn't there and isn't needed, or can't be looked at."""
GRADING, VALIDATING = "grading", "validating"
"""What a part can be needed for."""

Facts = Mapping[str, Any]
"""What was found out about a topic, plain data as in JSON. The key ``FAILED`` stands for all others."""
FAILED = "failed"


@dataclass(frozen=True)
class Finding:
    """
    Attributes
    ----------
    part : its name
    state : one of the constants above
    says : words that follow the name, without a period
    line : what to type, or ""
    needed_for : what can't be done if it fails
    """

    part: str
    state: str
    says: str
    line: str = ""
    needed_for: tuple[str, ...] = ()

    def prevents(self, purpose: str) -> bool:
        return self.state == FAILS and purpose in self.needed_for

    def as_data(self) -> dict[str, Any]:
        return asdict(self)
