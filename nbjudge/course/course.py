"""The course in its folder. Every question of the kind "where is …" is answered here, by nbgrader's configuration."""

import glob
import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from nbgrader.apps import AutogradeApp
from nbgrader.coursedir import CourseDirectory
from sqlalchemy import make_url
from traitlets.config import Config

from nbjudge.course.assignment_names import NAME, require_name
from nbjudge.course.config_files import CONFIG, config_files
from nbjudge.course.errors import CourseError
from nbjudge.course.frame import Frame
from nbjudge.course.student_ids import short_name
from nbjudge.course.switched_on import require_switched_on
from nbjudge.course.untrusted_folder import UntrustedFolder

NOT_YET = "not graded yet"


class Course:
    """A course: nbgrader's configuration, and the folders that follow from it.

    The first group of folders is nbgrader's own, wherever the configuration puts them; the second is ours, and lies in
    the course's root.

    Attributes
    ----------
    directory : nbgrader's view of the course
    options : further options in nbgrader's own words, such as ``--SandboxedExecute.memory=4096``
    config_files : the files that were obeyed, and SHA-256 of each; only of a course that read its configuration itself
    """

    def __init__(self, directory: CourseDirectory, options: Sequence[str] = ()) -> None:
        self.directory, self.options = directory, tuple(options)
        self.config_files: dict[str, str] = {}

    @classmethod
    def here(cls, root: Path | None = None, options: Sequence[str] = ()) -> "Course":
        """The course whose configuration lies in the working directory.

        Parameters
        ----------
        root
            Where the course's files lie, if elsewhere.
        options
            Further options for nbgrader.

        Raises
        ------
        CourseError
            If there is no course, or none in which the grader is switched on.
        """
        if root is not None and not root.is_dir():
            raise CourseError(f"there is no folder {root}.")
        if not Path(CONFIG).is_file():
            raise CourseError(f"there is no {CONFIG} here; go to the course folder first.")
        place = [] if root is None else [f"--CourseDirectory.root={root}"]
        words = tuple(map(_absolute, [*place, *options]))
        app = AutogradeApp()
        app.initialize(["--log-level=WARN", *words])
        require_switched_on(app.config)
        course = cls(app.coursedir, words)
        course.config_files = config_files(Path.cwd(), course.root)
        return course

    @classmethod
    def of(cls, step: Any) -> "Course":
        """The course for which one of nbgrader's steps works: that of the converter above it."""
        owner = step
        while owner is not None and not hasattr(owner, "coursedir"):
            owner = owner.parent
        return cls(owner.coursedir if owner is not None else CourseDirectory(config=step.config))

    @property
    def app(self) -> AutogradeApp:
        """nbgrader's application that read the configuration."""
        return self.directory.parent

    @property
    def config(self) -> Config:
        """All that is configured. The directory itself was made before nbgrader read the file."""
        owner = self.directory.parent
        return (owner if owner is not None else self.directory).config

    @property
    def root(self) -> Path:
        return Path(self.directory.root)

    @property
    def db_url(self) -> str:
        """Address of the gradebook."""
        return self.directory.db_url

    @property
    def frame(self) -> Frame:
        """What stands above and below each notebook."""
        return Frame.of(self.config)

    # nbgrader's folders

    def source(self, assignment: str) -> Path:
        """What the instructor wrote."""
        return self.place(self.directory.source_directory, ".", assignment)

    def notebooks(self, assignment: str) -> list[Path]:
        """The instructor's notebooks, by name."""
        return sorted(self.source(assignment).glob("*.ipynb"))

    def assignments(self) -> list[str]:
        """Names of all assignments that have a source."""
        return sorted(path.name for path in self.source("any").parent.glob("*") if self.notebooks(path.name))

    def release(self, assignment: str) -> Path:
        """What students get."""
        return self.place(self.directory.release_directory, ".", assignment)

    @property
    def all_submitted(self) -> Path:
        return self.place(self.directory.submitted_directory, ".", ".")

    def submitted(self, student: str, assignment: str) -> Path:
        """What a student handed in."""
        return self.place(self.directory.submitted_directory, student, assignment)

    @property
    def top_of_submitted(self) -> Path:
        """The last folder on the way to submissions that is nobody's: students may own, or be, what is below it."""
        return self.top_of(self.directory.submitted_directory)

    def top_of(self, step: str) -> Path:
        """The folder of a step itself, in which no link is followed; if a student's or an assignment's lies above it,
        what all of these lie in."""
        of_all = Path(os.path.commonpath([self.place(step, "a", "a"), self.place(step, "b", "b")]))
        above = Path(os.path.commonpath([self.place(step, "a", "a"), self.place(f"{step}~", "a", "a")]))
        return Path(*of_all.parts[: len(above.parts) + 1])

    def open_submitted(self, student: str, assignment: str, make: bool = False) -> UntrustedFolder:
        """The folder with what a student handed in, or ``OSError`` if there is none, or a link on the way to it."""
        return UntrustedFolder.below(self.top_of_submitted, self.submitted(student, assignment), make)

    def why_not_graded(self, student: str, assignment: str) -> str:
        """Why what a student handed in has no grade, as far as its folder tells."""
        try:
            with self.open_submitted(student, assignment) as folder:
                some = any(name.endswith(".ipynb") for name in folder.names())
        except OSError as error:
            return f"the folder can't be opened: {error.strerror}"
        return NOT_YET if some else "there is no notebook (.ipynb) in the folder"

    def autograded(self, student: str, assignment: str) -> Path:
        """A student's graded notebooks."""
        return self.place(self.directory.autograded_directory, student, assignment)

    def feedback(self, student: str, assignment: str) -> Path:
        """A student's feedback pages."""
        return self.place(self.directory.feedback_directory, student, assignment)

    def place(self, step: str, student: str, assignment: str) -> Path:
        """Where nbgrader puts something, if ``step`` is the folder for things of its kind."""
        return Path(os.path.normpath(self.directory.format_path(step, student, assignment)))

    def show(self, path: Path) -> str:
        """``path`` as seen from the course folder."""
        return os.path.relpath(path, self.root)

    def students(self, assignment: str) -> list[str]:
        """Those who handed something in, in alphabetical order."""
        everywhere = self.directory.format_path(self.directory.submitted_directory, "*", assignment)
        students = (self.student_of(folder, assignment) for folder in glob.glob(everywhere))
        return sorted(student for student in students if student)

    def student_of(self, folder: str, assignment: str) -> str:
        """Who handed in what lies in ``folder``, spelled as nbgrader spells it; "" if it holds no such submission."""
        step = self.directory.submitted_directory
        form = self.directory.format_path(step, "(?P<student>[^/]+)", assignment, escape=True)
        match = re.fullmatch(form, folder)
        return match["student"] if match else ""

    # our folders

    @property
    def answers(self) -> Path:
        """What the solutions give, kept for the next grading."""
        return self.root / ".oracle"

    def ledger(self, assignment: str) -> Path:
        """What has been graded."""
        return self.root / ".grading" / assignment

    def ledger_entry(self, student: str, assignment: str) -> Path:
        """What is known of the last grading of a submission."""
        return self.ledger(assignment) / f"{short_name(student)}.json"

    def grading_lock(self, student: str, assignment: str) -> Path:
        """The file by which a process shows that it grades a submission."""
        return self.ledger(assignment) / "locks" / short_name(student)

    def grounds(self, student: str, assignment: str) -> Path:
        """On what the points of a submission were given."""
        return self.ledger(assignment) / "grounds" / f"{short_name(student)}.json"

    def evidence(self, student: str, assignment: str) -> Path:
        """What probes saw of the wrong tasks of a submission."""
        return self.ledger(assignment) / "evidence" / f"{short_name(student)}.evidence"

    def last_report(self, assignment: str) -> Path:
        """The points that the last report was about."""
        return self.ledger(assignment) / "reported" / "points.json"

    def repairs(self, student: str, assignment: str) -> Path:
        """What earlier versions put right in a submission's folder."""
        return self.ledger(assignment) / "intake" / f"{student}.json"

    @property
    def all_earlier(self) -> Path:
        return self.root / "earlier"

    def earlier(self, student: str, assignment: str) -> Path:
        """A student's earlier attempts."""
        return self.all_earlier / student / assignment

    def lms_names(self, assignment: str) -> Path:
        """By what names a learning platform gave out the submissions."""
        return self.root / "collected" / f"{assignment}.json"

    def notebook_times(self, assignment: str) -> Path:
        """When each notebook of a submission came in, where there are several."""
        return self.root / "collected" / "times" / f"{assignment}.json"

    def page_digests(self, assignment: str) -> Path:
        """What the feedback pages were made from."""
        return self.root / self.directory.feedback_directory / f".{assignment}.json"

    @property
    def misconception_folders(self) -> list[Path]:
        """Where misconceptions may lie: in the root, or beside the configuration."""
        return [self.root / "misconceptions", Path(self.config.Judge.get("misconceptions", "misconceptions"))]

    def misconceptions(self, assignment: str) -> Path | None:
        """The module or package with the wrong ways of an exercise: in the root, or beside the configuration."""
        files = [
            file
            for folder in self.misconception_folders
            for file in (folder / assignment / "__init__.py", folder / f"{assignment}.py")
        ]
        return next((file for file in files if file.is_file()), None)

    @property
    def sample_classes(self) -> Path:
        """The submissions that `course demo` makes: one module for each exercise that has some."""
        return self.root / "sample_class"

    # what has to be there

    def require_assignment(self, assignment: str) -> list[Path]:
        """The notebooks of an assignment.

        Raises
        ------
        CourseError
            If the name can't be that of an assignment, or there is none.
        """
        require_name(assignment, NAME)
        notebooks = self.notebooks(assignment)
        if not notebooks:
            raise CourseError(
                f"there is no notebook in {self.source(assignment)}; is {assignment} the name of the assignment?"
            )
        return notebooks

    def has_gradebook(self) -> bool:
        """Whether there is a gradebook, if it is a file; to open it would make an empty one."""
        url = make_url(self.db_url)
        return url.get_backend_name() != "sqlite" or Path(url.database or "").is_file()

    def require_gradebook(self, assignment: str) -> None:
        """
        Raises
        ------
        CourseError
            If there is no gradebook.
        """
        if not self.has_gradebook():
            name = make_url(self.db_url).database
            raise CourseError(f"there is no gradebook {name}; run nbgrader autograde {assignment} first.")


def _absolute(option: str) -> str:
    """nbgrader changes its working directory, after which a relative root would be another one."""
    name, _, value = option.partition("=")
    return f"{name}={Path(value).resolve()}" if name == "--CourseDirectory.root" else option
