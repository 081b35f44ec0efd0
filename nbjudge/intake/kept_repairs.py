"""What earlier versions put right in `submitted/` itself and kept, to say it again. Nothing is put right there now."""

import json
from pathlib import Path

from nbjudge.course.graded import Repair
from nbprobe.errors import FormError


def read_repairs(path: Path, digests: list[str]) -> list[Repair]:
    """The repairs that are kept at ``path``, if the notebooks there still are those with these digests; else none."""
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        if kept["notebooks"] != digests:
            return []
        return list(map(Repair.from_data, kept["repaired"] if "repaired" in kept else kept["said"]))  # version 1.0
    except (OSError, ValueError, KeyError, TypeError, RecursionError, FormError):
        return []
