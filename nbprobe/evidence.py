"""Reads what probes published. It comes out of a student's process: every part of it may be a lie or nonsense."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from nbprobe.errors import FormError
from nbprobe.reasons import Reason, public_error
from nbprobe.wire import MIME, decode, printable

Raw = list[dict[str, Any]]
"""What the probes of one test cell published, in their order."""

NUMBER = re.compile(r"[-+]?\d*\.\d+(?:e[-+]?\d+)?|[-+]?\d+\.", re.IGNORECASE)
"""A message could quote the inputs of a probe. Whole numbers, such as those of a shape, may stay."""


@dataclass(frozen=True)
class Evidence:
    """What one probe saw.

    ``value`` is a number, bool, string, None, array or a list of these; ``trouble`` says in one sentence why there is
    no value. ``changed`` tells whether an argument came back changed.
    """

    value: Any = None
    trouble: Reason | None = None
    error: str = ""
    changed: bool = False


def published(outputs: Iterable[Mapping[str, Any]]) -> Raw:
    """The raw evidence among the outputs of a cell, in their order."""
    raws = []
    for output in outputs:
        data = output.get("data", {}) if output.get("output_type") == "display_data" else {}
        raw = data.get(MIME) if isinstance(data, dict) else None
        if isinstance(raw, dict):
            raws.append(raw)
    return raws


def read_evidence(raw: dict[str, Any]) -> Evidence:
    """One piece of raw evidence, looked through.

    Raises
    ------
    FormError
        If it isn't what a probe publishes.
    """
    changed = raw.get("changed") is True
    if "error" in raw:
        name, message = printable(raw["error"], 60), NUMBER.sub("…", printable(raw.get("message", ""), 200))
        return Evidence(trouble=_stop(name, message), error=name)
    encoded = raw.get("value")
    if not isinstance(encoded, dict):
        raise FormError("there is no value")
    kind = encoded.get("kind")
    if kind == "too large":
        return Evidence(trouble=Reason("The result is too large."), changed=changed)
    if kind == "not data":
        general = "The result is no number or array"
        trouble = Reason(f"{general}, but {printable(encoded.get('type'), 60)}.", f"{general}.")
        return Evidence(trouble=trouble, changed=changed)
    return Evidence(value=decode(encoded), changed=changed)


def _stop(name: str, message: str) -> Reason:
    """Why there is no value where the function raised an error of that name."""
    if name in ("NotImplementedError", "NotReadyError"):
        return Reason("It is not implemented yet.")
    return Reason(f"It stops with {name}: {message}".rstrip(": ") + ".", f"It stops with {public_error(name)}.")
