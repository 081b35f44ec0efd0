"""`course autograde`: grade a whole class."""

from pathlib import Path

import typer
from traitlets.config import Config

from nbjudge.batch import all_current, early
from nbjudge.commands import aside as console
from nbjudge.commands.summary import Summary
from nbjudge.course import light_config, own_process
from nbjudge.course.config_files import beside
from nbjudge.sandbox import bubblewrap


def autograde(
    context: typer.Context,
    assignment: str,
    jobs: int,
    scheduler: str,
    student: list[str] | None,
    force: bool,
    only_failed: bool,
    quiet: bool,
    as_json: bool,
    root: Path | None,
) -> None:
    """Grade a whole class, several submissions at once."""
    config = light_config.read_if_possible(root, context.args)
    if not (force or only_failed or scheduler or student) and _is_all_current(
        assignment, config, root, context.args, quiet, as_json
    ):
        return
    here = jobs if not (scheduler or only_failed) else 0
    with early.warm_processes(assignment, config, here, student or [], force) as warm:
        with bubblewrap.one_thread(), own_process.importing():  # libraries look at it when they are imported
            from nbjudge.commands import grading
        grading.autograde(
            assignment, context.args, jobs, scheduler, student or [], force, only_failed, quiet, as_json, root, warm
        )


def _is_all_current(
    assignment: str, config: Config | None, root: Path | None, options: list[str], quiet: bool, as_json: bool
) -> bool:
    """Whether there is nothing to do, which is seen without nbgrader. Then all is said that there is to say."""
    number, obeyed = all_current.known(assignment, config, root, options)
    if not number:
        return False
    summary = Summary(number)
    for sentence in beside(obeyed):
        console.print(sentence, markup=False, highlight=False, soft_wrap=True)
    summary.show(assignment, quiet, as_json)
    if not (quiet or as_json):
        summary.say_what_is_next(assignment, root)
    return True
