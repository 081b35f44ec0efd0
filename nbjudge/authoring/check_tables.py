"""What students see of the known wrong ways: for each the table that its check shows, or else that of the grade."""

from collections.abc import Iterator

from nbjudge.judging.oracle import Oracle
from nbprobe.judge import judge
from nbprobe.table import as_text


def tables(answers: Oracle) -> Iterator[str]:
    """A table for each wrong way of a notebook, in the order of its tests."""
    for test, hidden in answers.solution.items():
        visible = answers.visible.get(test)
        heading = ": ".join(answers.headings.get(test, (test,))) if visible else ""
        # what decides nothing isn't kept of wrong ways
        right = [raw for raw in (visible.solution if visible else hidden) if raw["points"]]
        wrong = visible.misconceptions if visible else answers.misconceptions[test]
        fragile = visible.fragile if visible else answers.fragile[test]
        most = sum(raw["points"] for raw in right)
        for _, raws in (*wrong, *fragile):
            verdict = judge(right, raws, most, wrong, fragile=fragile, visible=bool(visible))
            yield as_text(verdict, heading) if visible else f"{test}: {as_text(verdict)}"
