"""What Moodle or Canvas calls each student, read off the names of the files that it gave out.

``collected/<assignment>.json`` keeps those names: an object ``{student id: {"name": …, "lms": …}}``, where ``name`` is
the folder (Moodle) or file (Canvas) as it was downloaded, and ``lms`` is "moodle", "canvas" or "folder". The file may
be absent, and entries that can't be understood are passed over: those students go by what the gradebook says.
"""

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from nbjudge.course.files import whole_file

MOODLE = re.compile(r"([^_/]*)_(\d{1,18})_(assign(?:submission|feedback)_[A-Za-z0-9]+)(?:_.*)?", re.DOTALL)
"""Full name (in which Moodle allows no underscore), number of the participant, where the file comes from, and what
follows, which a student may have written."""
RESERVED = {"CON", "PRN", "AUX", "NUL", *(f"{name}{number}" for name in ("COM", "LPT") for number in range(1, 10))}
UNSAFE = set('<>:"/\\|?*')
MAX_BYTES = 150


@dataclass(frozen=True)
class LmsName:
    """How a file's name must begin for the LMS to find the student again; ``number`` is what it goes by."""

    lms: str
    number: str
    prefix: str


@dataclass
class Names:
    """What is known, by student id; ``remark`` says in one sentence what isn't, or is ""."""

    known: dict[str, LmsName] = field(default_factory=dict)
    remark: str = ""

    def of(self, lms: str) -> dict[str, LmsName]:
        return {student: name for student, name in self.known.items() if name.lms == lms}


def read(root: Path, assignment: str) -> Names:
    """The names for one assignment. Never fails."""
    path = root / "collected" / f"{assignment}.json"
    where = f"collected/{path.name}"
    try:
        entries = json.loads(path.read_bytes())
    except FileNotFoundError:
        return Names(remark=f"There is no {where}, so the names in the LMS aren't known.")
    except (OSError, ValueError, RecursionError):
        return Names(remark=f"{where} can't be read, so the names in the LMS aren't known.")
    if not isinstance(entries, dict):
        return Names(remark=f"{where} holds no object, so the names in the LMS aren't known.")
    found = {student: parse(entry) for student, entry in entries.items() if isinstance(entry, dict)}
    known = {student: name for student, name in found.items() if name}
    number = Counter((name.lms, name.number) for name in known.values())
    twice = sorted(student for student, name in known.items() if number[name.lms, name.number] > 1)
    names = Names({student: name for student, name in known.items() if student not in twice})
    if twice:  # one of them would get what is meant for another
        names.remark = f"{where} gives {', '.join(twice[:5])} the same number; they go without."
    return names


def remember(root: Path, assignment: str, names: Mapping[str, Mapping[str, str]]) -> None:
    """Keep the names by which an LMS gave files out, for the way back.

    Parameters
    ----------
    names
        Entries as the file has them, by student.
    """
    path = root / "collected" / f"{assignment}.json"
    try:
        entries = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        entries = {}
    if names:
        path.parent.mkdir(exist_ok=True)
        entries = {**(entries if isinstance(entries, dict) else {}), **names}
        with whole_file(path) as file:
            file.write(json.dumps(dict(sorted(entries.items())), indent=1, ensure_ascii=False).encode())


def parse(entry: Mapping[str, object]) -> LmsName | None:
    """What one entry says, or None if that can't be told."""
    name = entry.get("name")
    if not isinstance(name, str):
        return None
    if entry.get("lms") == "moodle":
        found = next(filter(None, (MOODLE.fullmatch(part) for part in name.split("/"))), None)
        if found is None:
            return None
        who, number, origin = found.groups()
        return LmsName("moodle", str(int(number)), f"{safe(who, '-')}_{number}_{origin}_")
    if entry.get("lms") == "canvas":
        parts = name.rsplit("/", 1)[-1].split("_")
        first = next((place for place, part in enumerate(parts) if re.fullmatch("[0-9]{1,20}", part)), 0)
        if first and len(parts) > first + 2 and re.fullmatch("[0-9]{1,20}", parts[first + 1]):
            who = "_".join(safe(part) for part in parts[:first])
            return LmsName("canvas", parts[first], f"{who}_{parts[first]}_{parts[first + 1]}")
    return None


def safe(name: str, joint: str = "_") -> str:
    """``name`` as one part of a path, on any system. It never leads elsewhere; ``joint`` replaces what can't stay."""
    kept = "".join(joint if each in UNSAFE or unicodedata.category(each)[0] == "C" else each for each in name)
    kept = "".join(" " if unicodedata.category(each)[0] == "Z" else each for each in kept)
    kept = kept.encode("utf-8", "ignore")[:MAX_BYTES].decode("utf-8", "ignore").strip(" .~")
    return f"{joint}{kept}" if not kept or kept.split(".")[0].strip().upper() in RESERVED else kept
