"""What a student's id may be. It becomes the name of a folder, a part of patterns, and text on pages."""

import hashlib
import re
import unicodedata

from nbjudge.course.characters import BLANK
from nbjudge.course.files import is_too_long

MAY_HOLD = (
    "letters, digits, spaces and . _ - @, at most 100 of them and 255 bytes; constructor and a few words like it have "
    "a meaning of their own in formgrader"
)
SAFE = re.compile(rf"(?!.*[{BLANK}])\w([\w.@ -]{{0,98}}[\w@-])?")
"""The letters of an id under which something is collected; ``can_be_id`` counts its bytes, too, up to four of each."""
LONGEST = 200
"""Bytes of an id that is a part of the name of a file; a file system has names of at most 255."""
OF_EVERY_OBJECT = (
    *("constructor", "hasOwnProperty", "isPrototypeOf", "propertyIsEnumerable", "toLocaleString", "toString"),
    *("valueOf", "__proto__", "__defineGetter__", "__defineSetter__", "__lookupGetter__", "__lookupSetter__"),
)
"""What each object of JavaScript has from the start. formgrader looks students up in one, and finds these there."""
UNGRADED = re.compile(
    r'[<>"&*?\[\]\\#%\n\r\v\f\x1c-\x1e\x85\u2028\u2029\ud800-\udfff]|\A\s|\s\Z'
    rf"|\A(?:{'|'.join(OF_EVERY_OBJECT)})\Z"
    r"|[\s\S]{129}"
)
"""What the id of a submission that is graded can't hold, or be. formgrader would put the first of these into its pages
as they are, and nbgrader looks for files by the next. A backslash, # or % in an address leads to another place, which
may be another student's, or an order. nbgrader stops at a line break, and takes the spaces around an id away, which
makes it another's. What is no text, as a folder's name in another encoding, can't stand in the gradebook."""
UNGRADED_ID = (
    "a student's id can't hold < > \" & * ? [ ] \\ # %, a line break or bytes that aren't UTF-8, begin or end with a "
    "space, have more than 128 letters or be a word of JavaScript's such as constructor. Rename the folder."
)


def can_be_id(student: str) -> bool:
    """Whether something can be collected under this id."""
    return bool(SAFE.fullmatch(student)) and not UNGRADED.search(student) and not is_too_long(student)


def short_name(student: str) -> str:
    """The id as a part of the name of a file; of a very long one, and of one that looks like such a sum, a sum over it.
    So no two ids have the same."""
    data = student.encode(errors="surrogateescape")
    is_itself = len(data) <= LONGEST and not student.startswith("~")
    return student if is_itself else f"~{hashlib.sha256(data).hexdigest()}"


def spellings(student: str) -> list[str]:
    """The id in the forms that systems write it in: macOS takes the dots off an umlaut."""
    return list(dict.fromkeys([student, *(unicodedata.normalize(form, student) for form in ("NFC", "NFD"))]))
