"""The whole nbgrader set-up. Plain `nbgrader …` reads it when it is run in this folder."""

import os
import sys
import warnings
from pathlib import Path

from sqlalchemy.exc import SAWarning

import nbjudge

c = get_config()  # noqa: F821  (defined by traitlets, which runs this file)

# nbgrader calls `alembic` by name, which lies beside Python, also where the environment isn't activated
os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"

c.CourseDirectory.course_id = "simple_classifier"

# What takes the place of a solution. The comment above each region says what to do there.
c.ClearSolutions.code_stub = {
    "python": 'raise NotImplementedError("replace this line by your code")',
}

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
    "nbgrader.preprocessors.SaveAutoGrades",
    "nbgrader.preprocessors.AssignLatePenalties",
]
c.GenerateFeedback.preprocessors = [
    "nbgrader.preprocessors.GetGrades",
    "nbjudge.pages.clean.Shorten",
    "nbjudge.pages.feedback.PrepareFeedback",
    "nbconvert.preprocessors.CSSHTMLHeaderPreprocessor",
]

# Downloads and the exchange hold what students made: no path or link of theirs is followed, nothing is overwritten.
c.ZipCollectApp.extractor_plugin = "nbjudge.collecting.exchange.Extractor"
c.ZipCollectApp.collector_plugin = "nbjudge.collecting.exchange.Collector"
c.ExchangeFactory.collect = "nbjudge.collecting.exchange.Collect"

# Our feedback page. It has an exporter of its own: formgrader uses HTMLExporter too, with pages of its own.
c.GenerateFeedback.exporter_class = "nbjudge.pages.feedback.FeedbackExporter"

# `nbgrader export` writes properly quoted CSV, with one column for each task.
c.ExportApp.plugin_class = "nbjudge.results.export.CsvExport"

# formgrader puts a student's name into its grading page as it is, and asks the network for what draws formulas.
c.HTMLExporter.preprocessors = [
    "nbjudge.pages.clean.EscapeNames",
    "nbjudge.pages.clean.Shorten",
    "nbjudge.pages.formulas.Formulas",
]
c.HTMLExporter.extra_template_basedirs.prepend([str(Path(nbjudge.__file__).parent / "pages" / "templates")])

# A warning should be worth reading. These come up for every submission, whatever is in it:
# nbgrader meets a newer SQLAlchemy than it was written for (its rows are complete all the same) …
warnings.filterwarnings("ignore", message="Object of type <Submitted", category=SAWarning)
# … it puts the hidden tests back, which are missing from every submission …
c.Application.logging_config = {
    "filters": {"routine": {"()": "nbjudge.course.logs.RoutineFilter"}},
    "handlers": {"console": {"filters": ["routine"]}},
}
# … and the kernel of `nbgrader validate` talks over TCP, which it reports each time it starts.
c.Execute.extra_arguments = ["--IPKernelApp.log_level=ERROR"]
