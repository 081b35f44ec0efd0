"""What of a text reaches a terminal, a log or a spreadsheet. Names of files and people can hold anything."""

JOINERS = "\u200c\u200d"
"""Names in Persian and in Indian scripts are spelt with these."""


def printable(text: str) -> str:
    """The text in one line, without characters that give orders to a terminal, turn others around or can't be seen."""
    return text if text.isprintable() else "".join(map(_shown, text))


def printable_lines(text: str) -> str:
    """The same for a text of several lines."""
    return "\n".join(map(printable, text.split("\n")))


def _shown(letter: str) -> str:
    if letter.isprintable() or letter in JOINERS:
        return letter
    return " " if letter.isspace() else "?"
