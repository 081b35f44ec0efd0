"""A notebook that a student handed in, and whether another one is newer."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from nbjudge.collecting.archives import Entry
from nbjudge.collecting.fate import Fate
from nbjudge.collecting.owners import Owner
from nbjudge.collecting.store import key_of

COPY_NUMBER = re.compile(r"(?:\(|copy|kopie)\s*(\d{1,9})\)?$")


@dataclass(frozen=True)
class Attempt:
    """A notebook that a student handed in.

    Attributes
    ----------
    entry, owner : the file, and whose it is
    notebook : name of the instructor's notebook that it is an attempt at
    right_name : whether it is called so, or like a copy of it
    is_work : whether anybody has worked on it
    helpers : the student's own modules that it imports, by the names of their files
    time : when it was handed in, or None where nobody knows
    remarks : what its name or content leave to say
    """

    entry: Entry
    owner: Owner
    notebook: str
    right_name: bool
    is_work: bool = True
    helpers: Mapping[str, Entry] = field(default_factory=dict)
    time: datetime | None = None
    remarks: tuple[str, ...] = ()

    @property
    def student(self) -> str:
        return self.owner.student

    @property
    def digest(self) -> str:
        """SHA-256 of the file."""
        return self.entry.digest

    @property
    def rank(self) -> tuple:
        """Of two attempts, the one with the higher rank is the newer one."""
        name, lms_name = self.owner.name, self.owner.lms_name
        copy = COPY_NUMBER.search(Path(name).stem.lower())
        attachment = lms_name.attachment if lms_name else ""
        return (
            not self.owner.is_loose,
            self.time.timestamp() if self.time else self.entry.changed,
            int(attachment) if 0 < len(attachment) < 20 else 0,
            name == self.notebook,
            int(copy[1]) if copy else 0,
            self.digest,
        )

    @property
    def key(self) -> str:
        return key_of(self.digests)

    @property
    def digests(self) -> dict[str, str]:
        """SHA-256 of the notebook, under its name, and of what belongs to it."""
        return {self.notebook: self.digest, **{name: entry.digest for name, entry in self.helpers.items()}}

    @property
    def files(self) -> dict[str, Path]:
        """Copies of the notebook, under its name, and of what belongs to it."""
        entries = {**self.helpers, self.notebook: self.entry}
        return {name: entry.content for name, entry in entries.items() if entry.content}

    def fate(self, status: str, *remarks: str, look: bool = False) -> Fate:
        """The line that says what became of it."""
        lms_name = self.owner.lms_name
        late = lms_name is not None and lms_name.late
        text = "; ".join([*self.remarks, *remarks])
        return Fate(self.student, status, self.entry.where, text, self.time, late, look)
