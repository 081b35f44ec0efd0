"""What of a text reaches a terminal, a log or a spreadsheet. Names of files and people can hold anything."""

import html
import re

from nbprobe.marks import JOINERS, with_few_marks

BLANK = "\u115f\u1160\u2800\u303f\u3164\uffa0\ufffc\U0001d159"
"""Letters and signs that show nothing, though Python takes them for printable."""
UNSEEN_MARKS = re.compile("[\u034f\u17b4\u17b5\u180b-\u180d\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef]")
"""Marks that show nothing of themselves; some choose among the forms of the letter before them."""
NO_LETTER = re.compile(r"&#(?:[0-9]{8,}|[xX][0-9a-fA-F]{8,});?")
"""A reference to a letter by a number that no letter has."""


def unescaped(text: str) -> str:
    """HTML's references to letters as these letters. Python fails at a number of thousands of digits, which is none."""
    return html.unescape(NO_LETTER.sub("\ufffd", text))


def printable(text: str) -> str:
    """The text in one line, without characters that give orders to a terminal, turn others around or can't be seen."""
    if text.isascii() and text.isprintable():
        return text
    return with_few_marks("".join(map(_shown, UNSEEN_MARKS.sub("", text))))


def printable_lines(text: str) -> str:
    """The same for a text of several lines."""
    return "\n".join(map(printable, text.split("\n")))


def _shown(letter: str) -> str:
    if letter in BLANK:
        return "?"
    if letter.isprintable() or letter in JOINERS:
        return letter
    return " " if letter.isspace() else "?"
