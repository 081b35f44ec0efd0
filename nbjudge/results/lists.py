"""Lists on a page: how long they are, and their first rows."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from nbjudge.results.labels import Labels

MOST_ROWS, MOST_LISTED = 20, 60


def first(rows: Iterable[Any], most: int = MOST_ROWS) -> dict[str, Any]:
    """The first of the rows, ``n`` of all, and how many ``more`` there are."""
    everything = list(rows)
    return {"n": len(everything), "rows": everything[:most], "more": max(0, len(everything) - most)}


def by_sentence(pairs: Iterable[tuple[str, str]], labels: Labels) -> dict[str, Any]:
    """Students by what is said of them, the most frequent first. ``n`` counts students."""
    students: dict[str, list[str]] = defaultdict(list)
    everyone = set()
    for student, sentence in pairs:
        shown = labels.text(sentence)
        if labels.of[student] not in students[shown]:
            students[shown].append(labels.of[student])
        everyone.add(student)
    rows = [
        (sentence, sorted(labelled)[:MOST_LISTED], len(labelled))
        for sentence, labelled in sorted(students.items(), key=lambda item: (-len(item[1]), item[0]))
    ]
    return {**first(rows), "n": len(everyone)}
