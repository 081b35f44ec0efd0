"""Keeps what was put right in the folder of a submission: when it is graded again, its folder is tidy already."""

import json
from pathlib import Path
from typing import Any

from nbjudge.course.files import whole_file
from nbjudge.course.graded import DamagedError, Repair

OF_VERSION_1_0 = "Something in the folder was put right."
"""What can be said in general of a repair that version 1.0 kept: a mere sentence, which may name a file."""


def read_repairs(path: Path, digests: list[str]) -> list[Repair]:
    """The repairs that are kept at ``path``, if the notebooks there still are those with these digests; else none."""
    try:
        kept = json.loads(path.read_text())
        if kept["notebooks"] != digests:
            return []
        return list(map(_repair, kept["repaired"] if "repaired" in kept else kept["said"]))
    except (OSError, ValueError, KeyError, TypeError, DamagedError):
        return []


def write_repairs(path: Path, digests: list[str], repairs: list[Repair]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with whole_file(path) as file:
        file.write(json.dumps({"notebooks": digests, "repaired": [repair.as_data() for repair in repairs]}).encode())


def _repair(data: Any) -> Repair:
    return Repair(data, OF_VERSION_1_0) if isinstance(data, str) else Repair.from_data(data)
