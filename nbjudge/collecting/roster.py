"""The list of students: which name or number of a learning platform is which student id."""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate, islice

from nbjudge.collecting import names
from nbjudge.course.lms_names import CANVAS, LmsName, Number
from nbjudge.results.gradebook import Person


@dataclass(frozen=True)
class Row:
    """One student. What the roster doesn't say is "" or None.

    Attributes
    ----------
    student : id
    number : by which the learning platform knows them
    lms_number : the same as the platform's list writes it; None for a list of one's own
    submitted, extended : when the newest attempt came in, and until when it may
    """

    student: str
    number: str = ""
    name: str = ""
    submitted: datetime | None = None
    extended: datetime | None = None
    email: str = ""
    lms_number: Number | None = None

    @property
    def person(self) -> Person:
        """For the gradebook. The number there is Canvas's: Moodle gives another one for each assignment."""
        last, comma, first = self.name.partition(",")
        if not comma:
            first, _, last = self.name.rpartition(" ")
        is_canvas = self.lms_number is not None and self.lms_number.lms == CANVAS
        return Person(self.student, last.strip(), first.strip(), self.email, self.number if is_canvas else "")

    def is_called(self, lms_name: LmsName) -> bool:
        """Whether a platform that knows their number can mean them by a name, in one form or another."""
        name = names.words(lms_name.person)
        word = names.run_together(self.lms_number.word) if self.lms_number else ""
        as_one = names.run_together(lms_name.person)
        is_hidden, is_run_together = as_one == word, lms_name.lms == CANVAS and as_one in names.joined(self.name)
        is_same = lms_name.person.strip() == self.name
        return (
            not self.name
            or is_same
            or is_hidden
            or is_run_together
            or names.is_another_form(names.words(self.name), name)
        )


class Roster:
    """The rows of a roster, each student once. A name is a student's, whichever of first and last name stands first."""

    def __init__(self, rows: list[Row], remarks: Sequence[str] = ()) -> None:
        self.rows, self.remarks = rows, remarks
        self.by_number = {row.number: row for row in rows if row.number}
        self.by_student = {row.student: row for row in rows}
        self._by_folded: defaultdict[str, list[str]] = defaultdict(list)
        self._by_words: defaultdict[names.Words, list[Row]] = defaultdict(list)
        self._by_joined: defaultdict[str, list[Row]] = defaultdict(list)
        for row in rows:
            self._by_folded[row.student.casefold()].append(row.student)
            if row.name:
                self._by_words[names.words(row.name)].append(row)
            for spelling in dict.fromkeys(names.joined(row.name)):
                self._by_joined[spelling].append(row)

    def of_name(self, name: str, run_together: bool = False) -> list[Row]:
        """Those who are called so; ``run_together`` is whether it is written in one word, as Canvas does."""
        if run_together:
            return self._by_joined.get(names.run_together(name), [])
        return self._by_words.get(names.words(name), [])

    def called(self, texts: Iterable[str]) -> set[str]:
        """The students whose id, or whose name, is one of ``texts``. A name that two have names neither."""
        return {student for text in texts if (student := self._called(text, names.words(text)))}

    def called_at_the_start(self, text: str) -> set[str]:
        """The students whose id, or whose name, ``text`` is, or begins with, up to a space, ``_`` or ``-``."""
        return {
            student
            for start in islice(accumulate(_parts(text)), 0, None, 2)
            if (student := self._called(start, names.words(start)))
        }

    def called_within(self, text: str) -> set[str]:
        """Also those whose id stands further on: platforms name folders ``Müller_Änne_ge11abc_1234``."""
        return self.called_at_the_start(text) | {part for part in _parts(text) if part in self.by_student}

    def _called(self, text: str, words: names.Words) -> str:
        if text in self.by_student:
            return text
        alike, rows = self._by_folded.get(text.casefold(), []), self._by_words.get(words, [])
        return alike[0] if len(alike) == 1 else rows[0].student if len(rows) == 1 else ""


def _parts(text: str) -> list[str]:
    """The pieces of a name, and what stands between them."""
    return re.split("([_ -])", text)[: 4 * names.MAX_WORDS]
