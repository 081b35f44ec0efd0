"""A rule about the code itself, as data, and why one isn't kept, in words."""

from dataclasses import dataclass
from typing import Any

from nbprobe.errors import FormError
from nbprobe.kinds import Break
from nbprobe.reason import Reason


@dataclass(frozen=True)
class Rule:
    """What a function must look like.

    Attributes
    ----------
    of : its qualified name, for example ``Classifier.forward``
    loops, recursion : whether it must have one (True), mustn't (False), or may (None)
    calls, avoids : names of what it must call, and of what it mustn't use
    apart : functions that aren't looked into where it calls them: the exercise's own
    """

    of: str
    loops: bool | None = None
    calls: tuple[str, ...] = ()
    avoids: tuple[str, ...] = ()
    recursion: bool | None = None
    apart: tuple[str, ...] = ()

    def as_data(self) -> dict[str, Any]:
        """The rule as it is published and stored."""
        lists = {"calls": list(self.calls), "avoids": list(self.avoids), "apart": list(self.apart)}
        return {"of": self.of, "loops": self.loops, "recursion": self.recursion, **lists}

    @classmethod
    def from_data(cls, data: Any) -> "Rule":
        """The rule that was stored.

        Raises
        ------
        FormError
            If this is none.
        """
        try:
            lists = {key: tuple(map(str, data[key])) for key in ("calls", "avoids", "apart")}
            return cls(str(data["of"]), data["loops"], recursion=data["recursion"], **lists)
        except (KeyError, TypeError) as error:
            raise FormError("a rule must say of what it is, and what it asks for") from error


def sentence_of(each: Break) -> Reason:
    """Why a rule isn't kept."""
    line = f" in line {each.line} of its cell" if each.line else ""
    who = f"`{each.where}`, which is called here," if each.where else "It"
    without = "; this is to be done without" if each.kind != "unclear" else ""
    sentences = {
        "loop": (f"{who} has a loop, `{each.found}`{line}{without}.", "It has a loop; this is to be done without."),
        "no loop": ("It has no loop, and one is asked for.", ""),
        "not called": (f"`{each.about}` isn't called, and that is asked for.", ""),
        "avoided": (f"{who} uses `{each.found}`{line}{without}.", f"It uses `{each.about}`{without}."),
        "recursion": (f"{who} calls itself{line}{without}.", f"It calls itself{without}."),
        "no recursion": ("It doesn't call itself, and that is asked for.", ""),
        "unclear": (
            f"{who} uses `{each.found}`{line}, so its text doesn't say what it does.",
            "Its text doesn't say what it does.",
        ),
        "unseen": (f"There is no `def` of `{each.about}` that could be read: write it in a cell, and run that.", ""),
    }
    return Reason(*sentences[each.kind])
