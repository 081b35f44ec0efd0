"""The proof that a release is the visible part of its source, holds no secret, and can be graded fairly."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from nbformat import NotebookNode
from nbgrader.utils import compute_checksum, is_grade, is_solution, is_task

from nbjudge.authoring import answers_file, leaks, lint, stubs
from nbjudge.authoring.errors import ReleaseError
from nbjudge.authoring.exercise import Exercise
from nbjudge.authoring.parts import package_files
from nbjudge.authoring.readings import Budget
from nbjudge.judging import oracle
from nbjudge.judging.trouble import OracleError
from nbjudge.proving.prove import Proof


class Doubt(str):
    """A fact that is to be looked at: it may be meant so."""


def of_all(proof: Callable[[Exercise], list[str]], exercises: Sequence[Exercise]) -> list[str]:
    """What a proof says of each notebook of an assignment.

    Raises
    ------
    ReleaseError
        With all that is wrong in any of them.
    """
    facts, reasons = list[str](), list[str]()
    for exercise in exercises:
        try:
            facts += proof(exercise)
        except ReleaseError as error:
            reasons += error.reasons
    if reasons:
        raise ReleaseError(*dict.fromkeys(reasons))
    return facts


def check_source(exercise: Exercise) -> list[str]:
    """Make sure that source/ can be made into a release, and can be graded.

    Returns
    -------
    What is right, in sentences; so do the other two proofs.

    Raises
    ------
    ReleaseError
        If not.
    """
    path = exercise.source_notebook
    if reasons := source_mistakes(exercise, exercise.read_source()):
        raise ReleaseError(*reasons)
    try:
        answers = oracle.load(exercise.course, exercise.assignment, path)
        if reasons := answers_file.mistakes(exercise.course, exercise.assignment, path):
            raise ReleaseError(*reasons)
    except OracleError as error:
        raise ReleaseError(str(error)) from error
    in_order = f"{exercise.show(path)}: delimiters, ids, metadata and side files are in order"
    return [f"{in_order}; {points_of(exercise, answers)}."]


def source_mistakes(exercise: Exercise, notebook: NotebookNode) -> list[str]:
    """What is wrong with the source notebook and the files beside it, without running anything."""
    reasons = lint.file_mistakes(exercise.source, exercise.notebooks, exercise.parts.beside)
    for file in (exercise.source_notebook, *map(Path, exercise.course.frame.files)):
        reasons += lint.identity_mistakes(file, exercise.show(file))
    return reasons + lint.notebook_mistakes(notebook, exercise.delimiters, exercise.stub, exercise.parts.tags)


def prove(exercise: Exercise, folder: Path) -> list[str]:
    """Prove that ``folder`` holds the visible part of source/, and no secret; neither do the packages for students.

    Raises
    ------
    ReleaseError
        If something leaks, or isn't what source/ gives.
    """
    original = exercise.read_source()
    secrets, idle = leaks.secrets(original, exercise.delimiters)
    reasons = _file_differences(exercise, folder)
    released = folder / exercise.notebook
    if released.is_file():
        reasons += differences(original, exercise.read_notebook(released), exercise)
    files = {path.as_posix(): folder / path for path in lint.side_files(folder, exercise.others)}
    searched = {"the release": files} | {
        package: package_files(exercise.course, package) for package in exercise.parts.packages
    }
    too_large = []
    for paths in searched.values():
        for name, path in paths.items():
            budget = Budget()
            reasons += [f"{name} holds {secret}." for secret in leaks.find(secrets, path.read_bytes(), budget)]
            too_large += [name] if budget.left < 0 else []
    if reasons:
        raise ReleaseError(*reasons)
    places = " or ".join(f"in {name} ({_counted(len(paths), 'file')})" for name, paths in searched.items())
    return [
        f"{len(original.cells)} cells are the visible part of source/, and nothing else: no outputs, no attachments "
        "of answers, no further metadata.",
        f"{len({(secret.cell, secret.line) for secret in secrets})} lines of solutions and hidden tests: none of them "
        f"is {places}. "
        f"Not looked for: {_counted(len(set(idle)), 'line')} of the kind that tells nothing, such as imports.",
        *(Doubt(f"So much is packed in {name} that not all of it was searched; look at it.") for name in too_large),
    ]


def run_both(exercise: Exercise) -> stubs.Seen:
    """Run the solution, and what students start with, under the probes; in a process of its own.

    What students start with is the visible part of source/, of which ``prove`` shows that the release has it.

    Raises
    ------
    StubsError
        If that isn't possible.
    """
    written = leaks.left_of(exercise.read_source(), exercise.delimiters, exercise.stub)
    return stubs.look(exercise.source_notebook, written, exercise.root, exercise.delimiters, exercise.course.frame)


def prove_grading(exercise: Exercise, ran: Callable[[], stubs.Seen]) -> list[str]:
    """Prove that the solution earns everything, and what students start with nothing.

    ``ran`` gives what ``run_both`` gives.

    Raises
    ------
    ReleaseError
        If not.
    """
    path = exercise.source_notebook
    answers = oracle.load(exercise.course, exercise.assignment, path)
    try:
        seen = ran()
    except stubs.StubsError as error:
        raise ReleaseError(str(error)) from error
    if reasons := stubs.mistakes(answers, seen):
        raise ReleaseError(*reasons)
    facts = list[str]()
    if kept := Proof(exercise.course, exercise.assignment, path).kept():
        facts.append(kept.says + "." if kept.proven else Doubt(f"{kept.says}; course prove says what is to be done."))
    if answers.solution:
        total = sum(answers.points[name] for name in answers.solution)
        facts.append(
            f"The solution earns {total:g} of {total:g} points; every stub raises {stubs.STUB_ERROR} and earns 0."
        )
    if answers.plain:
        facts.append(f"The solution passes {', '.join(answers.plain)}, which its own asserts decide.")
    if gifts := [name for name in answers.plain if name not in seen.failed]:
        facts.append(Doubt(f"Look at {', '.join(gifts)}: who writes nothing gets these points, too."))
    return facts


def points_of(exercise: Exercise, answers: oracle.Oracle) -> str:
    """What gives the points of a notebook."""
    probed = [answers.points[name] for name in answers.solution]
    by_hand = [
        float(cell.metadata.nbgrader.get("points", 0))
        for cell in exercise.read_source().cells
        if is_task(cell) or (is_grade(cell) and is_solution(cell))
    ]
    plain = list(answers.plain.values())
    parts = [
        f"the probes of {_counted(len(probed), 'test cell')} give {sum(probed):g} points" if probed else "",
        f"the asserts of {_counted(len(plain), 'plain test')} give {sum(plain):g} points" if plain else "",
        f"a person gives {sum(by_hand):g} points for {_counted(len(by_hand), 'answer')}" if by_hand else "",
    ]
    return "; ".join(filter(None, parts)) or "nothing in it gives points"


def differences(original: NotebookNode, released: NotebookNode, exercise: Exercise) -> list[str]:
    """Where the released notebook isn't the visible part of the original, by cell."""
    if len(original.cells) != len(released.cells):
        return [f"the release has {len(released.cells)} cells, and source/ has {len(original.cells)}."]
    sentences = ["the metadata of the released notebook aren't those of source/."] * (
        original.metadata != released.metadata
    )
    for old, new in zip(original.cells, released.cells, strict=True):
        wrong = [what for what, same in _parts(old, new, exercise) if not same]
        if wrong:
            sentences.append(
                f"cell {leaks.name_of(old)}: {', '.join(wrong)} in the release isn't the visible part of source/."
            )
    return sentences


