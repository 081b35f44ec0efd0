"""Keeps what was put right in the folder of a submission: when it is graded again, its folder is tidy already."""

import json
from pathlib import Path

from nbjudge.course.files import whole_file
from nbjudge.course.graded import Repair
from nbprobe.errors import FormError


def read_repairs(path: Path, digests: list[str]) -> list[Repair]:
    """The repairs that are kept at ``path``, if the notebooks there still are those with these digests; else none."""
    try:
        kept = json.loads(path.read_text())
        if kept["notebooks"] != digests:
            return []
        return list(map(Repair.from_data, kept["repaired"] if "repaired" in kept else kept["said"]))  # version 1.0
    except (OSError, ValueError, KeyError, TypeError, RecursionError, FormError):
        return []


def write_repairs(path: Path, digests: list[str], repairs: list[Repair]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with whole_file(path) as file:
        file.write(json.dumps({"notebooks": digests, "repaired": [repair.as_data() for repair in repairs]}).encode())
