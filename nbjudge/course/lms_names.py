"""What Moodle and Canvas call the files that they give out: whose a file is, and how its feedback is to be called.

``collected/<assignment>.json`` keeps those names for the way back: an object ``{student id: {"name": …, "lms": …,
"number": …}}``, where ``name`` is the folder (Moodle) or file (Canvas) as it was downloaded, ``lms`` is "moodle",
"canvas" or "folder", and ``number`` is what a list of students of the platform says. The file may be absent, and
entries that can't be understood are passed over: those students go by what the gradebook says.
"""

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, Field, TypeAdapter, ValidationError

from nbjudge.course.files import make_folders, whole_file

MOODLE, CANVAS = "moodle", "canvas"
MOODLE_NAME = re.compile(
    r"(?P<person>[^_/]*)_(?P<number>[0-9]+)_(?P<origin>assign(?:submission|feedback)_[A-Za-z0-9]+)(?:_(?P<rest>.*))?",
    re.DOTALL,
)
"""``Müller Änne_123456_assignsubmission_file_``; Moodle writes no other underscore before the number."""
ANONYMOUS = re.compile(r"(LATE_)?anon_([A-Za-z0-9]{5})_([0-9]+)_(.+)", re.DOTALL)
"""Canvas's, where names are hidden from those who grade."""
TYPED = {"text.html": "a text was typed into Canvas", "link.html": "a link was given to Canvas"}
"""Canvas's, where no file was handed in."""
NUMBER = re.compile(r"[0-9]+")
SHARD = 10**13
LATE = "LATE"
RESERVED = {"CON", "PRN", "AUX", "NUL", *(f"{name}{number}" for name in ("COM", "LPT") for number in range(1, 10))}
UNSAFE = set('<>:"/\\|?*')
MAX_BYTES = 150
MOST_NUMBERS = 20
"""In one name of Canvas's; with more it isn't read as one."""
SHORTEST, LONGEST = 3, 20
"""Digits of a number that Canvas gives, as far as anybody can tell them from those of other names."""


@dataclass(frozen=True)
class LmsName:
    """A name that an LMS gave a file, in its parts.

    Attributes
    ----------
    lms : "moodle" or "canvas"
    given : the name
    person : what the LMS calls the student
    digits : the number by which it finds them again, as it stands there
    rest : what follows, which a student may have written
    origin : Moodle's: which part of it the file comes from
    attachment : Canvas's: number of the file, which grows
    late : Canvas's: whether it says so
    is_anonymous : Canvas's: whether it hides who it is; the number is then one of this assignment, with letters in it
    others : Canvas's: the same name if the first number is part of what the student is called, where that can be
    """

    lms: str
    given: str
    person: str
    digits: str
    rest: str
    origin: str = ""
    attachment: str = ""
    late: bool = False
    is_anonymous: bool = False
    others: "tuple[LmsName, ...]" = ()

    @property
    def number(self) -> str:
        """The number as the LMS writes it elsewhere."""
        return str(int(self.digits)) if self.lms == MOODLE else self.digits

    @property
    def prefix(self) -> str:
        """How a file's name must begin for the LMS to find the student again."""
        if self.lms == MOODLE:
            return f"{safe(self.person, '-')}_{self.digits}_{self.origin}_"
        person = [*map(safe, self.person.split("_")), *([LATE] if self.late else [])]
        return "_".join([*person, self.digits, self.attachment])

    @property
    def is_sure(self) -> bool:
        """Whether an LMS must have given this name to something that was handed in, though nobody says so.

        Students call files ``hw_2_1_final.ipynb``, which could be Canvas's by its form.
        """
        if self.lms == MOODLE:
            return self.origin.startswith("assignsubmission")
        if self.rest in TYPED:
            return len(self.digits) >= 3
        is_plain = bool(self.person and self.rest) and "_" not in self.person
        return is_plain and min(len(self.digits), len(self.attachment)) >= 3

    @property
    def may_be_canvas(self) -> bool:
        """Whether Canvas can have called it so: also somebody in whose name there are underscores."""
        numbers = (self.digits,) if self.rest in TYPED else (self.digits, self.attachment)
        return self.lms == CANVAS and bool(self.person and self.rest) and all(map(_may_be_number, numbers))

    @property
    def leads_back(self) -> bool:
        """Whether the LMS, which takes the first number that it sees, finds the student again."""
        if self.lms == MOODLE:
            return len(self.digits) <= 18
        is_first = not any(map(NUMBER.fullmatch, self.person.split("_")))
        is_number = bool(self.attachment) and not self.is_anonymous
        return is_number and is_first and max(len(self.digits), len(self.attachment)) <= 20


