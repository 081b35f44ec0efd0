"""Proves the tests of a notebook: all mutants of its solution are graded, and what becomes of them is kept."""

import ast
import json
import os
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from pathlib import Path

from nbformat import NotebookNode
from pydantic import BaseModel, ValidationError

from nbjudge.course import notebooks, own_process
from nbjudge.course.cells import is_answer, is_grade
from nbjudge.course.course import Course
from nbjudge.course.errors import CourseError
from nbjudge.course.files import make_folders, whole_file
from nbjudge.course.regions import delimiters_of
from nbjudge.judging import misconception, oracle
from nbjudge.judging.loaded import digest
from nbjudge.judging.oracle import ENVIRONMENT
from nbjudge.proving.answer import answers_in
from nbjudge.proving.mutants import Mutant, mutants_of
from nbjudge.proving.survey import Survey, survey, tests_of
from nbjudge.proving.trial import Outcome, outcomes_in
from nbprobe.cell_trees import parsed
from nbprobe.code_facts import imported
from nbprobe.wire import digest_of_text

PAUSE = 0.2
"""Seconds between two looks at how far the mutants are."""


class ProofError(CourseError):
    """The tests can't be proven. One sentence."""


def require_system() -> None:
    """
    Raises
    ------
    ProofError
        If nothing can be proven on this kind of system.
    """
    if sys.platform != "linux":
        raise ProofError("mutants are graded in forked processes of bounded memory, which works on Linux only.")


class Kept(BaseModel, frozen=True):
    """What a proof came to, and of what it was one."""

    stamp: str
    says: str
    proven: bool


class Proof:
    """The mutants of a notebook's solution, and what is known of them."""

    def __init__(self, course: Course, assignment: str, notebook: Path) -> None:
        """
        Raises
        ------
        CourseError
            If the notebook can't be graded.
        """
        self.notebook, self._course = notebook, course
        self._catalogue = course.misconceptions(assignment)
        self.oracle = oracle.load(course, assignment, notebook)
        self._cells = course.frame.read(notebook).cells
        self.lists = misconception.lists(self._catalogue)
        texts = {cell.metadata.nbgrader.grade_id: cell.source for cell in self._cells if is_answer(cell)}
        self.answers = answers_in(texts, delimiters_of(course.config))
        self._folder = course.ledger(assignment) / "proof"

    @cached_property
    def mutants(self) -> list[Mutant]:
        """All of them; to make them takes its time, and not all that is asked needs them."""
        return mutants_of(self.answers, *_imports(self._cells))

    def missing(self) -> int:
        """How many mutants aren't graded yet."""
        done = outcomes_in(self._outcomes)
        return sum(mutant.key not in done for mutant in self.mutants)

    def grade(self, advance: Callable[[], None]) -> None:
        """Grade what isn't graded yet; ``advance`` is called after each."""
        self._forget_others()
        make_folders(self._folder)
        mutants = self._outcomes.with_suffix(".json")
        with whole_file(mutants) as file:
            file.write(json.dumps([(mutant.key, mutant.cell, mutant.text) for mutant in self.mutants]).encode())
        frame = self._course.frame
        arguments = {
            "notebook": str(self.notebook),
            "misconceptions": str(self._catalogue) if self._catalogue else None,
            "frame": [frame.header, frame.footer],
            "delimiters": [list(each) for each in delimiters_of(self._course.config)],
            "mutants": str(mutants),
            "outcomes": str(self._outcomes),
            "jobs": os.cpu_count() or 1,
        }
        with _Watch(self._lines, advance):
            own_process.run(
                "nbjudge.proving.trial:run", arguments, "the mutants", ProofError, ENVIRONMENT, bounded=False
            )

    def _lines(self) -> int:
        """How many outcomes are written down. To look at what they say takes longer, and this is asked often."""
        try:
            return self._outcomes.read_bytes().count(b"\n")
        except OSError:
            return 0

    def outcomes(self) -> dict[str, Outcome]:
        """What became of each mutant, by its key; all are graded."""
        outcomes = outcomes_in(self._outcomes)
        return {mutant.key: outcomes[mutant.key] for mutant in self.mutants}

    def survey(self) -> Survey:
        """What the outcomes say; all mutants are graded."""
        ways, below = misconception.catalogue(self._catalogue), _tests_below(self._cells)
        own = {answer.name: tests_of(answer, self.answers, self.oracle, ways, below) for answer in self.answers}
        found = survey(self.notebook.name, self.answers, self.mutants, self.outcomes(), self.oracle, own, self.lists)
        with whole_file(self._kept) as file:
            kept = Kept(stamp=self._stamp_with_lists, says=str(found), proven=found.is_proven)
            file.write(kept.model_dump_json().encode())
        return found

    def kept(self) -> Kept | None:
        """What the last proof came to, if it was one of this very source."""
        try:
            kept = Kept.model_validate_json(self._kept.read_bytes())
        except (OSError, ValidationError):
            return None
        return kept if kept.stamp == self._stamp_with_lists else None

    @property
    def _stamp(self) -> str:
        """A sum over all that an outcome depends on; words between the cells aren't part of it."""
        own = {str(self.notebook), *map(str, misconception.files_of(self._catalogue))}
        files = sorted(known for path, known in self.oracle.loaded.files.items() if path not in own)
        files += [digest(path) for path in sorted(Path(__file__).parent.glob("*.py"))]
        code = [cell.source for cell in self._cells if cell.cell_type == "code"]
        visible = {test: (one.solution, one.fragile) for test, one in self.oracle.visible.items()}
        hidden = (self.oracle.solution, self.oracle.fragile, self.oracle.points)
        return digest_of_text(repr((code, hidden, visible, files, self.oracle.loaded.libraries)))

    @property
    def _stamp_with_lists(self) -> str:
        return digest_of_text(repr((self._stamp, self.lists, self.oracle.misconceptions)))

    @property
    def _outcomes(self) -> Path:
        return self._folder / f"{digest_of_text(self.notebook.name)}-{self._stamp}.jsonl"

    @property
    def _kept(self) -> Path:
        return self._folder / f"{digest_of_text(self.notebook.name)}.json"

    def _forget_others(self) -> None:
        """Remove the outcomes of earlier versions."""
        for path in self._folder.glob(f"{digest_of_text(self.notebook.name)}-*"):
            if path.stem != self._outcomes.stem:
                path.unlink(missing_ok=True)


