"""`course prove`: how good the tests of an exercise are."""

from collections.abc import Sequence
from pathlib import Path

import typer

from nbjudge.batch.progress import progress
from nbjudge.commands import aside, next_is, say, say_marked
from nbjudge.course.console import print_json
from nbjudge.course.course import Course
from nbjudge.course.files import is_page_with, require_place, whole_file
from nbjudge.proving.page import MARK, as_data, page
from nbjudge.proving.prove import proofs, require_system, strangers
from nbjudge.proving.survey import Survey

FEW = 10
"""So many of a kind are shown on the terminal; the page has all."""


def prove(assignment: str, to: Path | None, as_json: bool) -> None:
    """Change the solution in hundreds of small ways, grade each, and say what the tests don't notice."""
    require_system()
    course = Course.here()
    target, is_ours = to or Path(f"proof-{assignment}.html"), is_page_with(MARK)
    require_place(target, is_ours)  # before hundreds of mutants are graded
    found = list(proofs(course, assignment))
    if missing := sum(proof.missing() for proof in found):
        if not as_json:
            say(f"{missing} changes of the solution are graded. Ctrl-C stops it, and the next call goes on from there.")
        try:
            with progress(missing, aside, silent=as_json) as advance:
                for proof in found:
                    proof.grade(advance)
        except KeyboardInterrupt:
            left = sum(proof.missing() for proof in found)
            aside.print(f"Stopped: {missing - left} are graded, and the next call goes on with the other {left}.")
            raise
    surveys = [proof.survey() for proof in found]
    surveys[0].stale += strangers(course, assignment, found)
    with whole_file(target, is_ours) as file:
        file.write(page(assignment, surveys).encode())
    if as_json:
        print_json(as_data(surveys))
    else:
        for survey in surveys:
            _show(survey)
        say(f"All of it: {target}")
    if not all(survey.is_proven for survey in surveys):
        raise typer.Exit(1)
    if not as_json:
        next_is("course", "release", assignment)


def _show(survey: Survey) -> None:
    say_marked("✓" if survey.is_proven else "✗", f"{survey.notebook}: {survey}.")
    for survivor in survey.survivors[:FEW]:
        _mistake(f"{survivor.mutant.answer}: {survivor.question}")
        say("\n".join(f"      {line}" for line in survivor.diff.split("\n")))
        say(f"      If it does the same as the solution, list {survivor.mutant.statement!r}.")
    _more(survey.survivors)
    spreading, unlawful = "also costs points in", "is judged otherwise by check and grade of"
    for mutants, what in ((survey.spreading, spreading), (survey.unlawful, unlawful)):
        for mutant, tests in mutants[:FEW]:
            _mistake(f"{mutant.key} {what} {', '.join(tests)}.")
        _more(mutants)
    for probe in survey.idle:
        said = "finds nothing that no other finds. Sharpen it, take it out, or list it in REDUNDANT with the reason."
        _mistake(f"The probe {probe.probe!r} of {probe.test} {said}")
    for name in survey.untested:
        _mistake(f"No test is about {name}.")
    for sentence in survey.stale:
        _mistake(f"{sentence}.")
    if survey.plain:
        say(f"  Not tried: {', '.join(survey.plain)}, which have no probes.")
    if survey.slow:
        say(f"  {len(survey.slow)} didn't come to their end in time, so they lose points; the page names them.")


def _mistake(sentence: str) -> None:
    say_marked("✗", sentence, indent="  ")


def _more(of_a_kind: Sequence[object]) -> None:
    if len(of_a_kind) > FEW:
        say(f"    … and {len(of_a_kind) - FEW} more")
