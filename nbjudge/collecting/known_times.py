"""When each notebook of a submission came in. ``timestamp.txt`` says it of the last of them only.

``collected/times/<assignment>.json`` keeps it where an assignment has several notebooks: an object ``{student id:
{notebook: {"digest": SHA-256, "time": ISO 8601}}}``. The file may be absent, and what can't be understood is passed
over: then the time of the whole submission counts.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, Field, TypeAdapter, ValidationError

from nbjudge.course.files import make_folders, whole_file


class CameIn(BaseModel):
    """When the notebook of this content came in."""

    digest: str
    time: AwareDatetime


Times = dict[str, CameIn]
"""Of one student, by notebook."""
ENTRIES: TypeAdapter[dict[str, Any]] = TypeAdapter(dict[str, Annotated[Times | Any, Field(union_mode="left_to_right")]])
"""Entries that aren't of this form stay as they are."""


def read_times(path: Path) -> dict[str, Times]:
    """By student. Never fails."""
    entries = _entries(path)
    return {student: times for student, times in entries.items() if isinstance(times, dict) and _are_times(times)}


def keep_times(path: Path, new: Mapping[str, Times]) -> None:
    """Put these in the place of what is known of these students."""
    if not new:
        return
    make_folders(path.parent)
    entries = dict(sorted({**_entries(path), **new}.items()))
    with whole_file(path) as file:
        file.write(ENTRIES.dump_json(entries, indent=1))


def _entries(path: Path) -> dict[str, Any]:
    try:
        return ENTRIES.validate_python(json.loads(path.read_bytes()))
    except (OSError, ValueError, RecursionError, ValidationError):
        return {}


def _are_times(times: dict[str, Any]) -> bool:
    return all(isinstance(one, CameIn) for one in times.values())
