"""Graded notebooks: what grading writes into their metadata, under which key, and the one reader of it.

They lie in the instructor's folders, but the texts in them are students', and anybody may have changed the files. So
links aren't followed, sizes are bounded, and what isn't of the form that grading writes is passed over: the points are
in the gradebook. JSON is read as it is, since checking a notebook's form takes longer than all the rest.
"""

import contextlib
import json
import os
import stat
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path, PurePath
from typing import Any, NamedTuple, Self

from nbjudge.course.isolation import weakest
from nbjudge.course.kept_names import handed_in_name
from nbjudge.course.opening import opened
from nbprobe.errors import FormError
from nbprobe.reason import Reason
from nbprobe.verdict import Verdict

INTAKE = "intake"
"""Key in the metadata of a notebook: what was ``repaired``, and why it was ``refused``."""
STOPPED = "stopped"
"""Likewise: what stopped cells of it, such as "time" or "memory"."""
ISOLATION = "isolation"
"""Likewise: the wall behind which it ran, one of those in ``course.isolation``."""
UNFINISHED = "unfinished"
"""Likewise: it is there between intake and grade."""
OURS, VERDICT, TASK, METHOD = "nbjudge", "verdict", "task", "method"
"""Keys in the metadata of a test cell."""
OWN = "own cells"
ADDED = ("added-", "before-", "more-")
"""How the ids of cells begin that a student added."""
OWN_METADATA = b'\n "metadata": {'
MAX_MODULES, MAX_MODULE = 20, 2**20
MAX_BYTES = 100 * 2**20
"""Of a notebook that is read beside all others of a class. What was handed in, and outputs, are bounded so that none
has as many."""
OF_VERSION_1_0 = "Something was put right."
"""What can be said in general of a repair of which version 1.0 stored the sentence: it may name a student's file."""

DAMAGED = (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError)
"""What reading a file may raise that somebody has changed."""


class Repair(Reason):
    """What was put right in a submission before it was graded: a sentence for the student, and the same in general.

    In the metadata, the list ``repaired`` below ``intake`` holds these as data.
    """

    @classmethod
    def from_data(cls, data: Any) -> Self:
        """The repair that was stored; version 1.0 stored the sentence alone.

        Raises
        ------
        FormError
            If this is no repair.
        """
        return cls(data, OF_VERSION_1_0) if isinstance(data, str) else super().from_data(data)


@dataclass
class Graded:
    """What grading wrote into one notebook, or into all notebooks of a submission.

    Attributes
    ----------
    verdicts : of the test cells, by notebook and ``grade_id``; there are none in notebooks of version 1.0
    answers : text of the solution cells, likewise; of the student's own cells and modules below ``OWN``
    refused : why it couldn't be graded, or ""
    stopped : what stopped cells of it: "time", "memory", "output" or "crash"
    isolation : the wall behind which it ran, of several notebooks the weakest; "" if nothing ran, or nobody
        wrote it down, as before 1.1
    """

    verdicts: dict[tuple[str, str], Verdict] = field(default_factory=dict)
    answers: dict[tuple[str, str], str] = field(default_factory=dict)
    repaired: list[Repair] = field(default_factory=list)
    refused: str = ""
    stopped: list[str] = field(default_factory=list)
    isolation: str = ""


def write_verdict(cell: Any, verdict: Verdict, task: str = "", method: str = "") -> None:
    """Keep the verdict in the metadata of its test cell, and what the check calls the task and the method."""
    cell["metadata"][OURS] = {VERDICT: verdict.as_data(), TASK: task, METHOD: method}


def read_verdict(cell: Any) -> Verdict | None:
    """The verdict in the metadata of a cell, if there is one."""
    about = cell["metadata"].get(OURS)
    try:
        return Verdict.from_data(about.get(VERDICT)) if isinstance(about, dict) else None
    except FormError:
        return None


def read_intake(notebook: Any) -> Graded:
    """What a graded notebook says of its intake, of what stopped it, and of the wall behind which it ran."""
    intake = notebook["metadata"].get(INTAKE, {})
    return Graded(
        repaired=list(_repairs(intake.get("repaired", []))),
        refused=str(intake.get("refused", "")),
        stopped=[str(kind) for kind in notebook["metadata"].get(STOPPED, [])],
        isolation=weakest([str(notebook["metadata"].get(ISOLATION, ""))]),
    )


class Test(NamedTuple):
    """What a graded notebook says of a test cell: what its check calls the task ("Task 3"), and whether it is plain."""

    label: str
    is_plain: bool


def read_tests(path: Path) -> dict[str, Test]:
    """The test cells of a graded notebook, by ``grade_id``."""
    tests: dict[str, Test] = {}
    with contextlib.suppress(*DAMAGED):
        for cell in json.loads(_content(path, MAX_BYTES))["cells"]:
            verdict = read_verdict(cell)
            if verdict is not None:
                name = str(cell["metadata"]["nbgrader"]["grade_id"])
                tests[name] = Test(read_name(cell, TASK), verdict.plain)
    return tests


def read_name(cell: Any, kind: str) -> str:
    """What the check of a test cell calls its ``TASK`` ("Task 3") or its ``METHOD`` ("Classifier.forward"), or ""."""
    about = cell["metadata"].get(OURS)
    name = about.get(kind) if isinstance(about, dict) else ""
    return name if isinstance(name, str) else ""


