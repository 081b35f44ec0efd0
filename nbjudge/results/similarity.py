"""Solutions that look alike in a way that few others do. A hint where to look, never a verdict.

In a small exercise right answers look alike, so likeness alone says nothing. What counts here is what two students
share and hardly anybody else has:

1. A cell becomes tokens. Comments, layout and texts are dropped, names of variables all become ``v``.
2. Runs of ``RUN`` tokens are the *pieces* of a solution. Pieces of the students' version are taken away.
3. A piece weighs log2(N / number of students who have it): nothing if everyone has it, much if two have it.
4. *Likeness* of two solutions: weight of the pieces in both, divided by the weight of the pieces in either, 0 to 1.
5. A pair is listed if its likeness is at least ``LIKENESS`` and it shares at least ``SHARED`` *rare* pieces, those
   that at most ``RARE`` of the class have. So a common right answer doesn't count, however many wrote it.

Only pairs that share a rare piece are ever compared (an inverted index, as a sparse matrix), which keeps a class of
a thousand a matter of seconds.
"""

import builtins
import io
import keyword
import re
import tokenize
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import islice

import numpy as np
from scipy.sparse import csr_array

from nbprobe.marks import with_few_marks

RUN = 5
RARE, RARE_AT_LEAST = 0.03, 3
SHARED = 8
LIKENESS = 0.75
FEWEST = 10
"""In a smaller class, nothing can be called rare."""
MOST_TOKENS, MOST_TEXT = 5_000, 100_000
"""Of one cell. An honest one has about 200."""

Pieces = frozenset[tuple[str, ...]]
Answers = Mapping[str, str]
"""Text of the solution cells of one student, by name."""

_SKIPPED = "COMMENT NL INDENT DEDENT ENDMARKER STRING FSTRING_START FSTRING_MIDDLE FSTRING_END"
SKIPPED = {getattr(tokenize, name, None) for name in _SKIPPED.split()}  # not every Python has all of them
LONG_NUMBER = re.compile(r"\d{5,}|\d.{8,}")
KEPT = {*keyword.kwlist, *dir(builtins), "np", "self"}
ATTRIBUTES = {*dir(np), *dir(np.ndarray)}


@dataclass(frozen=True)
class Alike:
    """Solutions that share what few have.

    Attributes
    ----------
    groups : students; those of one group have the same tokens. One group, or two that differ
    likeness : 0 to 1
    rare : number of rare pieces that they share
    cells : names of the cells in which these are
    sample : the longest stretch of code that they share and few have, with names replaced
    """

    groups: tuple[tuple[str, ...], ...]
    likeness: float
    rare: int
    cells: tuple[str, ...]
    sample: str


@dataclass(frozen=True)
class Comparison:
    """The whole comparison: ``n`` students compared, pairs by how much they share, and the commonest solution."""

    n: int
    alike: list[Alike]
    same_as_many: int


def find_alike(solutions: Mapping[str, Answers], stubs: Answers) -> Comparison:
    """Compare the solutions of a class.

    Parameters
    ----------
    solutions : for each student, the text of the solution cells by name
    stubs : the same cells as students get them
    """
    tokens_of = _Tokens(stubs)
    versions: dict[tuple, list[str]] = defaultdict(list)
    for student, answers in solutions.items():
        version = tuple((cell, tokens_of(text)) for cell, text in sorted(answers.items()))
        versions[version].append(student)
    known = {piece for cell, text in stubs.items() for piece in pieces(cell, tokens_of(text))}
    sets = [
        frozenset(piece for cell, tokens in version for piece in pieces(cell, tokens)) - known for version in versions
    ]
    students = list(versions.values())
    written = [number for number, own in enumerate(sets) if own]  # the others handed in what they got
    groups = [tuple(students[number]) for number in written]
    n = sum(map(len, groups))
    most = max(map(len, groups), default=0)
    if n < FEWEST:
        return Comparison(n, [], most)
    return Comparison(
        n, _Pieces([sets[number] for number in written], groups, list(versions), written, n).pairs(), most
    )


class _Tokens:
    """Makes tokens of cells; the same text is read once."""

    def __init__(self, stubs: Answers) -> None:
        self._attributes = ATTRIBUTES | {name for text in stubs.values() for name in _names(text)}
        self._tokens: dict[str, tuple[str, ...]] = {}

    def __call__(self, text: str) -> tuple[str, ...]:
        if text not in self._tokens:
            tokens = _tokenized(text)
            before = ["", *(token.string for token in tokens)]
            self._tokens[text] = tuple(self._normal(token, last) for token, last in zip(tokens, before, strict=False))
        return self._tokens[text]

    def _normal(self, token: tokenize.TokenInfo, last: str) -> str:
        if token.type == tokenize.NEWLINE:
            return ";"
        if token.type == tokenize.NAME:
            return token.string if token.string in (self._attributes if last == "." else KEPT) else "v"
        return token.string


def _tokenized(text: str) -> list[tokenize.TokenInfo]:
    """The tokens that matter; of a text that isn't Python, those before the place where that shows."""
    tokens: list[tokenize.TokenInfo] = []
    try:
        for token in islice(
            tokenize.generate_tokens(io.StringIO(with_few_marks(text[:MOST_TEXT])).readline), 2 * MOST_TOKENS
        ):
            if token.type == tokenize.ERRORTOKEN or len(tokens) == MOST_TOKENS:
                break  # behind a quote without its end, Python looks for it in the whole line again and again
            if token.type not in SKIPPED:
                tokens.append(token)
    except (tokenize.TokenError, SyntaxError, ValueError, RecursionError):
        pass  # the rest can't be compared
    return tokens