def moodle_name(name: str) -> LmsName | None:
    """The parts of a folder's or file's name of the form that Moodle gives, or None."""
    match = MOODLE_NAME.fullmatch(name)
    if match is None:
        return None
    return LmsName(MOODLE, name, match["person"], match["number"], match["rest"] or "", match["origin"])


def canvas_name(name: str) -> LmsName | None:
    """The parts of a file's name of the form that Canvas gives, or None.

    ``muellerjane_LATE_12345_67890_1_first_steps-2.ipynb``: the first number is the student's, the next one the
    file's. In what students call themselves Canvas leaves some numbers as they are, such as one at the end; that one
    would then be the first (see ``LmsName.others``).
    """
    if anonymous := ANONYMOUS.fullmatch(name):
        late, number, attachment, rest = anonymous.groups()
        return LmsName(CANVAS, name, "anon", number, rest, attachment=attachment, late=bool(late), is_anonymous=True)
    parts = name.split("_")
    starts = [place for place, part in enumerate(parts) if place and NUMBER.fullmatch(part)]
    if len(starts) > MOST_NUMBERS:
        return None
    first, *others = (_canvas_name(name, parts, start) for start in starts) if starts else [None]
    likely = tuple(other for other in others if other and other.may_be_canvas)
    if first:
        return replace(first, others=likely)
    return replace(likely[0], others=likely[1:]) if likely else None


def _canvas_name(name: str, parts: list[str], start: int) -> LmsName | None:
    """The name if the numbers of student and file begin at ``start``."""
    before, numbers, rest = parts[:start], parts[start : start + 2], parts[start + 2 :]
    if "_".join(parts[start + 1 :]) in TYPED:
        numbers, rest = [parts[start], ""], parts[start + 1 :]
    elif not rest or not all(map(NUMBER.fullmatch, numbers)):
        return None
    late = len(before) > 1 and before[-1] == LATE
    person = "_".join(before[: len(before) - late])
    return LmsName(CANVAS, name, person, numbers[0], "_".join(rest), attachment=numbers[1], late=late)


def _may_be_number(digits: str) -> bool:
    return SHORTEST <= len(digits) <= LONGEST and not digits.startswith("0")


@dataclass(frozen=True)
class Number:
    """By what a platform knows a student, as its own list of students writes it. What isn't known is "".

    Attributes
    ----------
    lms : "moodle" or "canvas"
    text : the number
    word : what Moodle writes before it, in the language of the site: "Participant "
    sis_user_id, sis_login_id : Canvas's
    """

    lms: str
    text: str
    word: str = ""
    sis_user_id: str = ""
    sis_login_id: str = ""

    @property
    def number(self) -> str:
        """The number as it is in names of files. Canvas writes those of another of its databases as ``10~123``."""
        shard, tilde, local = self.text.partition("~")
        return str(int(shard) * SHARD + int(local)) if tilde else self.text


class Entry(BaseModel):
    """What is kept of one student."""

    name: str = ""
    lms: str
    number: Number | None = None

    def parsed(self) -> LmsName | None:
        """What the name says, or None if that can't be told."""
        parts = self.name.split("/")
        if self.lms == CANVAS:
            names = [canvas_name(parts[-1])]
        else:
            names = [moodle_name(part) for part in parts] if self.lms == MOODLE else []
        return next((name for name in names if name and name.leads_back), None)


