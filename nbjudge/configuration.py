"""What nbgrader has to be told so that our judge grades. A course's ``nbgrader_config.py`` calls it."""

import os
import re
import sys
import warnings
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

from traitlets.config.loader import LazyConfigValue

from nbjudge.course import config_files
from nbjudge.course.grading_steps import AUTOGRADE, EXPORTER, class_name

OLDEST = "0.9.5"
"""The version of nbgrader that is needed at least."""
KERNEL = "nbjudge.authoring.kernel.KernelOfStudents"
SANITIZE = ["nbgrader.preprocessors.OverwriteCells"]
FEEDBACK = [
    "nbjudge.pages.grades.GetGrades",
    "nbjudge.pages.clean.Shorten",
    "nbjudge.pages.feedback.PrepareFeedback",
    "nbconvert.preprocessors.CSSHTMLHeaderPreprocessor",
]
GRADING_PAGE = [
    "nbjudge.pages.clean.EscapeNames",
    "nbjudge.pages.clean.Shorten",
    "nbjudge.pages.formulas.Formulas",
]
TEMPLATES = Path(__file__).parent / "pages" / "templates"


def configure(c: Any) -> None:
    """Fill nbgrader's configuration. What the course itself sets wins, before this line or after it.

    Plain ``nbgrader …`` needs no more than this, and neither does formgrader. Lists of nbgrader's steps become ours, in
    which steps of the course's own keep their places.

    Parameters
    ----------
    c
        The ``get_config()`` of the file that nbgrader reads. Its folder has to be the working directory, as it is
        whenever nbgrader reads it.
    """
    require_nbgrader()
    _find_programs()
    _find_packages()
    _say_which_code_runs()
    # Students have the kernel python3, and none of your own.
    steps = c.GenerateAssignment.preprocessors
    if isinstance(steps, list):
        steps.insert(0, KERNEL)
    else:
        steps.prepend([KERNEL])
    _grade(c)
    _collect(c)
    _show(c)
    _keep_quiet(c)
    _keep_harmless()


def require_nbgrader() -> None:
    """
    Raises
    ------
    SystemExit
        If the installed nbgrader is too old.
    """
    installed = metadata.version("nbgrader")
    if not is_new_enough(installed):
        raise SystemExit(
            f"Nothing was done: nbjudge needs nbgrader {OLDEST} or newer, and {installed} is installed; run "
            "pip install --upgrade nbgrader; `course doctor` says more."
        )


def is_new_enough(version: str) -> bool:
    """Whether this version of nbgrader can be used."""
    return _numbers(version) >= _numbers(OLDEST)


