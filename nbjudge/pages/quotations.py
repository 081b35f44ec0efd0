"""What a page must not quote: hidden tests. One form of all texts in which they are compared, whatever escapes them."""

import ast
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from urllib.parse import unquote, unquote_plus

from nbformat import NotebookNode
from nbgrader.utils import is_grade, is_solution

from nbjudge.course.characters import unescaped
from nbjudge.course.delimiters import Delimiters, split
from nbjudge.course.graded import read_verdict
from nbprobe.evidence import NUMBER

LONG_ENOUGH = 16
"""Letters of a hidden test in the form in which texts are compared. Fewer could stand anywhere by chance."""
A_LINE = 12
"""Letters of a whole line in that form, if it is long enough as it was written."""
A_NAME = 8
"""Letters of a text that is public, such as the name of a probe. A shorter one is no quotation by itself."""
SHOWN = {
    "probe": ("name", "advice", "given", "notes"),
    "uses": ("name", "advice", "calls", "avoids"),
}
"""What a probe or a rule is given for pages to show."""
NAMED = {"probe": 0, "uses": 1}
"""The place of its name among its arguments."""
COLOUR = re.compile(r"\x1b\[[0-9;]*m")
TAG = re.compile(r"<[^<>]*>")
NO_LETTER = re.compile(r"\\[nrt]|[\s\\`*_~\"'$<>&]")
"""Blanks, and what text, its `repr`, HTML, markdown, formulas and the words for a picture have in different places."""


class HiddenTests:
    """The code of hidden tests, as it is recognised.

    Attributes
    ----------
    lines : those that are long enough to be recognised, in the form in which texts are compared
    """

    def __init__(self, texts: Iterable[str] = (), public: Iterable[str] = ()) -> None:
        """
        Parameters
        ----------
        texts
            The hidden regions.
        public
            What stands in them and is shown on pages: names of probes, advice.
        """
        names = {_letters(text) for text in public}
        self._public = sorted((name for name in names if len(name) >= A_NAME), key=lambda name: (-len(name), name))
        self.lines: set[str] = set()
        self._pieces: set[str] = set()
        for text in texts:
            self.lines |= {self._form(line) for line in text.split("\n") if len("".join(line.split())) >= LONG_ENOUGH}
            self.lines = {line for line in self.lines if len(line) >= A_LINE}
            for shown in (text, NUMBER.sub("…", text)):  # the judge takes numbers out of messages
                self._pieces |= _pieces(self._form(shown))

    def are_quoted_in(self, text: str, whole_lines: bool = False) -> bool:
        """Whether the text has a piece of a hidden test, or a whole line of one."""
        for reading in _readings(COLOUR.sub("", text)):
            read = self._form(reading)
            if any(line in read for line in self.lines) if whole_lines else not self._pieces.isdisjoint(_pieces(read)):
                return True
        return False

    def _form(self, text: str) -> str:
        letters = _letters(text)
        for name in self._public:
            letters = letters.replace(name, "")
        return letters


def hidden_tests(nb: NotebookNode, cuts: Sequence[Delimiters]) -> HiddenTests:
    """Those of a notebook, graded or not."""
    texts, public = list[str](), set[str]()
    for test in nb.cells:
        if is_grade(test) and not is_solution(test):
            texts += ["\n".join(region.lines) for region in split(test.source, cuts, "")[1]]
            public |= set(_given_for_pages(test.source))
            verdict = read_verdict(test)
            public |= {row.name for row in verdict.rows} if verdict else set()
    return HiddenTests(texts, public)


def texts_of(output: NotebookNode) -> Iterator[str]:
    """All that a page may show of an output, or say to who can't see it: every text in it, whatever it is there for.

    A text is one by itself also where it names another one, as a key.
    """
    parts: list[Any] = [dict(output)]
    while parts:
        part = parts.pop()
        if isinstance(part, str):
            yield part
        elif isinstance(part, dict):
            parts += [*part, *part.values()]
        elif isinstance(part, list) and all(isinstance(each, str) for each in part):
            yield "\n".join(part)
        elif isinstance(part, list):
            parts += part


def _given_for_pages(code: str) -> Iterator[str]:
    """Texts in a test that its probes are given for pages to show, also by way of a variable."""
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    nodes = list(ast.walk(tree))
    assigned = {
        target.id: node.value
        for node in nodes
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in nodes:
        if isinstance(node, ast.Call) and (kind := ast.unparse(node.func).rpartition(".")[2]) in SHOWN:
            place = NAMED[kind]
            given = [*node.args[place : place + 1], *(word.value for word in node.keywords if word.arg in SHOWN[kind])]
            names = [part.id for each in given for part in ast.walk(each) if isinstance(part, ast.Name)]
            for each in [*given, *(assigned[name] for name in names if name in assigned)]:
                for part in ast.walk(each):
                    if isinstance(part, ast.Constant) and isinstance(part.value, str):
                        yield part.value


def _readings(text: str) -> set[str]:
    """The text as it is, as HTML or markdown shows it, and with what an address writes as numbers."""
    readings = {text}
    if "&" in text or "<" in text:
        readings |= {unescaped(text), unescaped(TAG.sub("", text))}
    if "%" in text or "+" in text:
        readings |= {plain(reading) for reading in readings for plain in (unquote, unquote_plus)}
    return readings


def _letters(text: str) -> str:
    """What is compared: letters without marks, large and small alike."""
    return NO_LETTER.sub("", text if text.isascii() else text.translate(PLAIN)).casefold()


class _Plain(dict[int, str]):
    """What each letter is compared as. One by one: Python takes the square of a text to normalise it as a whole."""

    def __missing__(self, code: int) -> str:
        letters = unicodedata.normalize("NFKD", chr(code))  # makes blanks and quotes of others that look like them
        letters = "".join(letter for letter in letters if unicodedata.category(letter) not in ("Mn", "Mc", "Me", "Cf"))
        self[code] = letters if len(letters) <= MOST_OF_ONE else ""
        return self[code]


PLAIN = _Plain()
MOST_OF_ONE = 4
"""Letters that one stands for. There are some that stand for whole sentences, none of which is code."""


def _pieces(letters: str) -> set[str]:
    return {letters[place : place + LONG_ENOUGH] for place in range(len(letters) - LONG_ENOUGH + 1)}