def _tests_below(cells: list[NotebookNode]) -> dict[str, list[str]]:
    """For each cell with an answer the tests up to the next one."""
    below: dict[str, list[str]] = {}
    last = ""
    for cell in cells:
        if is_answer(cell):
            last = cell.metadata.nbgrader.grade_id
            below[last] = []
        elif last and is_grade(cell):
            below[last].append(cell.metadata.nbgrader.grade_id)
    return below


def _imports(cells: list[NotebookNode]) -> tuple[set[str], str]:
    """Names of modules that the notebook imports, and that of numpy, or ""."""
    trees = filter(None, (parsed(cell.source) for cell in cells if cell.cell_type == "code"))
    statements = (node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Import))
    names = {name: module for statement in statements for name, module in imported(statement)}
    return set(names), next((name for name, module in names.items() if module == "numpy"), "")


class _Watch:
    """Calls ``advance`` for each that is done, while something else waits for them."""

    def __init__(self, done: Callable[[], int], advance: Callable[[], None]) -> None:
        self._done, self._advance = done, advance
        self._known = done()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(PAUSE):
            self._look()
        self._look()

    def _look(self) -> None:
        done = self._done()
        for _ in range(done - self._known):
            self._advance()
        self._known = done


def proofs(course: Course, assignment: str) -> Iterator[Proof]:
    """One for each notebook of an assignment in which students write code.

    Raises
    ------
    CourseError
        If a notebook can't be graded, or if there is nothing to change in any.
    """
    found = [Proof(course, assignment, notebook) for notebook in course.require_assignment(assignment)]
    with_mutants = [proof for proof in found if proof.mutants]
    if not with_mutants:
        raise ProofError(
            f"there is nothing to prove in {assignment}: no cell has an answer in Python between the lines "
            "### BEGIN SOLUTION and ### END SOLUTION that could be changed."
        )
    yield from with_mutants


def strangers(course: Course, assignment: str, found: Sequence[Proof]) -> list[str]:
    """What is listed beside the catalogue, and is about nothing in any notebook of the assignment."""
    lists = found[0].lists  # those of the assignment
    answers = {answer.name for proof in found for answer in proof.answers}
    names = sorted({name for known in lists.equivalent for name in known.answers} - answers)
    graded = {cell for path in course.notebooks(assignment) for cell in notebooks.graded_cells(notebooks.read(path))}
    tests = sorted({known.test for known in lists.redundant} - graded)
    return [
        *(f"{name} is listed in EQUIVALENT, but no answer has this name" for name in names),
        *(f"{test} is listed in REDUNDANT, but there is no such test cell" for test in tests),
    ]
