"""The proof that a release is the visible part of its source, holds no secret, and can be graded fairly."""

from collections.abc import Iterator
from pathlib import Path

from nbformat import NotebookNode
from nbgrader.utils import compute_checksum

from nbjudge.authoring import leaks, stubs
from nbjudge.authoring import lint as source
from nbjudge.authoring.exercise import Exercise, ReleaseError, package_files, read
from nbjudge.judging import oracle


def check_source(course: Exercise) -> list[str]:
    """Make sure that source/ can be made into a release, and can be graded.

    Returns
    -------
    What was found out, in sentences; so do the other two proofs.

    Raises
    ------
    ReleaseError
        If not.
    """
    path = course.source / course.notebook
    reasons = source.file_mistakes(course.source, course.notebook)
    notebook = read(path, course)
    reasons += source.identity_mistakes(path)
    reasons += source.notebook_mistakes(notebook, course.delimiters, course.stub)
    if reasons:
        raise ReleaseError(*reasons)
    try:
        answers = oracle.load(path, course.assignment, course.root / ".oracle")
    except oracle.OracleError as error:
        raise ReleaseError(str(error)) from error
    total = sum(answers.points.values())
    return [
        f"{course.show(path)}: delimiters, ids, metadata and side files are in order; "
        f"the probes of {len(answers.points)} test cells give {total:g} points."
    ]


def prove(course: Exercise, folder: Path) -> list[str]:
    """Prove that ``folder`` holds the visible part of source/, and no secret; neither does exercise_code.

    Raises
    ------
    ReleaseError
        If something leaks, or isn't what source/ gives.
    """
    path = course.source / course.notebook
    original = read(path, course)
    wanted, idle = leaks.secrets(original, course.delimiters)
    reasons = _file_differences(course, folder)
    released = folder / course.notebook
    if released.is_file():
        reasons += differences(original, read(released, course), course)
    searched = {path.as_posix(): folder / path for path in source.side_files(folder, "")}
    code = {f"exercise_code/{path.name}": path for path in package_files(course.root)}
    for name, file in {**searched, **code}.items():
        reasons += [f"{name} holds {secret}." for secret in leaks.find(wanted, file.read_bytes())]
    if reasons:
        raise ReleaseError(*reasons)
    return [
        f"{len(original.cells)} cells are the visible part of source/, and nothing else: no outputs, no attachments "
        "of answers, no further metadata.",
        f"{len({(each.cell, each.line) for each in wanted})} lines of solutions and hidden tests: none of them is in "
        f"the release ({_counted(len(searched), 'file')}) or in exercise_code ({_counted(len(code), 'file')}). "
        f"Not looked for: {_counted(len(set(idle)), 'line')} of the kind that tells nothing, such as imports.",
    ]


def prove_grading(course: Exercise, folder: Path) -> list[str]:
    """Prove that the solution earns everything, and what students start with nothing.

    Raises
    ------
    ReleaseError
        If not.
    """
    path = course.source / course.notebook
    answers = oracle.load(path, course.assignment, course.root / ".oracle")
    try:
        seen = stubs.look(path, folder / course.notebook, course.root)
    except stubs.StubsError as error:
        raise ReleaseError(str(error)) from error
    if reasons := stubs.mistakes(answers, seen):
        raise ReleaseError(*reasons)
    total = sum(answers.points.values())
    return [f"The solution earns {total:g} of {total:g} points; every stub raises {stubs.STUB_ERROR} and earns 0."]


def differences(original: NotebookNode, released: NotebookNode, course: Exercise) -> list[str]:
    """Where the released notebook isn't the visible part of the original, by cell."""
    if len(original.cells) != len(released.cells):
        return [f"the release has {len(released.cells)} cells, and source/ has {len(original.cells)}."]
    found = ["the metadata of the released notebook aren't those of source/."] * (
        original.metadata != released.metadata
    )
    for old, new in zip(original.cells, released.cells, strict=True):
        wrong = [what for what, same in _parts(old, new, course) if not same]
        if wrong:
            found.append(
                f"cell {leaks.name_of(old)}: {', '.join(wrong)} in the release isn't the visible part of source/."
            )
    return found


def _parts(old: NotebookNode, new: NotebookNode, course: Exercise) -> Iterator[tuple[str, bool]]:
    seen, _ = leaks.hidden(old, course.delimiters, course.stub)
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


def _file_differences(course: Exercise, folder: Path) -> list[str]:
    """Where the files beside the notebook aren't those of source/."""
    expected = {path.as_posix() for path in source.side_files(course.source, course.notebook)} | {course.notebook}
    there = {path.as_posix() for path in source.side_files(folder, "")}
    found = [f"{name} is missing in the release." for name in sorted(expected - there)]
    found += [f"{name} is in the release, but not in source/." for name in sorted(there - expected)]
    for name in sorted((there & expected) - {course.notebook}):
        if (folder / name).is_symlink() or (folder / name).read_bytes() != (course.source / name).read_bytes():
            found.append(f"{name} in the release isn't the file of source/.")
    return found


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'s' * (number != 1)}"
