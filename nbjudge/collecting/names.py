"""Names of people, compared word by word."""

import re
import unicodedata

from nbprobe.marks import with_few_marks

MAX_WORDS = 20
"""Words of a name that are looked at."""
MAX_LETTERS = 400
"""Letters that are looked at when it is taken apart: one of them can become eighteen."""
UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "ø": "oe", "æ": "ae", "å": "aa", "ł": "l"})
TWO_LETTERS = set(UMLAUTS.values())

Words = tuple[str, ...]


def folded(name: str) -> str:
    """Lower case and ASCII, umlauts as two letters."""
    plain = unicodedata.normalize("NFC", with_few_marks(name)).lower().translate(UMLAUTS)
    letters = unicodedata.normalize("NFKD", plain)[:MAX_LETTERS]
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def slug(name: str) -> str:
    """A name as a part of an id."""
    return re.sub(r"[^a-z0-9]+", "-", folded(name)).strip("-")[:60].strip("-")


def words(name: str) -> Words:
    """The words of a name, in an order that doesn't depend on which of first and last name stands first."""
    return tuple(sorted(_in_order(name)[:MAX_WORDS]))


def _in_order(name: str) -> list[str]:
    return re.findall(r"\w+", folded(name).replace("_", " "))


def run_together(name: str) -> str:
    """The words of a name as one."""
    return "".join(_in_order(name))


def joined(name: str) -> list[str]:
    """The words of a name as one, beginning with each of them: Canvas writes names so."""
    parts = _in_order(name)[:MAX_WORDS]
    return ["".join(parts[start:] + parts[:start]) for start in range(len(parts))]


def is_another_form(one: Words, other: Words) -> bool:
    """Whether two names could be of one person: all words of the shorter one are in the longer one, or their initials.

    "Dr. Änne M. Müller" is a form of "Müller Änne Maria", and "Änne Schmidt" isn't.
    """
    shorter, longer = sorted((one, other), key=len)
    left, same = list(longer), 0
    for word in sorted(shorter, key=len, reverse=True):  # initials take what whole words leave
        partner = next((each for each in left if each == word), "") or next(
            (each for each in left if _is_initial(*sorted((each, word), key=len))), ""
        )
        if not partner:
            return False
        left.remove(partner)
        same += partner == word and len(word) > 1
    return same > 0


def _is_initial(shorter: str, longer: str) -> bool:
    return (len(shorter) == 1 or shorter in TWO_LETTERS) and longer.startswith(shorter)
