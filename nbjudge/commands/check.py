"""`course check`: what is wrong with an exercise, before anything is made of it."""

import contextlib
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

import typer

from nbjudge.authoring import check as checks
from nbjudge.authoring import check_tables
from nbjudge.authoring.check import Looked
from nbjudge.authoring.exercise import Exercise
from nbjudge.authoring.parts import Bundle
from nbjudge.commands import next_is, say, say_marked
from nbjudge.course.config_files import CONFIG
from nbjudge.course.console import print_json
from nbjudge.course.course import Course
from nbjudge.course.errors import CourseError
from nbjudge.course.stamps import Stamp, told_apart
from nbjudge.judging import misconception

PAUSE = 0.3
"""Seconds between two looks at the files."""
FEW = 20
"""So many tables are shown when watching begins; afterwards only those that a save has changed."""


def check(assignment: str, watch: bool, tables: bool, as_json: bool) -> None:
    """Say what is wrong with an exercise: its source, solution, stubs, probes, misconceptions, texts. In seconds."""
    if watch:
        _watch(assignment, tables)
        return
    looked = _look(assignment)
    if as_json:
        shown = {"tables": list(_tables(looked))} if tables else {}
        points = {notebook: {**answers.points} for notebook, answers in looked.answers.items()}
        said = {"mistakes": looked.mistakes, "doubts": looked.doubts, "facts": looked.facts}
        print_json({**said, "points": points, **shown})
    else:
        if tables:
            _show(_tables(looked))
        _list(looked)
    if looked.mistakes:
        if not as_json and all(sentence.endswith(f"run course outputs {assignment}.") for sentence in looked.mistakes):
            next_is("course", "outputs", assignment)
        raise typer.Exit(1)
    if not as_json:
        next_is("course", "prove", assignment)


def _look(assignment: str) -> Looked:
    return checks.look(Exercise.load(Course.here(), assignment))


def _tables(looked: Looked) -> Iterator[str]:
    return (table for answers in looked.answers.values() for table in check_tables.tables(answers))


def _show(tables: Iterable[str]) -> None:
    for table in tables:
        say(f"{table}\n")


def _list(looked: Looked) -> None:
    """All sentences, the mistakes last: there they are seen."""
    for sign, sentences in (("✓", looked.facts), ("!", looked.doubts), ("✗", looked.mistakes)):
        for sentence in sentences:
            say_marked(sign, sentence)
    if looked.mistakes:
        say(f"{len(looked.mistakes)} thing{'s are' if len(looked.mistakes) > 1 else ' is'} to be mended.")


def _watch(assignment: str, all_tables: bool) -> None:
    """Look at every save, until Ctrl-C."""
    known: set[str] | None = None
    try:
        while True:
            stamps = _stamps(assignment)
            if known is not None:
                say(f"\n{time.strftime('%H:%M:%S')}")
            try:
                looked = _look(assignment)
                found = list(_tables(looked))
                if known is None and not all_tables and len(found) > FEW:
                    say(f"{len(found)} misconceptions; what students see is shown where a save changes it.")
                else:
                    _show(table for table in found if known is None or table not in known)
                known = set(found) if looked.answers else known or set()
                _list(looked)
            except CourseError as error:  # such as a notebook that is being saved
                known = known or set()
                say(str(error))
            say("Watching. Ctrl-C ends it.")
            while _stamps(assignment) == stamps:
                time.sleep(PAUSE)
    except KeyboardInterrupt:
        say("")


def _stamps(assignment: str) -> dict[str, Stamp]:
    """Of all files that an author of this exercise edits."""
    course = Course.here()
    packages = [course.root / name for name in Bundle(config=course.config).packages]
    files = [path for folder in (course.source(assignment), *packages) for path in folder.rglob("*")]
    files += [course.root / CONFIG, *map(Path, course.frame.files)]
    files += misconception.files_of(course.misconceptions(assignment))
    own = (path for path in files if path.suffix != ".pyc" and ".ipynb_checkpoints" not in path.parts)
    stamps = {}
    for path in own:
        with contextlib.suppress(OSError):  # it is being replaced
            if path.is_file():
                stamps[str(path)] = told_apart(path.stat())
    return stamps
