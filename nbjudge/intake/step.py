"""nbgrader's step "read a submission": it is copied, its notebook read and built afresh."""

import contextlib
import os
import shutil
import stat
import tempfile
import weakref
from pathlib import Path
from shlex import quote as quoted
from typing import IO, Any, cast

import nbformat
from nbconvert.exporters import NotebookExporter
from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell
from nbgrader.api import Gradebook
from nbgrader.utils import is_locked

from nbjudge.course import notebooks
from nbjudge.course.assignment_names import require_name
from nbjudge.course.config_files import beside, config_files, difference
from nbjudge.course.course import Course
from nbjudge.course.errors import CourseError
from nbjudge.course.files import given_to
from nbjudge.course.graded import INTAKE, UNFINISHED, Repair, is_unfinished
from nbjudge.course.regions import withheld
from nbjudge.course.sharing import group_of, guard_gradebook, require_no_lock
from nbjudge.course.student_ids import UNGRADED, UNGRADED_ID
from nbjudge.course.submission_secret import hide_secret
from nbjudge.course.switched_on import require_steps
from nbjudge.course.whole_notebook import whole_notebook
from nbjudge.intake.grading_lock import BeingGradedError, GradingLock, is_being_graded
from nbjudge.intake.nbgraders_view import CopiedSubmissions, OneSubmission
from nbjudge.intake.other_writers import require_own
from nbjudge.intake.reading import RefusedError, read_cells
from nbjudge.intake.rebuild import RebuiltNotebook
from nbjudge.intake.submission_folder import take, take_time
from nbjudge.judging import old_scores
from nbjudge.sandbox.bubblewrap import SandboxError