def _names(text: str) -> Iterable[str]:
    return (token.string for token in _tokenized(text) if token.type == tokenize.NAME)


def pieces(cell: str, tokens: tuple[str, ...]) -> Pieces:
    """All runs of ``RUN`` tokens, each with the name of its cell in front."""
    return frozenset((cell, *tokens[start : start + RUN]) for start in range(len(tokens) - RUN + 1))


class _Pieces:
    """The pieces of all versions of the solution as a sparse matrix ``[versions, pieces]`` of zeros and ones."""

    def __init__(
        self, sets: list[Pieces], groups: list[tuple[str, ...]], versions: list[tuple], written: list[int], n: int
    ) -> None:
        self.groups, self.n = groups, n
        self._versions, self._written = versions, written
        counts: Counter[tuple[str, ...]] = Counter()
        for own, group in zip(sets, groups, strict=True):
            counts.update(dict.fromkeys(own, len(group)))
        self._names = sorted(piece for piece, count in counts.items() if count > 1)
        place = {piece: number for number, piece in enumerate(self._names)}
        frequency = np.array([counts[piece] for piece in self._names], dtype=float)
        self._weight = np.log2(n / frequency)
        self._rare = frequency <= max(RARE * n, RARE_AT_LEAST)
        # pieces that a single student has weigh most, and are never shared
        self._alone = np.array([np.log2(n) * sum(counts[piece] == 1 for piece in own) for own in sets])
        columns = [sorted(place[piece] for piece in own if piece in place) for own in sets]
        starts = np.cumsum([0, *map(len, columns)])
        flat = np.array([column for row in columns for column in row], dtype=int)
        self._matrix = csr_array((np.ones(len(flat)), flat, starts), shape=(len(sets), len(self._names)))

    def pairs(self) -> list[Alike]:
        """All that are alike enough, those that share most first."""
        rare = self._matrix.multiply(self._rare[None, :]).tocsr()
        rare.eliminate_zeros()
        shared = (rare @ rare.T).tocoo()
        enough = (shared.data >= SHARED) & (shared.row <= shared.col)
        first, second, counts = shared.row[enough], shared.col[enough], shared.data[enough]
        several = np.array([len(group) > 1 for group in self.groups], dtype=bool)
        kept = (first != second) | several[first]
        first, second, counts = first[kept], second[kept], counts[kept]
        if not len(first):
            return []
        likeness, weight = self._likeness(first, second)
        order = np.lexsort((second, first, -weight * likeness))
        return [
            self._alike(int(first[pair]), int(second[pair]), float(likeness[pair]), int(counts[pair]))
            for pair in order
            if likeness[pair] >= LIKENESS
        ]

    def _likeness(self, first: np.ndarray, second: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Of each pair of rows: the likeness, and the weight of the rare pieces that both have."""
        likeness, weight = np.empty(len(first)), np.empty(len(first))
        own = self._matrix @ self._weight + self._alone
        for start in range(0, len(first), 10_000):  # bounds the memory
            part = slice(start, start + 10_000)
            both = self._matrix[first[part]].multiply(self._matrix[second[part]]).tocsr()
            shared = both @ self._weight
            same = first[part] == second[part]
            shared = shared + np.where(same, self._alone[first[part]], 0)
            likeness[part] = shared / (own[first[part]] + own[second[part]] - shared)
            weight[part] = both @ (self._weight * self._rare)
        return likeness, weight

    def _alike(self, first: int, second: int, likeness: float, rare: int) -> Alike:
        both = self._matrix[[first]].multiply(self._matrix[[second]]).tocsr()
        names = {self._names[number] for number in both.indices if self._rare[number]}
        groups = (self.groups[first],) if first == second else (self.groups[first], self.groups[second])
        cells = tuple(sorted({name[0] for name in names}))
        return Alike(groups, likeness, rare, cells, self._sample(first, names))

    def _sample(self, row: int, names: set[tuple[str, ...]]) -> str:
        """The longest stretch of the version in ``row`` that is made of ``names``."""
        best: tuple[str, ...] = ()
        for cell, tokens in self._versions[self._written[row]]:
            length = 0
            for start in range(len(tokens) + 1):
                if (cell, *tokens[start : start + RUN]) in names:
                    length += 1
                elif length:
                    stretch = tokens[start - length : start + RUN - 1]
                    best, length = max(best, stretch, key=len), 0
        return readable(best[:30]) + (" …" if len(best) > 30 else "")


def readable(tokens: tuple[str, ...]) -> str:
    """Tokens as a line that looks like code. Long numbers are left out: they could be somebody's."""
    text = " ".join("…" if LONG_NUMBER.fullmatch(token) else token for token in tokens)
    text = re.sub(r" ([.)\],:;])", r"\1", text.strip("; "))
    text = re.sub(r"([.(\[]) ", r"\1", text)
    return re.sub(r"(\b(?!return|if|else|in|and|or|not|for)\w+|[)\]]) ([(\[])", r"\1\2", text)