def _numbers(version: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", version)[:3]]


def _find_programs() -> None:
    """nbgrader calls ``alembic`` by name, which lies beside Python, also where the environment isn't activated."""
    programs, path = str(Path(sys.executable).parent), os.environ.get("PATH", "")
    if path.split(os.pathsep)[0] != programs:
        os.environ["PATH"] = f"{programs}{os.pathsep}{path}"


def _find_packages() -> None:
    """What notebooks import lies in the course folder. Students have it beside the notebook; here it is found from any
    folder, also by the kernels that we start. Nothing in the course takes the place of a library."""
    course, path = str(Path.cwd()), os.environ.get("PYTHONPATH", "")
    if course not in sys.path:
        sys.path.append(course)
    if course not in path.split(os.pathsep):
        os.environ["PYTHONPATH"] = f"{path}{os.pathsep}{course}" if path else course


def _say_which_code_runs() -> None:
    """A course folder can be a clone that holds this package, too, and then it may be another version of it."""
    own, running = Path.cwd() / "nbjudge", Path(__file__).parent
    if (own / "__init__.py").is_file() and own.resolve() != running.resolve() and _code(own) != _code(running):
        sys.stderr.write(f"nbjudge runs from {running}, and {own} is other code; install that one, or remove it.\n")


def _code(package: Path) -> dict[str, bytes]:
    return {str(path.relative_to(package)): path.read_bytes() for path in package.rglob("*.py")}


def _grade(c: Any) -> None:
    # What is run is built afresh from the instructor's cells; of a submission, only the text of answers comes in.
    c.Autograde.exporter_class = EXPORTER
    # CheckCellMetadata isn't among them: it looked at your cells when you made the release, and there are no others.
    done = {"CheckCellMetadata": "", "ClearOutput": "", "DeduplicateIds": ""}
    _set_steps(c.Autograde, "sanitize_preprocessors", SANITIZE, {"OverwriteCells": "OverwriteCells", **done})
    # The student's process decides nothing: after it ran, the judge compares what it left with the solution's results.
    instead = {"Execute": "ForgetScores", "SaveAutoGrades": "SaveGrades", "OverwriteCells": "", "CheckCellMetadata": ""}
    _set_steps(c.Autograde, "autograde_preprocessors", AUTOGRADE, instead)

    c.CourseDirectory.ignore.extend(config_files.patterns())

    # They lie beside the configuration, also if the course's files lie elsewhere (CourseDirectory.root).
    _set(c.Judge, "misconceptions", str(Path.cwd() / "misconceptions"))


def _set(section: Any, name: str, value: Any) -> None:
    """Set an option that the course hasn't set itself."""
    if not _is_set(section, name):
        section[name] = value


def _is_set(section: Any, name: str) -> bool:
    return name in section and not isinstance(section[name], LazyConfigValue)


def _set_steps(section: Any, name: str, ours: list[str], instead: Mapping[str, str]) -> None:
    """Set a list of nbgrader's steps. Steps of the course's own stay before the one that they stood before.

    Parameters
    ----------
    instead
        Names of nbgrader's steps that ours replace, each with the name of ours.
    """
    given = section.get(name)
    is_whole = isinstance(given, list)  # else the course adds to nbgrader's list, or says nothing
    own = given if is_whole else given.get_value([]) if given else []
    names = [instead.get(class_name(step), class_name(step)) for step in own]
    known = {class_name(step) for step in ours}
    needed = {*instead.values(), *(class_name(step) for step in ours if not step.startswith("nbgrader."))}
    steps: list[Any] = [step for step in ours if not is_whole or class_name(step) in {*names, *needed}]
    for place, step in enumerate(own):
        if names[place] in known or not names[place]:
            continue
        follows = next((other for other in names[place + 1 :] if other in known), "")
        at = next((index for index, each in enumerate(steps) if class_name(each) == follows), len(steps))
        steps.insert(at, step)
    section[name] = steps


def _collect(c: Any) -> None:
    # Downloads and the exchange hold what students made: no path or link of theirs is followed, nothing is overwritten.
    _set(c.ZipCollectApp, "extractor_plugin", "nbjudge.collecting.exchange.Extractor")
    _set(c.ExchangeFactory, "collect", "nbjudge.collecting.exchange.Collect")
    _set(c.ExchangeFactory, "list", "nbjudge.collecting.exchange_list.List")


def _show(c: Any) -> None:
    # Our feedback page. It has an exporter of its own: formgrader uses HTMLExporter too, with pages of its own.
    c.GenerateFeedback.exporter_class = "nbjudge.pages.feedback.FeedbackExporter"
    _set_steps(c.GenerateFeedback, "preprocessors", FEEDBACK, {})

    # formgrader puts a student's name into its grading page as it is, and asks the network for what draws formulas.
    _set_steps(c.HTMLExporter, "preprocessors", GRADING_PAGE, {})
    templates = c.HTMLExporter.extra_template_basedirs
    if isinstance(templates, list):
        templates.insert(0, str(TEMPLATES))
    else:
        templates.prepend([str(TEMPLATES)])

    # `nbgrader export` writes properly quoted CSV, with one column for each task.
    _set(c.ExportApp, "plugin_class", "nbjudge.results.export.CsvExport")


def _keep_quiet(c: Any) -> None:
    """A warning should be worth reading. These come up for every submission, whatever is in it."""
    # nbgrader meets a newer SQLAlchemy than it was written for (its rows are complete all the same) …
    warnings.filterwarnings("ignore", message="Object of type <Submitted", category=RuntimeWarning)  # SAWarning is one
    # … it puts the hidden tests back, which are missing from every submission …
    quiet = {
        "filters": {"routine": {"()": "nbjudge.course.logs.RoutineFilter"}},
        "handlers": {"console": {"filters": ["routine"]}},
    }
    _set(c.Application, "logging_config", quiet)
    # … and the kernel of `nbgrader validate` talks over TCP, which it reports each time it starts.
    _set(c.Execute, "extra_arguments", ["--IPKernelApp.log_level=ERROR"])


def _keep_harmless() -> None:
    """Names of files reach the log of nbgrader, and that of anything else that it uses."""
    from nbjudge.course.logs import keep_harmless

    keep_harmless()
