"""Names of Canvas's that can be read in several ways, as there may be numbers in what students call themselves.

``kingada_5111_5333_905001_a.ipynb`` is the file 5333 of number 5111, who called it ``905001_a.ipynb``, or the file
905001 of number 5333, who took the name ``kingada_5111``. There may be more of them. Canvas gives the numbers of
students and of files, and nobody can choose them. So they tell which it is, or it is a question.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace

from nbjudge.collecting.roster import Roster
from nbjudge.course.lms_names import SHARD, LmsName

FAR = 10
"""So many times as large, a number is none of the files of one assignment. They grow with all files of a platform."""


def meant(lms_name: LmsName, roster: Roster) -> LmsName:
    """Another reading, if the roster knows its number by that name."""
    for other in reversed(lms_name.others):
        row = roster.by_number.get(other.digits)
        if row and row.name and row.is_called(other):
            return replace(other, others=())
    return lms_name


def doubtful(names: Iterable[LmsName], is_students: Callable[[LmsName], bool]) -> set[LmsName]:
    """Those of which the numbers of the same download don't say that the first reading holds.

    Parameters
    ----------
    is_students
        Whether the number of a reading is known as a student's.
    """
    names = set(names)
    sure = [name for name in names if not name.others and name.may_be_canvas and name.attachment]
    sure = [name for name in sure if not name.is_anonymous and max(int(name.digits), int(name.attachment)) < SHARD]
    numbers = [(int(name.digits), int(name.attachment)) for name in sure]
    return {name for name in names if any(is_students(each) or _may_be(each, numbers) for each in name.others)}


def _may_be(other: LmsName, numbers: list[tuple[int, int]]) -> bool:
    """Whether its number may be a student's, and that of its file a file's, by those of others.

    Those of another of Canvas's databases, from ``SHARD`` on, say nothing.
    """
    if not numbers:
        return True
    students, files = zip(*numbers, strict=True)
    number, file = int(other.digits), int(other.attachment or max(files))
    is_a_files = max(students) * FAR < min(files) < number * 2 and number < SHARD
    is_no_files = file * FAR < min(files) or max(files) * FAR < file < SHARD
    return not (is_a_files or is_no_files)


def question(name: LmsName) -> str:
    """What is to be asked about it."""
    others = " or ".join(other.digits for other in name.others[:3])
    return (
        f"it is of number {name.digits}, or of number {others} if a student has that one and a name with a "
        "number in it; a roster with this number and name tells, or put it into a folder with the student's id as name"
    )
