"""Which outputs of a cell a grade can depend on. However much else the cell puts out, or clears, these count."""

from collections.abc import Mapping
from typing import Any

EVIDENCE = "application/x.nbprobe.evidence+json"
"""``nbprobe.wire.MIME``, without what that module imports."""
MAX_EVIDENCE = 16 * 2**20
"""Bytes that the probes of one cell may publish; a line with more wouldn't be read."""


def is_evidence(output: Mapping[str, Any]) -> bool:
    """Whether a probe published it."""
    data = output.get("data")
    return output.get("output_type") == "display_data" and isinstance(data, dict) and EVIDENCE in data


def is_needed(output: Mapping[str, Any]) -> bool:
    """Whether it is evidence, or says how the cell ended."""
    return output.get("output_type") == "error" or is_evidence(output)