class SubmissionExporter(NotebookExporter):
    """Reads submissions by our own rules; else nbgrader would stop at a file that isn't as it should be.

    nbgrader makes one for each run, just before it begins, with the converter that is to run as ``parent``. The
    converter is told that submissions lie in a folder of our own. For each of them it calls its ``pre_convert_hook``,
    which becomes ``take_copy``; copies what lies beside the notebooks; and has each notebook read twice: as it was
    handed in, and then, to be run, as it was built here.

    Attributes
    ----------
    seen : a sum over the submission that was taken last, as it was handed in
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._course = Course.of(self)
        try:
            require_steps(getattr(self.parent, "autograde_preprocessors", []))
            guard_gradebook(self._course)
            if not isinstance(self.parent, OneSubmission):
                require_no_lock(self._course)
        except CourseError as error:
            raise SystemExit(f"Nothing was graded: {error}") from None
        self.seen = ""
        self._repairs: list[Repair] = []
        self._missing: list[str] = []
        self._lock: GradingLock | None = None
        """Of the current submission; where one is graded alone, whoever grades it has the lock."""
        self._is_alone = isinstance(self.parent, OneSubmission)
        self._copies = Path(tempfile.mkdtemp(prefix="grading-"))
        self.close = weakref.finalize(self, shutil.rmtree, self._copies, ignore_errors=True)
        """Deletes the copies."""
        self._last = self._copies / "nobody"
        """Whose copy there is."""
        self._converter = cast(Any, self.parent)
        self._converter.pre_convert_hook = self.take_copy
        self._then, self._converter.post_convert_hook = self._converter.post_convert_hook, self.let_go
        self._make, self._converter.init_assignment = self._converter.init_assignment, self.begin
        self._rights = 0
        """Of the folder of the submission that is being graded, when it is graded."""
        self._obeys = (Path.cwd(), self._course.root)
        self._config_files = config_files(*self._obeys)
        for sentence in beside(self._config_files):
            self.log.warning(sentence)
        assignment = self._converter.coursedir.assignment_id
        try:
            require_name(assignment)
        except CourseError as error:
            raise SystemExit(f"Nothing was graded: {error}") from None
        if not self._is_alone:
            require_own(self._course, assignment, self._converter.assignments)
        self._busy: list[str] = []
        """Students whose submissions other processes are at."""
        directory = CopiedSubmissions.of(self._course.directory, self._copies)
        assignments = {}
        for folder, paths in self._converter.assignments.items():
            student = self._course.student_of(folder, assignment)
            if self._is_to_be_graded(student, assignment):
                copy = directory.format_path(directory.submitted_directory, student, assignment)
                assignments[copy] = [os.path.join(copy, os.path.basename(path)) for path in paths]
        if self._busy and not assignments:
            raise SystemExit(f"Nothing was graded: {self._busy[0]}: {BeingGradedError()}")
        self._directory = self._converter.coursedir = directory
        self._converter.assignments = assignments

    def _is_to_be_graded(self, student: str, assignment: str) -> bool:
        """Before the run: leave out whoever can't be graded, and remove what a grading left that was killed."""
        if UNGRADED.search(student):
            self.log.error("%r isn't graded: %s", student, UNGRADED_ID)
            return False
        graded = self._course.autograded(student, assignment)
        if not self._is_alone and is_being_graded(self._course.grading_lock(student, assignment)):
            self.log.error("%s isn't graded: %s", student, BeingGradedError())
            self._busy.append(student)
            return False
        if graded.is_dir() and is_unfinished(graded):
            self.log.warning("%s: an earlier grading was interrupted; it starts anew.", student)
            shutil.rmtree(graded)
        copy = self._copy(student, assignment)
        copy.mkdir(parents=True)
        take_time(self._course, student, assignment, copy)  # by which nbgrader tells whether it is graded already
        return True

    def _copy(self, student: str, assignment: str) -> Path:
        """Where the copy of a submission lies."""
        return self._copies / student / assignment

    def take_copy(self, assignment: str, student: str, notebooks: list[str]) -> None:
        """Copy one submission before nbgrader copies anything out of it.

        Parameters
        ----------
        assignment, student
            As nbgrader has them; the student may be a pattern.
        notebooks
            Paths of the notebooks in the copy. The list is nbgrader's own: what is changed in it is what gets graded.
        """
        self._release()
        copy = Path(notebooks[0]).parent
        student = copy.parent.name
        notebooks[:] = [os.path.join(copy, path.name) for path in self._course.notebooks(assignment)]
        try:
            shutil.rmtree(self._last, ignore_errors=True)
            self._last = copy.parent
            shutil.rmtree(copy)
            copy.mkdir()
            new = difference(self._config_files, config_files(*self._obeys))
            if new:
                self.log.warning("%s; the next run will obey that.", new)
            if not self._is_alone:
                self._lock = GradingLock(self._course.grading_lock(student, assignment))
            self._course.ledger_entry(student, assignment).unlink(missing_ok=True)  # it is of an earlier grading
            taken = take(self._course, student, assignment, copy)
            self._repairs, self._missing, self.seen = taken.repairs, taken.missing, taken.sum
        except Exception as error:  # nbgrader would pass over it and go on
            failure = error
            if isinstance(error, OSError):
                failure = CourseError(f"what was handed in can't be copied: {error.strerror or error}.")
            self._directory.failures[str(copy)] = failure
            if not isinstance(error, BeingGradedError):  # whose scores they are
                self._fail(assignment, student)

    def begin(self, assignment: str, student: str) -> None:
        """Called by nbgrader to fill the folder of a submission. While it is graded, nobody else looks into it: all its
        files have the same rights, and one is the secret of the student."""
        graded = self._course.autograded(student, assignment)
        graded.mkdir(parents=True, exist_ok=True)
        group = group_of(self._course)
        self._rights = stat.S_IMODE(graded.stat().st_mode)
        with contextlib.suppress(OSError):  # it is another one's, who shares the course
            # what is made in it is the group's that has it, and never one's own, in which there may be students
            graded.chmod(stat.S_ISGID | 0o770 if group is not None and given_to(graded, group) else 0o700)
        self._make(assignment, student)

    def _fail(self, assignment: str, student: str) -> None:
        old_scores.forget_all(self._course, assignment, student)
        shutil.rmtree(self._course.autograded(student, assignment), ignore_errors=True)
        self._release()

    def _release(self) -> None:
        if self._lock is not None:
            self._lock.release()

    def let_go(self, **about: Any) -> None:
        """Called by nbgrader when a submission is graded and all files have their rights. A process that stays, such as
        JupyterLab's, keeps no lock."""
        graded = self._course.autograded(self._last.name, self._converter.coursedir.assignment_id)
        hide_secret(graded, group_of(self._course))
        rights, self._rights = self._rights, 0
        if rights:
            with contextlib.suppress(OSError):
                graded.chmod(rights | (0o2770 if self._course.directory.groupshared else 0))
        self._release()
        if self._then is not None:
            self._then(**about)

    def from_filename(self, filename: str, resources: Any = None, **kwargs: Any) -> tuple[Any, Any]:
        path, about = Path(filename), resources["nbgrader"]
        if self._is_built_by_us(path, about):
            return super().from_filename(filename, resources, **kwargs)
        resources["metadata"] = {"name": path.stem, "path": str(path.parent)}
        return self.from_notebook_node(self._rebuilt(path, about), resources, **kwargs)

    def from_file(self, file_stream: IO[str], resources: Any = None, **kwargs: Any) -> tuple[Any, Any]:
        """What the step before wrote, and checked."""
        return self.from_notebook_node(nbformat.v4.reads(file_stream.read()), resources, **kwargs)

    def from_notebook_node(self, nb: NotebookNode, resources: Any = None, **kwargs: Any) -> tuple[Any, Any]:
        """As nbconvert does it, but with the notebook itself, which nobody else has, and with one check. nbconvert
        makes three copies before it begins, and checks again what it writes."""
        resources = self._init_resources(resources)
        try:
            for step in self._preprocessors:
                nb, resources = step(nb, resources)
        except BaseException as error:
            if not isinstance(error, SystemExit) or isinstance(error.__cause__, SandboxError):
                about = resources["nbgrader"]  # or else nothing is graded at all, and all is as it was
                self._fail(about["assignment"], about["student"])
            raise
        nbformat.validate(nb, relax_add_props=True)
        resources["output_suffix"] = ".nbconvert"
        return nbformat.v4.writes(nb) + "\n", resources

    def _is_built_by_us(self, path: Path, about: dict[str, str]) -> bool:
        folder = Path(os.path.normpath(path.parent))
        return folder == self._course.autograded(about["student"], about["assignment"])

    def _rebuilt(self, path: Path, about: dict[str, str]) -> NotebookNode:
        """The notebook that is run in place of the one at ``path``. What was put right is in its metadata."""
        source_path = self._course.source(about["assignment"]) / path.name
        source, stubs = whole_notebook(self._course, about["assignment"], source_path), _stubs(about)
        self._require_released(source, source_path, stubs, about)
        refusal, repairs = "", self._repairs
        try:
            cells = read_cells(path)
        except RefusedError as error:
            is_missing = path.name in self._missing
            cells, refusal = [], f"There is no {path.name} in what was handed in." if is_missing else str(error)
        rebuilt = RebuiltNotebook(source, cells, stubs, withheld(self.config))
        if not refusal:
            repairs = list(dict.fromkeys([*repairs, *rebuilt.repairs]))
        for sentence in [*(repair.text for repair in repairs), *filter(None, [refusal])]:
            self.log.warning("%s: %s", about["student"], sentence)
        notebook = rebuilt.notebook
        if repairs or refusal:
            intake: dict[str, Any] = {"repaired": [repair.as_data() for repair in repairs]}
            notebook.metadata[INTAKE] = {"refused": refusal, **intake} if refusal else intake
            notebook.cells.insert(0, _notice(repairs, refusal))
        notebook.metadata[UNFINISHED] = True
        return notebook

    def _require_released(self, source: NotebookNode, path: Path, stubs: dict[str, str], about: dict[str, str]) -> None:
        """Stop where students got other tests than those of the source."""
        for grade_id, cell in notebooks.graded_cells(source).items():
            if is_locked(cell) and stubs.get(grade_id, cell.source) != cell.source:
                graded = self._course.autograded(about["student"], about["assignment"])
                shutil.rmtree(graded, ignore_errors=True)
                raise SystemExit(
                    f"Nothing was graded: {grade_id} in {path} has changed since the students' version was made; "
                    f"run course release {quoted(about['assignment'])} first."
                )


def _stubs(about: dict[str, str]) -> dict[str, str]:
    """The text of each graded cell when the students' version was made: with hidden tests, without solutions."""
    with Gradebook(about["db_url"]) as gradebook:
        cells = gradebook.find_notebook(about["notebook"], about["assignment"]).source_cells
        return {cell.name: cell.source for cell in cells}


def _notice(repairs: list[Repair], refusal: str) -> NotebookNode:
    """What the student reads first."""
    sentences = [f"- {repair.text}" for repair in repairs]
    number = "1 thing" if len(sentences) == 1 else f"{len(sentences)} things"
    folded = [f"<details><summary>Put right before grading: {number}</summary>", *sentences, "</details>"]
    first = [f"**This submission could not be graded.** {refusal}"] if refusal else []
    return new_markdown_cell("\n\n".join([*first, *(folded if sentences else [])]), id=INTAKE)