ENTRIES: TypeAdapter[dict[str, Any]] = TypeAdapter(dict[str, Annotated[Entry | Any, Field(union_mode="left_to_right")]])
"""Entries that aren't of this form stay as they are."""


@dataclass
class Names:
    """What is known, by student id; ``remark`` says in one sentence what isn't, or is ""."""

    known: dict[str, LmsName] = field(default_factory=dict)
    numbers: dict[str, Number] = field(default_factory=dict)
    remark: str = ""

    def of(self, lms: str) -> dict[str, LmsName]:
        return {student: name for student, name in self.known.items() if name.lms == lms}

    def numbers_of(self, lms: str) -> dict[str, Number]:
        """The number of each student whom the platform knows."""
        found = {student: Number(lms, name.number) for student, name in self.of(lms).items()}
        return found | {student: number for student, number in self.numbers.items() if number.lms == lms}


def read_names(path: Path) -> Names:
    """The names that ``path`` (see ``Course.lms_names``) keeps. Never fails."""
    where = f"{path.parent.name}/{path.name}"
    try:
        entries = ENTRIES.validate_python(json.loads(path.read_bytes()))
    except FileNotFoundError:
        return Names(remark=f"There is no {where}, so the names in the LMS aren't known.")
    except ValidationError:
        return Names(remark=f"{where} holds no object, so the names in the LMS aren't known.")
    except (OSError, ValueError, RecursionError):
        return Names(remark=f"{where} can't be read, so the names in the LMS aren't known.")
    ours = {student: entry for student, entry in entries.items() if isinstance(entry, Entry)}
    known = {student: name for student, entry in ours.items() if (name := entry.parsed())}
    numbers = {student: entry.number for student, entry in ours.items() if entry.number and _can_be(entry.number)}
    claims = {(one.lms, one.number, student) for all_of in (known, numbers) for student, one in all_of.items()}
    students = Counter((lms, number) for lms, number, _ in claims)
    twice = {student for lms, number, student in claims if students[lms, number] > 1}
    names = Names(
        {student: name for student, name in known.items() if student not in twice},
        {student: number for student, number in numbers.items() if student not in twice},
    )
    if twice:  # one of them would get what is meant for another
        names.remark = f"{where} gives {', '.join(sorted(twice)[:5])} the same number; they go without."
    return names


def _can_be(number: Number) -> bool:
    return bool(re.fullmatch(r"(?:[0-9]{1,6}~)?[0-9]{1,20}", number.text))


def keep_names(path: Path, names: Mapping[str, LmsName], numbers: Mapping[str, Number] | None = None) -> None:
    """Add names by which an LMS gave files out, and numbers in its list of students, for the way back."""
    if not names and not numbers:
        return
    try:
        entries = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        entries = {}
    entries = entries if isinstance(entries, dict) else {}
    new: dict[str, dict[str, Any]] = {student: {"name": name.given, "lms": name.lms} for student, name in names.items()}
    for student, number in (numbers or {}).items():
        before: Any = new.get(student) or entries.get(student)
        kept = before if isinstance(before, dict) and before.get("lms") == number.lms else {}
        new[student] = {**kept, "lms": number.lms, "number": asdict(number)}
    entries = {**entries, **new}
    make_folders(path.parent)
    with whole_file(path) as file:
        file.write(json.dumps(dict(sorted(entries.items())), indent=1, ensure_ascii=False).encode())


def safe(name: str, joint: str = "_") -> str:
    """``name`` as one part of a path, on any system. It never leads elsewhere; ``joint`` replaces what can't stay."""
    kept = "".join(joint if char in UNSAFE or unicodedata.category(char)[0] == "C" else char for char in name)
    kept = "".join(" " if unicodedata.category(char)[0] == "Z" else char for char in kept)
    kept = kept.encode("utf-8", "ignore")[:MAX_BYTES].decode("utf-8", "ignore").strip(" .~")
    return f"{joint}{kept}" if not kept or kept.split(".")[0].strip().upper() in RESERVED else kept