def read_isolation(folder: Path) -> str:
    """The weakest wall behind which a notebook of a submission ran, or ""."""
    walls = []
    for path in notebooks_in(folder):
        with contextlib.suppress(*DAMAGED):
            walls.append(read_intake(_without_cells(_content(path, MAX_BYTES))).isolation)
    return weakest(walls)


def _without_cells(content: bytes) -> Any:
    """A notebook as nbformat writes it, from its own metadata on, or as a whole if it was written in another way.

    The keys of a notebook stand on lines that begin with one blank, and no other line does. What a class puts out
    takes long to read.
    """
    end = content.rfind(OWN_METADATA)
    return json.loads(b"{" + content[end:] if end >= 0 else content)


def notebooks_in(folder: Path) -> list[Path]:
    """The notebooks in a folder such as ``autograded/ada/ex01``, by name; none where somebody has set links."""
    if folder.is_symlink() or folder.parent.is_symlink():
        return []
    return [path for path in sorted(folder.glob("*.ipynb")) if path.is_file() and not path.is_symlink()]


def read_submission(folder: Path) -> Graded | None:
    """What lies in ``folder``, such as ``autograded/ada/ex01``; None if nothing there was graded to its end."""
    paths = notebooks_in(folder)
    if not paths or is_unfinished(folder):
        return None
    submission = united(filter(None, map(read_graded, paths)))
    modules = (path for path in sorted(folder.iterdir()) if handed_in_name(PurePath(path.name)).suffix == ".py")
    for path in islice(modules, MAX_MODULES):
        with contextlib.suppress(*DAMAGED):
            _add(submission, paths[0].stem, _content(path, MAX_MODULE).decode(errors="replace"))
    return submission


def united(notebooks: Iterable[Graded]) -> Graded:
    """The notebooks of a submission as one. It is refused if all of them are; else that is said of each that is."""
    submission, notebooks = Graded(), list(notebooks)
    for notebook in notebooks:
        submission.verdicts |= notebook.verdicts
        submission.answers |= notebook.answers
        submission.repaired += [repair for repair in notebook.repaired if repair not in submission.repaired]
        submission.stopped += notebook.stopped
        submission.isolation = weakest([submission.isolation, notebook.isolation])
    refusals = [notebook.refused for notebook in notebooks if notebook.refused]
    if len(refusals) == len(notebooks):
        submission.refused = next(iter(refusals), "")
    else:
        sentences = dict.fromkeys(f"A notebook could not be graded: {refusal}" for refusal in refusals)
        submission.repaired += map(Repair, sentences)
    return submission


def read_graded(path: Path, at_most: int | None = MAX_BYTES) -> Graded | None:
    """The graded notebook at ``path``; None if there is none of ``at_most`` so many bytes that can be read."""
    try:
        document = json.loads(_content(path, at_most))
        graded = read_intake(document)
        for cell in document.get("cells", []):
            _read_cell(cell, path.stem, graded)
    except DAMAGED:
        return None
    return graded


def _repairs(stored: Sequence[Any]) -> Iterable[Repair]:
    for data in stored:
        try:
            yield Repair.from_data(data)
        except FormError:
            continue


def _read_cell(cell: dict[str, Any], notebook: str, graded: Graded) -> None:
    grading = cell["metadata"].get("nbgrader", {})
    if grading.get("solution") and cell["cell_type"] == "code":
        graded.answers[notebook, grading["grade_id"]] = _source(cell)
    elif grading.get("grade"):
        verdict = read_verdict(cell)
        if verdict is not None:
            graded.verdicts[notebook, grading["grade_id"]] = verdict
    elif cell["cell_type"] == "code" and str(cell.get("id", "")).startswith(ADDED):
        _add(graded, notebook, _source(cell))


def _add(graded: Graded, notebook: str, text: str) -> None:
    """More of what a student wrote beside the answers: an answer may stand there, too."""
    before = graded.answers.get((notebook, OWN), "")
    graded.answers[notebook, OWN] = f"{before}\n{text}"[:MAX_MODULE].strip()


def _source(cell: dict[str, Any]) -> str:
    source = cell["source"]
    return source if isinstance(source, str) else "".join(source)


def is_unfinished(folder: Path) -> bool:
    """Whether ``folder``, such as ``autograded/ada/ex01``, was left behind by a grading that was killed."""
    paths = list(folder.glob("*.ipynb"))
    return not paths or any(map(_is_unfinished, paths))


def _is_unfinished(path: Path) -> bool:
    about = path.lstat()
    if stat.S_ISLNK(about.st_mode) or not about.st_mode & 0o222:
        return False  # grading makes no links, and nbgrader takes the right to write away when it is through
    try:
        return UNFINISHED in json.loads(_content(path, MAX_BYTES))["metadata"]
    except DAMAGED:
        return True


def _content(path: Path, at_most: int | None) -> bytes:
    """
    Raises
    ------
    OSError
        If the file can't be opened, or is a link, no ordinary file or too large.
    """
    descriptor = opened(path)
    with os.fdopen(descriptor, "rb") as file:
        about = os.fstat(descriptor)
        if not stat.S_ISREG(about.st_mode) or (at_most is not None and about.st_size > at_most):
            raise OSError(f"{path} is no graded notebook")
        return file.read(about.st_size)