def _parts(old: NotebookNode, new: NotebookNode, exercise: Exercise) -> Iterator[tuple[str, bool]]:
    seen, _ = leaks.hidden(old, exercise.delimiters, exercise.stub)
    locks = {"deletable": False, "editable": False}
    rest = {key: value for key, value in new.metadata.items() if key != "nbgrader" and locks.get(key, ...) is not value}
    about = dict(new.metadata.get("nbgrader", {}))
    checksum = about.pop("checksum", None)
    yield "the text", new.source == seen
    yield "the id or the type", (new.get("id"), new.cell_type) == (old.get("id"), old.cell_type)
    yield "the outputs", not new.get("outputs") and new.get("execution_count") is None
    yield "the attachments", new.get("attachments", {}) == old.get("attachments", {})
    yield "the metadata", rest == {key: value for key, value in old.metadata.items() if key != "nbgrader"}
    expected = {key: value for key, value in old.metadata.get("nbgrader", {}).items() if key != "checksum"}
    yield "the nbgrader metadata", {"cell_type": old.cell_type, **about} == {"cell_type": old.cell_type, **expected}
    yield "the checksum", checksum is None or checksum == compute_checksum(new)
    yield "a further key", not set(new) - set(old) - {"execution_count", "outputs"}


def _file_differences(exercise: Exercise, folder: Path) -> list[str]:
    """Where the files beside the notebook aren't those of source/."""
    expected = {path.as_posix() for path in lint.side_files(exercise.source)}
    there = {path.as_posix() for path in lint.side_files(folder)}
    sentences = [f"{name} is missing in the release." for name in sorted(expected - there)]
    sentences += [f"{name} is in the release, but not in source/." for name in sorted(there - expected)]
    for name in sorted((there & expected) - {*exercise.notebooks}):
        if (folder / name).is_symlink() or (folder / name).read_bytes() != (exercise.source / name).read_bytes():
            sentences.append(f"{name} in the release isn't the file of source/.")
    return sentences


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'s' * (number != 1)}"
