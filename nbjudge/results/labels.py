"""What students are called on a page for instructors: by their names, or by pseudonyms."""

import random
import re
from collections.abc import Sequence

from nbjudge.results.class_results import ClassResults

LEFT_OUT = "(a sentence that could name somebody)"


class Labels:
    """Ids and names of students, or numbers in an order drawn by lot; the same in all assignments of a page.

    Lists are sorted by these: the order of the ids would give away who is who.

    Attributes
    ----------
    of : what a student is called, by id
    """

    def __init__(self, classes: Sequence[ClassResults], pseudonyms: bool) -> None:
        students = sorted({student for each in classes for student in (*each.records, *each.not_graded)})
        names = {name for each in classes for name in each.names}
        self._names = names | set(students) if pseudonyms else set()
        long_enough = (re.escape(name) for name in self._names if len(name) > 2)
        parts = sorted(long_enough, key=len, reverse=True)
        self._known = re.compile(rf"(?<!\w)(?:{'|'.join(parts)})(?!\w)", re.IGNORECASE) if parts else None
        called = {student: person.full_name for each in classes for student, person in each.people.items()}
        self.of: dict[str, str] = {}
        for student in students:
            self.of[student] = f"{student} ({called[student]})" if called.get(student) else student
        if pseudonyms:
            random.SystemRandom().shuffle(students)
            width = len(str(len(students)))
            self.of = {student: f"Student {number:0{width}}" for number, student in enumerate(students, 1)}

    def text(self, sentence: str) -> str:
        """The sentence, which may quote a student; with pseudonyms, without names of people."""
        if not self._names:
            return sentence
        return LEFT_OUT if self._known and self._known.search(sentence) else sentence
