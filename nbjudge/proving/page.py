"""The page about a proof, and the same as data."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from markupsafe import Markup

from nbjudge.pages.environment import environment
from nbjudge.proving.survey import Survey

MARK = '<meta name="generator" content="course prove">'
"""By which a page of ours is known."""
TEMPLATES = Path(__file__).parent / "templates" / "proof"


def page(assignment: str, surveys: Sequence[Survey]) -> str:
    """HTML, without a script and without anything from the network."""
    template = environment(TEMPLATES).get_template("page.html.j2")
    return template.render(mark=Markup(MARK), assignment=assignment, surveys=surveys)


def as_data(surveys: Sequence[Survey]) -> list[dict[str, Any]]:
    """For programs."""
    return [
        {
            "notebook": survey.notebook,
            "proven": survey.is_proven,
            "mutants": len(survey.mutants),
            "lost": survey.lost,
            "remarked": [mutant.key for mutant in survey.remarked],
            "listed": {mutant.key: reason for mutant, reason in survey.listed},
            "survivors": {
                survivor.mutant.key: {"question": survivor.question, "diff": survivor.diff}
                for survivor in survey.survivors
            },
            "spreading": {mutant.key: tests for mutant, tests in survey.spreading},
            "unlawful": {mutant.key: tests for mutant, tests in survey.unlawful},
            "slow": [mutant.key for mutant in survey.slow],
            "stale": survey.stale,
            "untested": survey.untested,
            "plain": survey.plain,
            "beyond_check": [{"test": test, "sentence": sentence} for test, sentence in survey.beyond],
            "probes": [
                {
                    "test": probe.test,
                    "probe": probe.probe,
                    "finds": probe.finds,
                    "alone": probe.alone,
                    "tells_apart": probe.tells_apart,
                    "excuse": probe.excuse,
                }
                for probe in survey.probes
            ],
            "narrow": [{"test": test, "sentence": sentence, "probe": probe} for test, sentence, probe in survey.narrow],
        }
        for survey in surveys
    ]
