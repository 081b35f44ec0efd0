"""What nbgrader has to be told so that our judge grades. A course's ``nbgrader_config.py`` calls it."""

import os
import sys
import warnings
from pathlib import Path
from typing import Any

TEMPLATES = Path(__file__).parent / "pages" / "templates"


def configure(c: Any) -> None:
    """Fill nbgrader's configuration. What the course sets afterwards has the last word.

    Plain ``nbgrader …`` needs no more than this, and neither does formgrader.

    Parameters
    ----------
    c
        The ``get_config()`` of the file that nbgrader reads. Its folder has to be the working directory, as it is
        whenever nbgrader reads it.
    """
    _find_programs()
    _say_which_code_runs()
    # Students have the kernel python3, and none of your own.
    c.GenerateAssignment.preprocessors.prepend(["nbjudge.authoring.kernel.KernelOfStudents"])
    _grade(c)
    _collect(c)
    _show(c)
    _keep_quiet(c)
    _keep_harmless()


def _find_programs() -> None:
    """nbgrader calls ``alembic`` by name, which lies beside Python, also where the environment isn't activated."""
    programs, path = str(Path(sys.executable).parent), os.environ.get("PATH", "")
    if path.split(os.pathsep)[0] != programs:
        os.environ["PATH"] = f"{programs}{os.pathsep}{path}"


def _say_which_code_runs() -> None:
    """A course folder can be a clone that holds this package, too, and then it may be another version of it."""
    own, running = Path.cwd() / "nbjudge", Path(__file__).parent
    if (own / "__init__.py").is_file() and own.resolve() != running.resolve() and _code(own) != _code(running):
        sys.stderr.write(f"nbjudge runs from {running}, and {own} is other code; install that one, or remove it.\n")


def _code(package: Path) -> dict[str, bytes]:
    return {str(path.relative_to(package)): path.read_bytes() for path in package.rglob("*.py")}


def _grade(c: Any) -> None:
    # What is run is built afresh from the instructor's cells; of a submission, only the text of answers comes in.
    c.Autograde.exporter_class = "nbjudge.intake.step.SubmissionExporter"
    c.SubmissionExporter.optimistic_validation = True  # once at the end, and not after each step
    # CheckCellMetadata isn't among them: it looked at your cells when you made the release, and there are no others.
    c.Autograde.sanitize_preprocessors = ["nbgrader.preprocessors.OverwriteCells"]

    # The student's process decides nothing: after it ran, the judge compares what it left with the solution's results.
    c.Autograde.autograde_preprocessors = [
        "nbjudge.judging.steps.ForgetScores",
        "nbjudge.sandbox.step.SandboxedExecute",
        "nbjudge.judging.steps.Judge",
        "nbjudge.pages.clean.Clean",
        "nbgrader.preprocessors.IgnorePattern",
        "nbgrader.preprocessors.LimitOutput",
        "nbjudge.judging.confirmed.SaveGrades",
        "nbgrader.preprocessors.AssignLatePenalties",
    ]

    # They lie beside the configuration, also if the course's files lie elsewhere (CourseDirectory.root).
    c.Judge.misconceptions = str(Path.cwd() / "misconceptions")


def _collect(c: Any) -> None:
    # Downloads and the exchange hold what students made: no path or link of theirs is followed, nothing is overwritten.
    c.ZipCollectApp.extractor_plugin = "nbjudge.collecting.exchange.Extractor"
    c.ZipCollectApp.collector_plugin = "nbjudge.collecting.exchange.Collector"
    c.ExchangeFactory.collect = "nbjudge.collecting.exchange.Collect"


def _show(c: Any) -> None:
    # Our feedback page. It has an exporter of its own: formgrader uses HTMLExporter too, with pages of its own.
    c.GenerateFeedback.exporter_class = "nbjudge.pages.feedback.FeedbackExporter"
    c.GenerateFeedback.preprocessors = [
        "nbjudge.pages.grades.GetGrades",
        "nbjudge.pages.clean.Shorten",
        "nbjudge.pages.feedback.PrepareFeedback",
        "nbconvert.preprocessors.CSSHTMLHeaderPreprocessor",
    ]

    # formgrader puts a student's name into its grading page as it is, and asks the network for what draws formulas.
    c.HTMLExporter.preprocessors = [
        "nbjudge.pages.clean.EscapeNames",
        "nbjudge.pages.clean.Shorten",
        "nbjudge.pages.formulas.Formulas",
    ]
    c.HTMLExporter.extra_template_basedirs.prepend([str(TEMPLATES)])

    # `nbgrader export` writes properly quoted CSV, with one column for each task.
    c.ExportApp.plugin_class = "nbjudge.results.export.CsvExport"


def _keep_quiet(c: Any) -> None:
    """A warning should be worth reading. These come up for every submission, whatever is in it."""
    from sqlalchemy.exc import SAWarning  # here, as `import nbjudge` must not take the time

    # nbgrader meets a newer SQLAlchemy than it was written for (its rows are complete all the same) …
    warnings.filterwarnings("ignore", message="Object of type <Submitted", category=SAWarning)
    # … it puts the hidden tests back, which are missing from every submission …
    c.Application.logging_config = {
        "filters": {"routine": {"()": "nbjudge.course.logs.RoutineFilter"}},
        "handlers": {"console": {"filters": ["routine"]}},
    }
    # … and the kernel of `nbgrader validate` talks over TCP, which it reports each time it starts.
    c.Execute.extra_arguments = ["--IPKernelApp.log_level=ERROR"]


def _keep_harmless() -> None:
    """Names of files reach the log of nbgrader, and that of anything else that it uses."""
    from nbjudge.course.logs import keep_harmless

    keep_harmless()
