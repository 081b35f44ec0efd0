"""Makes sure, in the long way, that all of a class is graded and unchanged, and writes down how to see it at once."""

import inspect
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from nbgrader.preprocessors import AssignLatePenalties
from sqlalchemy import make_url

from nbjudge.batch import all_current
from nbjudge.batch.all_current import NOBODY, Facts
from nbjudge.batch.ledger import Ledger
from nbjudge.course import light_config
from nbjudge.course.config_files import config_files
from nbjudge.course.course import Course
from nbjudge.judging import oracle


def make_sure(
    course: Course, assignment: str, root: Path | None, options: list[str], is_current: Callable[[Ledger], bool]
) -> None:
    """What all depends on is looked at first, and only then whether all is current: a change in between is seen later.

    Parameters
    ----------
    is_current
        Tells by a ledger that was made anew whether there is nothing to do.
    """
    with suppress(Exception):  # whatever it is, the next run goes the long way, and says it
        facts = facts_of(course, assignment)
        if facts is None or config_files(Path.cwd(), course.root) != course.config_files:
            return
        found = all_current.count_and_sum(facts, assignment, light_config.read(root, options), root, options)
        if found is not None and is_current(Ledger(course, assignment)):
            all_current.write(facts, found)


def facts_of(course: Course, assignment: str) -> Facts | None:
    """Where everything lies, or None if a part of it is in no file."""
    url = make_url(course.db_url)
    if url.get_backend_name() != "sqlite" or not url.database or url.query:
        return None
    directory, notebooks = course.directory, course.notebooks(assignment)
    loaded = [oracle.load(course, assignment, notebook).loaded for notebook in notebooks]
    plugin = AssignLatePenalties(config=course.config).plugin_class
    catalogues = [folder / name for folder in course.misconception_folders for name in (assignment, f"{assignment}.py")]
    here, root = os.getcwd(), str(course.root)
    return Facts(
        root=root,
        ledger=str(course.ledger(assignment)),
        source=str(course.source(assignment)),
        submitted=directory.format_path(directory.submitted_directory, "*", assignment),
        form=directory.format_path(directory.submitted_directory, "(?P<student>[^/]+)", assignment, escape=True),
        top=str(course.top_of_submitted),
        one=directory.format_path(directory.submitted_directory, NOBODY, assignment),
        autograded=directory.format_path(directory.autograded_directory, NOBODY, assignment),
        gradebook=os.path.abspath(url.database),
        files=sorted(
            {
                *(path for run in loaded for path in run.files),
                *map(str, oracle.kept_files(course, assignment)),
                *course.frame.files,
                *(str(path) for path in catalogues if path.suffix),
                inspect.getfile(plugin),
            }
        ),
        folders=[str(path) for path in catalogues if not path.suffix],
        evidence=str(course.evidence("any", assignment).parent),
        packages=sorted({plugin.__module__.partition(".")[0], *(name for run in loaded for name in run.packages)}),
        libraries=sorted({name for run in loaded for name in run.libraries}),
        beside=[folder for folder in course.app.config_file_paths if folder not in (here, root)],
    )
