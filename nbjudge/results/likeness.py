"""Solutions that look alike, as the report lists them."""

from typing import Any

from nbjudge.results import similarity
from nbjudge.results.class_results import ClassResults
from nbjudge.results.labels import Labels

MOST_ALIKE, MOST_NAMES = 25, 12


def section(results: ClassResults, labels: Labels) -> dict[str, Any]:
    """Solutions that look alike. Cells are named with their notebook where there are several."""
    several = len({task.notebook for task in results.tasks}) > 1

    def named(texts: dict[tuple[str, str], str]) -> dict[str, str]:
        return {f"{notebook}/{name}" if several else name: text for (notebook, name), text in texts.items()}

    # pairs that share as much are listed in the order in which students come here
    graded = sorted(results.graded.items(), key=lambda pair: labels.of[pair[0]])
    solutions = {student: named(one.answers) for student, one in graded if not one.refused}
    cells: dict[str, None] = {name: None for answers in solutions.values() for name in answers}
    stubs = {name: text for name, text in named(results.stubs).items() if name in cells}
    comparison = similarity.find_alike(solutions, stubs)
    rows = [
        {
            "groups": sorted(
                (sorted(labels.of[student] for student in group)[:MOST_NAMES], len(group)) for group in pair.groups
            ),
            "likeness": pair.likeness,
            "rare": pair.rare,
            "cells": pair.cells,
            "sample": labels.text(pair.sample),
            "most_names": MOST_NAMES,
        }
        for pair in comparison.alike[:MOST_ALIKE]
    ]
    return {
        "alike": rows,
        "alike_more": len(comparison.alike) - len(rows),
        "compared": comparison.n,
        "measure": similarity,
    }
