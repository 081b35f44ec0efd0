"""Drafts a misconception from a student's method: lines of the solution, and what stands there instead.

Nothing of a student's is run here. Texts are compared, and a draft is tried in the sandbox.
"""

import ast
import io
import textwrap
import tokenize
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from itertools import pairwise
from typing import NamedTuple

from nbjudge.judging.misconception import Misconception, MisconceptionError
from nbjudge.mistakes.method import Method
from nbjudge.mistakes.to_do import TO_DO
from nbjudge.pages.definition import UNREADABLE
from nbprobe.marks import tree_of

MAX_TRIES = 8
"""Drafts of one method that are tried."""
MAX_LINES, MAX_LETTERS = 60, 200
"""Of a method, and of a line: whoever reads a draft has all of it in sight."""
MAX_FINALLY = 5
"""A compiler writes what is in one twice, and twice again for each within it."""


class Hunk(NamedTuple):
    """Lines of the solution, and the student's in their place; ``after`` is the line before them."""

    after: str
    lines: list[str]
    own: list[str]


def drafts(method: Method, test: str) -> list[Misconception]:
    """Ways of writing the student's method as replaced lines of the solution, the smallest first."""
    solution, own = code_lines(method.solution), code_lines(method.answer)
    if not solution or not own or len(own) > MAX_LINES or max(map(len, own)) > MAX_LETTERS:
        return []
    found = dict.fromkeys(tuple(replaced.items()) for replaced in _replacements(solution, own) if replaced)
    ranked = sorted(map(dict, found), key=lambda replaced: (len(replaced), _size(replaced)))
    return [Misconception(test, TO_DO, replaced) for replaced in ranked[:MAX_TRIES]]


def changed(draft: Misconception, solutions: dict[str, str]) -> dict[str, str]:
    """The solution cells that a draft changes; nothing if it names a line that isn't there as a whole."""
    try:
        return draft.applied_to(solutions)
    except MisconceptionError:
        return {}


def code_lines(definition: str) -> list[str]:
    """The lines of a definition without docstring, comments and empty lines; none if it can't be read."""
    text = textwrap.dedent(definition)
    try:
        tree = tree_of(text)
        comments = {
            token.start
            for token in tokenize.generate_tokens(io.StringIO(text).readline)
            if token.type == tokenize.COMMENT
        }
    except (*UNREADABLE, tokenize.TokenError):
        return []
    if sum(bool(getattr(node, "finalbody", [])) for node in ast.walk(tree)) > MAX_FINALLY:
        return []
    lines = text.split("\n")
    for row, column in comments:
        lines[row - 1] = lines[row - 1][:column]
    for node in ast.walk(tree):
        if (
            isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))
            and ast.get_docstring(node) is not None
        ):
            text_of = node.body[0]
            for row in range(text_of.lineno, (text_of.end_lineno or text_of.lineno) + 1):
                lines[row - 1] = ""
    return [line.rstrip() for line in lines if line.strip()]


def _replacements(solution: list[str], own: list[str]) -> Iterator[dict[str, str]]:
    """What could be replaced: one difference alone, all of them, or one line by all that the student wrote."""
    blocks = [
        block for block in SequenceMatcher(None, solution, own, autojunk=False).get_opcodes() if block[0] != "equal"
    ]
    if not blocks:
        return
    hunks = [
        Hunk(solution[first - 1] if first else "", solution[first:last], own[begin:end])
        for _, first, last, begin, end in blocks
    ]
    for hunk in hunks:
        yield _replaced([hunk])
    for one, other in pairwise(hunks):
        yield _replaced([one, other])
    yield _replaced(hunks)
    first, last = blocks[0][1], blocks[-1][2]
    theirs, ours = own[blocks[0][3] : blocks[-1][4]], solution[first:last]
    if ours and theirs:
        yield _replaced([Hunk("", ours[-1:], theirs)])
        yield _replaced([Hunk("", ours[:1], theirs), *(Hunk("", [line], []) for line in ours[1:])])


def _replaced(hunks: Sequence[Hunk]) -> dict[str, str]:
    """The hunks as lines and what stands there instead; {} if one line would be replaced twice."""
    replaced: dict[str, str] = {}
    for hunk in hunks:
        text = textwrap.dedent("\n".join(hunk.own))
        if hunk.lines:
            pairs = {hunk.lines[0].strip(): text or "pass", **{line.strip(): "pass" for line in hunk.lines[1:]}}
        else:
            pairs = {hunk.after.strip(): f"{hunk.after.strip()}\n{text}"}
        if not pairs.keys().isdisjoint(replaced) or "" in pairs or len(pairs) < len(hunk.lines):
            return {}
        replaced |= pairs
    return replaced


def _size(replaced: dict[str, str]) -> int:
    return sum(text.count("\n") + 1 for text in replaced.values())


def as_code(draft: Misconception) -> str:
    """The entry as it stands in a catalogue. What a student wrote is in ASCII: none of its letters is hidden."""
    pairs = "".join(f"        {_quoted(line)}: {_text(text)},\n" for line, text in draft.replaced.items())
    test, sentence = _quoted(draft.test), _quoted(draft.sentence, repr(draft.sentence))
    return f"Misconception(\n    {test},\n    {sentence},\n    {{\n{pairs}    }},\n)"


def _text(text: str) -> str:
    """A text of several lines, line by line."""
    lines = text.split("\n")
    if len(lines) == 1:
        return _quoted(text)
    quoted = [_quoted(f"{line}\n") for line in lines[:-1]] + [_quoted(lines[-1])]
    return "(\n" + "".join(f"            {line}\n" for line in quoted) + "        )"


def _quoted(text: str, literal: str = "") -> str:
    """A literal in double quotes, where that needs no more of them escaped."""
    literal = literal or ascii(text)
    if literal.startswith("'") and '"' not in text:
        literal = f'"{literal[1:-1]}"'
    return literal
