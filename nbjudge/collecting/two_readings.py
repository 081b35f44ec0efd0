"""Names of Canvas's that can be read in two ways, as what students call themselves may end in a number.

``kingada_5111_5333_905001_a.ipynb`` is the file 5333 of number 5111, who called it ``905001_a.ipynb``, or the file
905001 of number 5333, who took the name ``kingada_5111``. Canvas gives the numbers of students and of files, and nobody
can choose them. So they tell which of the two it is, or it is a question.
"""

from collections.abc import Callable, Iterable

from nbjudge.collecting.roster import Roster
from nbjudge.course.lms_names import CANVAS, SHARD, LmsName

FAR = 10
"""So many times as large, a number is none of the files of one assignment. They grow with all files of a platform."""


def meant(lms_name: LmsName, roster: Roster) -> LmsName:
    """The other reading, if the roster knows its number by that name."""
    other = lms_name.other
    row = roster.by_number.get(other.digits) if other else None
    return other if other and row and row.name and row.is_called(other) else lms_name


def doubtful(names: Iterable[LmsName], is_students: Callable[[LmsName], bool]) -> set[LmsName]:
    """Those of which the numbers of the same download don't say that the first reading holds.

    Parameters
    ----------
    is_students
        Whether the number of a reading is known as a student's.
    """
    names = set(names)
    sure = [name for name in names if name.lms == CANVAS and not name.other and name.may_be_canvas]
    sure = [name for name in sure if not name.is_anonymous and max(int(name.digits), int(name.attachment)) < SHARD]
    numbers = [(int(name.digits), int(name.attachment)) for name in sure]
    return {name for name in names if name.other and (is_students(name.other) or not _is_first(name, numbers))}


def _is_first(name: LmsName, numbers: list[tuple[int, int]]) -> bool:
    """Whether the second number is one of the files' and none of the students', or the third one none of the files'.

    Those of another of Canvas's databases, from ``SHARD`` on, say nothing.
    """
    if not numbers or not name.other:
        return False
    students, files = zip(*numbers, strict=True)
    second, third = int(name.other.digits), int(name.other.attachment)
    is_file = max(students) * FAR < min(files) < second * 2 and second < SHARD
    is_no_file = third * FAR < min(files) or max(files) * FAR < third < SHARD
    return is_file or is_no_file


def question(name: LmsName) -> str:
    """What is to be asked about it."""
    second = name.other.digits if name.other else ""
    return (
        f"it is of number {name.digits}, or of number {second} if a student has that one and a name that ends in a "
        "number; a roster with this number and name tells, or put it into a folder with the student's id as name"
    )
