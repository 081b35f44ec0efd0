"""What a call can lead to beside a value: something printed, an error; and what a rule finds in an answer."""

from dataclasses import dataclass
from typing import NamedTuple


@dataclass(frozen=True)
class Printed:
    """What a call printed.

    Attributes
    ----------
    lines : without blanks at their ends, and without empty ones at the end
    returned : what kind of thing the call returned, in words; "" for None
    """

    lines: tuple[str, ...]
    returned: str = ""


@dataclass(frozen=True)
class Raised:
    """The error with which a call stopped.

    Attributes
    ----------
    names : of its class, and of the classes that this one is derived from; nothing if there was no error
    """

    names: tuple[str, ...] = ()


class Break(NamedTuple):
    """One place where a rule isn't kept.

    Attributes
    ----------
    kind : one of ``BREAKS``
    about : the name that the rule is about, or ""
    found : what stands there, as it is written
    where : the function in which it stands, if that is another one
    line : within its cell; 0 if there is none
    """

    kind: str
    about: str = ""
    found: str = ""
    where: str = ""
    line: int = 0


@dataclass(frozen=True)
class Code:
    """What a rule finds in an answer: nothing if it is kept."""

    breaks: tuple[Break, ...] = ()


NAMES: dict[type, str] = {
    str: "a text",
    bool: "True or False",
    int: "a number",
    float: "a number",
    list: "a list",
    tuple: "a tuple",
    dict: "a dict",
    set: "a set",
}
"""What kinds of things are called in sentences."""
BREAKS = ("loop", "no loop", "not called", "avoided", "recursion", "no recursion", "unclear", "unseen")
OUTCOMES = (Printed, Raised, Code)
