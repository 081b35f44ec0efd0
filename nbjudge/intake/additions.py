"""What a student added to a cell that only the instructor writes."""

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple


class Additions(NamedTuple):
    """What is to run before and after the original cell, so that nothing of the student's is lost.

    Attributes
    ----------
    is_whole : whether the original cell is there as it was
    """

    before: str
    after: str
    is_whole: bool = False


def additions(text: str, shown: str) -> Additions:
    """What a student added to a cell.

    Parameters
    ----------
    text
        The cell as it was handed in.
    shown
        The cell as students got it.
    """
    lines, original = _lines(text), _lines(shown)
    start = _start(lines, original)
    if start is not None:
        return Additions(_text(lines[:start]), _text(lines[start + len(original) :]), is_whole=True)
    parts = list(_new_parts(lines, original))
    if all(map(_is_whole, parts)):
        return Additions("", _text([line for part in parts for line in part]))
    return Additions("", _text(lines))


def _start(lines: list[str], original: list[str]) -> int | None:
    """The line with which the original begins, if it is there in one piece."""
    for start in range(len(lines) - len(original) + 1):
        if lines[start] == original[0] and lines[start : start + len(original)] == original:
            return start
    return None


def _lines(text: str) -> list[str]:
    return [line.rstrip() for line in text.strip().split("\n")]  # as Python does, which goes on at other ends of lines


def _text(lines: list[str]) -> str:
    """The lines as a cell; "" if they do nothing."""
    works = any(line.strip() and not line.lstrip().startswith("#") for line in lines)
    return "\n".join(lines).strip("\n") if works else ""


def _new_parts(lines: list[str], original: list[str]) -> Iterator[list[str]]:
    """Runs of lines that the original doesn't have."""
    left, part = Counter(original), list[str]()
    for line in lines:
        if left[line] > 0:
            left[line] -= 1
            if part:
                yield part
            part = []
        else:
            part.append(line)
    if part:
        yield part


def _is_whole(part: list[str]) -> bool:
    """Whether these lines can be run without the ones around them, as far as one sees without a parser."""
    text = [line for line in part if line.strip()]
    if not text:
        return True
    brackets = Counter("".join(text))
    return (
        text[0][:1] not in (" ", "\t", ")", "]", "}")
        and not text[-1].endswith((":", "\\", ","))
        and all(brackets[a] == brackets[b] for a, b in ("()", "[]", "{}"))
        and sum(line.count('"""') for line in text) % 2 == 0
    )
