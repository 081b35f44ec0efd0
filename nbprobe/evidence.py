"""Reads what probes published. It comes out of a student's process: every part of it may be a lie or nonsense."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from nbprobe.arguments import CONTAINERS
from nbprobe.causes import CAUSES, likely_cause, public_error
from nbprobe.compare import number_of_parts
from nbprobe.errors import FormError
from nbprobe.reason import Reason
from nbprobe.wire import MAX_MESSAGE, MAX_NAME, MAX_NAMES, MAX_NOTES, MIME, decode, printable

Raw = list[dict[str, Any]]
"""What the probes of one test cell published, in their order."""

NUMBER = re.compile(r"[-+]?\d*\.\d+(?:e[-+]?\d+)?|[-+]?\d+\.", re.IGNORECASE)
"""A message could quote the inputs of a probe. Whole numbers, such as those of a shape, may stay."""


NOT_DONE = ("NotImplementedError", "NotReadyError")
"""What a method raises that isn't written yet."""
NOT_IMPLEMENTED = Reason("It is not implemented yet.")
HINTS = {
    " `list` makes a list of it.": ("generator", "map", "filter", "zip", "range", "dict_keys", "dict_values"),
    " Are its brackets missing, as in `f(…)`?": ("function", "method", "builtin_function_or_method"),
}
"""What to do about a result that is no data, by its type."""
KNOWN_CAUSES = {cause for _, _, cause in CAUSES}


@dataclass(frozen=True)
class Evidence:
    """What one probe saw.

    Attributes
    ----------
    value : a number, bool, string, None, array or a list, tuple or dict of these
    trouble : why there is no value, in one sentence
    error, cause : the name of the exception, and what is most likely behind it
    changed : whether an array came back changed
    altered : a list, dict or set that came back changed, in a word; or ""
    printed : whether there is no value, and something was printed in place of it
    notes : what stand-ins noted
    otherwise : what a second way to call gave
    """

    value: Any = None
    trouble: Reason | None = None
    error: str = ""
    cause: str = ""
    changed: bool = False
    altered: str = ""
    printed: bool = False
    notes: tuple[str, ...] = ()
    otherwise: "Evidence | None" = None

    @cached_property
    def parts(self) -> int:
        """How many parts its value has: counted once, and compared with each known way of being wrong."""
        return number_of_parts(self.value)


def published(outputs: Iterable[Mapping[str, Any]], visible: str | None = None) -> Raw:
    """The raw evidence among the outputs of a cell, in their order.

    It is that of the hidden probes, or of the ``visible`` ones of the test of that name.
    """
    raws = []
    for output in outputs:
        data = output.get("data", {}) if output.get("output_type") == "display_data" else {}
        raw = data.get(MIME) if isinstance(data, dict) else None
        if isinstance(raw, dict) and raw.get("visible") == visible:
            raws.append(raw)
    return raws


class Kept(dict[str, Any]):
    """Raw evidence that nobody changes any more, such as the solution's. It is looked through once, and not for each
    submission that is compared with it."""

    def __init__(self, raw: dict[str, Any]) -> None:
        super().__init__(raw)
        self.read: dict[bool, Evidence] = {}


def read_evidence(raw: dict[str, Any], *, has_second: bool = False) -> Evidence:
    """One piece of raw evidence, looked through.

    Parameters
    ----------
    has_second
        Whether the instructor's probe calls in two ways. Only then is what the second gave read: else any probe could
        be answered twice.

    Raises
    ------
    FormError
        If it isn't what a probe publishes.
    """
    if not isinstance(raw, Kept):
        return _read(raw, has_second)
    if has_second not in raw.read:
        raw.read[has_second] = _read(raw, has_second)
    return raw.read[has_second]


def _read(raw: dict[str, Any], has_second: bool) -> Evidence:
    second = raw.get("otherwise") if has_second else None
    otherwise = _read_call(second) if isinstance(second, dict) else None
    return replace(_read_call(raw), otherwise=otherwise)


def _read_call(raw: dict[str, Any]) -> Evidence:
    changed, notes = raw.get("changed") is True, _notes(raw.get("notes"))
    if "error" in raw:
        name, message = (
            printable(raw["error"], MAX_NAME),
            NUMBER.sub("…", printable(raw.get("message", ""), MAX_MESSAGE)),
        )
        claimed = raw.get("cause")
        known = claimed if isinstance(claimed, str) and claimed in KNOWN_CAUSES else ""
        cause = known or likely_cause(name, message)
        trouble = _stop(name, message, cause, _names(raw.get("names")))
        return Evidence(trouble=trouble, error=name, cause=cause, notes=notes)
    encoded = raw.get("value")
    if not isinstance(encoded, dict):
        raise FormError("there is no value")
    kind = encoded.get("kind")
    if kind == "too large":
        return Evidence(trouble=Reason("The result is too large."), changed=changed, notes=notes)
    if kind == "not data":
        general = "The result is no number or array"
        name = printable(encoded.get("type"), MAX_NAME)
        hint = next((hint for hint, names in HINTS.items() if name in names), "")
        trouble = Reason(f"{general}, but {name}.{hint}", f"{general}.")
        return Evidence(trouble=trouble, changed=changed, notes=notes)
    altered = next((name for name in CONTAINERS.values() if name == raw.get("altered")), "")
    printed = raw.get("printed") is True
    return Evidence(value=decode(encoded), changed=changed, altered=altered, printed=printed, notes=notes)


def _notes(raw: Any) -> tuple[str, ...]:
    notes = raw[:MAX_NOTES] if isinstance(raw, list) else []
    return tuple(note for note in notes if isinstance(note, str))


def _names(raw: Any) -> list[str]:
    names = raw[:MAX_NAMES] if isinstance(raw, list) else []
    return [name for name in names if isinstance(name, str) and name.isidentifier() and len(name) <= 40]


def _stop(name: str, message: str, cause: str, names: list[str]) -> Reason:
    """Why there is no value where the function raised an error of that name."""
    if name in NOT_DONE:
        return NOT_IMPLEMENTED
    message = message.rstrip(" .:")
    said = f"It stops with {name}: {message}." if message else f"It stops with {name}."
    there = f" There is: {', '.join(names)}." if names else ""
    return Reason(f"{said} {cause}".strip() + there, f"It stops with {public_error(name)}. {cause}".strip())
