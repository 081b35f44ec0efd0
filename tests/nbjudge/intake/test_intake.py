"""Submissions that aren't as they should be: what is repaired, what is refused, and that the class goes on."""

import copy
import json
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest

from nbjudge.course.graded import read_verdict
from nbjudge.course.notebooks import graded_cells, read
from tests.support import ROOT, commands, editors
from tests.support.gradebooks import scores
from tests.support.solved import solved

NAME = "1_simple_classifier.ipynb"
SOURCE = ROOT / "source/ex04" / NAME


def sparse(path: Path, size: int) -> None:
    path.touch()
    os.truncate(path, size)


def hand_out(folder: Path, name: str = NAME) -> None:
    shutil.copy(ROOT / "release/ex04" / NAME, folder / name)


def cell(notebook: dict[str, Any], name: str) -> dict[str, Any]:
    return next(cell for cell in notebook["cells"] if cell["id"] == name)


CASES: dict[str, tuple[Callable[[dict[str, Any]], Any], float, str]] = {}
"""For each student: what is done to the notebook (or the file's new content), the score, and a part of the report."""


def case(score: float, sentence: str) -> Callable:
    def keep(change: Callable[[dict[str, Any]], Any]) -> Callable[[dict[str, Any]], Any]:
        CASES[change.__name__] = (change, score, sentence)
        return change

    return keep


@case(20, "")
def as_it_should_be(nb: dict) -> None: ...


@case(20, "test_bce_forward was missing; it was put back")
def deleted_test(nb: dict) -> None:
    nb["cells"].remove(cell(nb, "test-bce-forward"))


@case(14, "bce is missing; it counts as not implemented")
def deleted_answer(nb: dict) -> None:
    nb["cells"].remove(cell(nb, "bce"))


@case(20, "bce was there 2 times")
def copied_answer(nb: dict) -> None:
    nb["cells"].insert(0, copy.deepcopy(cell(nb, "bce")))
    nb["cells"][0]["source"] = "class BCE: pass"


@case(20, "bce was there 2 times")
def stub_after_the_answer(nb: dict) -> None:
    released = json.loads((ROOT / "release/ex04" / NAME).read_text())
    nb["cells"].append(cell(released, "bce"))


@case(20, "bce had become a cell of another kind")
def answer_as_text(nb: dict) -> None:
    cell(nb, "bce").update(cell_type="markdown")


@case(20, "bce had lost its mark")
def mark_lost(nb: dict) -> None:
    cell(nb, "bce")["metadata"] = {}


@case(20, "bce had lost its mark")
def mark_and_id_lost(nb: dict) -> None:
    cell(nb, "bce").update(metadata={}, id="x")


@case(20, "in another order")
def reordered(nb: dict) -> None:
    nb["cells"].reverse()


@case(20, "")
def flags_changed(nb: dict) -> None:
    for one in nb["cells"]:
        if "nbgrader" in one["metadata"]:
            one["metadata"]["nbgrader"].update(
                grade=True, solution=True, locked=False, points=100, schema_version=99, cell_type="raw", checksum=3
            )


@case(14, "")
def unknown_marks(nb: dict) -> None:
    cell(nb, "bce").update(source="x = 1")
    nb["cells"].append(
        {"cell_type": "code", "metadata": {"nbgrader": {"grade_id": "mine", "grade": True}}, "source": "1"}
    )


@case(18, "test_sigmoid was changed; the original was run")
def replaced_test(nb: dict) -> None:
    cell(nb, "test-sigmoid")["source"] = "print('20 points')"
    cell(nb, "classifier")["source"] = cell(nb, "classifier")["source"].replace("def sigmoid", "def sigma")


@case(17, "")
def a_bracket_in_a_method(nb: dict) -> None:
    """It costs this method and not the whole cell."""
    bce = cell(nb, "bce")
    bce["source"] = bce["source"].replace("np.log(", "np.log((", 1)


@case(18, "")
def an_indentation_in_a_method(nb: dict) -> None:
    answer = cell(nb, "classifier")
    at = answer["source"].index("return out")
    answer["source"] = answer["source"][:at] + " " + answer["source"][at:]


@case(20, "setup was changed; the original was run")
def setup_changed(nb: dict) -> None:
    cell(nb, "setup")["source"] = "import nothing"


@case(20, "setup was changed; the original was run, and after it what was added (16 lines)")
def import_in_the_setup(nb: dict) -> None:
    """Within its ``try``, so that the cell is run as a whole."""
    setup = cell(nb, "setup")
    setup["source"] = "".join(setup["source"]).replace("import numpy as np", "import math\n    import numpy as np")
    answer = cell(nb, "classifier")
    answer["source"] = answer["source"].replace("def forward(self, X):", "def forward(self, X, one=math.exp(0)):")


@case(20, "classifier had been split; its parts were joined")
def split(nb: dict) -> None:
    """As JupyterLab does it (Ctrl-Shift-Minus): both halves have the same metadata."""
    place = nb["cells"].index(cell(nb, "classifier"))
    first, second = nb["cells"][place], copy.deepcopy(nb["cells"][place])
    at = first["source"].index("    def backward")
    first["source"], second["source"] = first["source"][:at].strip("\n"), second["source"][at:].strip("\n")
    first["id"] = "new"
    nb["cells"].insert(place + 1, second)


@case(20, "bce was there 2 times")
def split_between_statements(nb: dict) -> None:
    place = nb["cells"].index(cell(nb, "bce"))
    nb["cells"].insert(place + 1, copy.deepcopy(nb["cells"][place]))
    nb["cells"][place + 1]["source"] = "print(BCE())"


@case(14, "")
def skipped(nb: dict) -> None:
    cell(nb, "bce")["source"] = "class BCE: pass"
    for one in nb["cells"]:
        one["metadata"]["tags"] = ["skip-execution", "ungraded"]


@case(20, "")
def other_kernel(nb: dict) -> None:
    nb["metadata"] = {
        "kernelspec": {"name": "evil", "display_name": "x", "language": "r"},
        "language_info": {"name": "r"},
    }


@case(20, "")
def helper_in_a_cell_of_their_own(nb: dict) -> None:
    bce = cell(nb, "bce")
    bce["source"] = bce["source"].replace("np.clip(", "my_clip(")
    mine = {"cell_type": "code", "metadata": {}, "source": "my_clip = np.clip", "outputs": [], "id": "mine"}
    nb["cells"].insert(nb["cells"].index(bce), mine)


@case(20, "")
def no_ids(nb: dict) -> None:
    nb["nbformat_minor"] = 0
    for one in nb["cells"]:
        del one["id"]


@case(20, "")
def saved_by_vs_code(nb: dict) -> str:
    return editors.vs_code(nb)


@case(20, "")
def saved_by_an_older_vs_code(nb: dict) -> str:
    return editors.older_vs_code(nb)


@case(20, "")
def saved_by_colab(nb: dict) -> str:
    return editors.colab(nb)


@case(20, "")
def saved_by_colab_with_ids(nb: dict) -> str:
    return editors.colab_with_ids(nb)


@case(20, "")
def same_ids(nb: dict) -> None:
    for one in nb["cells"]:
        one["id"] = "same"


@case(20, "")
def future_minor(nb: dict) -> None:
    nb["nbformat_minor"] = 99


@case(20, "")
def format_3(nb: dict) -> str:
    cells = []
    for one in nb["cells"]:
        old = {"cell_type": one["cell_type"], "metadata": one["metadata"], "source": one["source"]}
        if one["cell_type"] == "code":
            old["input"] = old.pop("source")
        cells.append(old)
    return json.dumps({"nbformat": 3, "nbformat_minor": 0, "metadata": {}, "worksheets": [{"cells": cells}]})


@case(20, "")
def bom_and_crlf(nb: dict) -> bytes:
    text = json.dumps(nb, indent=1).replace("\\n", "\\r\\n").replace("\n", "\r\n")
    return b"\xef\xbb\xbf" + text.encode()


@case(20, "")
def utf_16(nb: dict) -> bytes:
    return json.dumps(nb).encode("utf-16")


@case(20, "")
def wrong_types(nb: dict) -> None:
    nb["metadata"] = [1]
    nb["cells"] += [7, None, {"cell_type": 3, "source": {"a": 1}, "metadata": [], "id": 4}, {}]


@case(0, "The file is empty")
def empty(nb: dict) -> str:
    return ""


@case(0, "holds no valid JSON")
def half(nb: dict) -> str:
    return json.dumps(nb)[:20_000]


@case(0, "has no list of cells")
def no_notebook(nb: dict) -> str:
    return '{"cells": {}}'


@case(0, "holds no valid JSON")
def deep(nb: dict) -> str:
    return "[" * 10**6


@case(0, "isn't text")
def binary(nb: dict) -> bytes:
    return b"PK\x03\x04\xff\xfe" * 99


@case(0, "isn't stored as UTF-8")
def windows_1252(nb: dict) -> bytes:
    cell(nb, "bce")["source"] += "\n# für später"
    return json.dumps(nb, ensure_ascii=False).encode("cp1252", errors="replace")


@case(0, "This is another notebook: none of the tasks of this assignment is in it.")
def another_exercise(nb: dict) -> None:
    nb["cells"] = [{"cell_type": "code", "metadata": {}, "source": "x = 1", "outputs": [], "id": "a"}]


@case(0, "merge conflict")
def conflict(nb: dict) -> str:
    return '{"cells": [\n<<<<<<< HEAD\n{}\n=======\n{}, {}\n>>>>>>> mine\n]}'


@case(0, "larger than 20 MB")
def too_large(nb: dict) -> str:
    cell(nb, "bce")["outputs"] = ["x" * 21 * 2**20]
    return json.dumps(nb)


@case(0, "cells, and at most 1000 are read")
def too_many_cells(nb: dict) -> None:
    nb["cells"] += [{"cell_type": "code", "metadata": {}, "source": "1"}] * 1000


WORKSPACE = {
    # student: (what is made in the folder, score, part of the report)
    "link_to_source": (lambda folder: (folder / NAME).symlink_to(SOURCE), 0, "it is a link"),
    "link_to_file": (
        lambda folder: (folder / "data.txt").symlink_to("/etc/passwd"),
        20,
        "data.txt was set aside: it is a link",
    ),
    "link_to_folder": (lambda folder: (folder / "data").symlink_to("/etc"), 20, "data was set aside: it is a link"),
    "pipe": (lambda folder: os.mkfifo(folder / "pipe"), 20, "no ordinary file"),
    "notebook_is_a_pipe": (lambda folder: os.mkfifo(folder / NAME), 0, "no ordinary file"),
    "huge_side_file": (lambda folder: (folder / "big.bin").write_bytes(b"x" * (21 * 2**20)), 20, "larger than 20 MB"),
    "huge_sparse_notebook": (lambda folder: sparse(folder / NAME, 3 * 2**30), 0, "larger than 20 MB"),
    "huge_misnamed_notebook": (
        lambda folder: [(folder / NAME).rename(folder / "a.ipynb"), sparse(folder / "a.ipynb", 3 * 2**30)],
        0,
        "a.ipynb was set aside: it is larger than 20 MB",
    ),
    "large_together": (
        lambda folder: [sparse(folder / f"{n}.bin", 15 * 2**20) for n in range(9)],
        20,
        "2.bin and 6 more were set aside: the files are larger than 32 MB together",
    ),
    "no_time": (lambda folder: (folder / "timestamp.txt").write_text("9" * 400), 20, "timestamp.txt was set aside"),
    "time_of_the_romans": (
        lambda folder: (folder / "timestamp.txt").write_text("0001-01-01 00:00:00 +14:00"),
        20,
        "timestamp.txt was set aside: it holds no time",
    ),
    "time_in_bytes": (
        lambda folder: (folder / "timestamp.txt").write_bytes(b"\xff\xfe"),
        20,
        "timestamp.txt was set aside",
    ),
    "time_and_words_far_behind": (
        lambda folder: (folder / "timestamp.txt").write_text("2026-11-25 10:00:00 UTC" + " " * 100 + "or so"),
        20,
        "timestamp.txt was set aside: it holds no time",
    ),
    "time_is_a_folder": (lambda folder: (folder / "timestamp.txt").mkdir(), 20, "this is a folder"),
    "time": (lambda folder: (folder / "timestamp.txt").write_text("2026-11-25 10:00:00 UTC"), 20, ""),
    "many_files": (lambda folder: [(folder / f"{n:03}.txt").touch() for n in range(300)], 20, "more than 200 files"),
    "browser_copy": (lambda folder: (folder / NAME).rename(folder / "1_simple_classifier (2).ipynb"), 20, "graded as"),
    "german_copy": (
        lambda folder: (folder / NAME).rename(folder / "Kopie von 1_Simple Classifier.ipynb"),
        20,
        "graded as",
    ),
    "jupyter_copy": (
        lambda folder: (folder / NAME).rename(folder / "1_simple_classifier-Copy1.ipynb"),
        20,
        "graded as",
    ),
    "only_one": (
        lambda folder: (folder / NAME).rename(folder / "<img src=x>.ipynb"),
        20,
        "?img src?x?.ipynb was graded as",
    ),
    "solved_beside_the_untouched": (
        lambda folder: [(folder / NAME).rename(folder / "1_simple_classifier_solved.ipynb"), hand_out(folder)],
        20,
        "1_simple_classifier_solved.ipynb was graded as 1_simple_classifier.ipynb, on which nobody has worked.",
    ),
    "older_copy_beside_the_untouched": (
        lambda folder: [
            (folder / NAME).rename(folder / "1_simple_classifier-Copy1.ipynb"),
            os.utime(folder / "1_simple_classifier-Copy1.ipynb", (10**9, 10**9)),
            hand_out(folder),
            shutil.copy(folder / NAME, folder / "1_simple_classifier-Copy2.ipynb"),
        ],
        20,
        "Copy1.ipynb was graded as 1_simple_classifier.ipynb, on which nobody has worked.",
    ),
    "untouched_beside_the_solved": (
        lambda folder: hand_out(folder, "1_simple_classifier (1).ipynb"),
        20,
        "",
    ),
    "checkpoints": (
        lambda folder: shutil.copytree(folder, folder / ".ipynb_checkpoints"),
        20,
        "no part of the submission",
    ),
}


UNGRADED = ["<img src=x onerror=alert(1)>", "nobody ", " k", "a\n300 graded in 12 s", "k" * 129]


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory, nbgrader: Callable) -> Path:
    """All of them, graded in one run of plain nbgrader."""
    root = tmp_path_factory.mktemp("intake")
    shutil.copytree(SOURCE.parent, root / "source/ex04")
    nbgrader("generate_assignment", "ex04", root=root)
    for student, (change, _, _) in CASES.items():
        notebook = solved()
        content = change(notebook)
        content = json.dumps(notebook) if content is None else content
        path = root / "submitted" / student / "ex04" / NAME
        path.parent.mkdir(parents=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    for student, (make, _, _) in WORKSPACE.items():
        folder = root / "submitted" / student / "ex04"
        folder.mkdir(parents=True)
        if student.startswith(("link_to_source", "notebook_is")):
            (folder / "other.ipynb").write_text("{}")  # or nbgrader would not see a pipe as a notebook
        else:
            (folder / NAME).write_text(json.dumps(solved()))
        make(folder)
    folder = root / "submitted" / "linked_folder"
    folder.mkdir()
    (folder / "ex04").symlink_to(root / "submitted/as_it_should_be/ex04")
    for student in UNGRADED:
        shutil.copytree(root / "submitted/as_it_should_be", root / "submitted" / student)
    done = nbgrader("autograde", "ex04", root=root)
    assert "Traceback" not in done.stderr
    for student in UNGRADED:
        assert f"{student!r} isn't graded: a student's id can't hold" in done.stderr
    nbgrader("generate_feedback", "ex04", "--student=h*", root=root)
    return root


@pytest.fixture(scope="module")
def totals(course: Path) -> dict[str, float]:
    return {name: sum(own.values()) for name, own in scores(course, "ex04")[1].items()}


def report(course: Path, student: str) -> str:
    intake = nbformat.read(course / "autograded" / student / "ex04" / NAME, 4).metadata.get("intake", {})
    return " ".join([*(repair["text"] for repair in intake.get("repaired", [])), intake.get("refused", "")])


@pytest.mark.parametrize("student", [*CASES, *WORKSPACE])
def test_everybody_gets_what_it_earned_and_reads_what_was_repaired(course: Path, totals: dict, student: str) -> None:
    _, score, sentence = {**CASES, **WORKSPACE}[student]
    assert (totals[student], sentence in report(course, student)) == (score, True), report(course, student)
    assert sentence or not report(course, student)


def test_the_feedback_page_says_it_first(course: Path) -> None:
    page = (course / "feedback/half/ex04" / NAME).with_suffix(".html").read_text()
    assert "could not be graded" in page
    said = page[: page.index("The notebook, without your answers")]
    assert said.index("holds no valid JSON") < said.index("course-summary")
    assert "not implemented" not in said
    repaired = (course / "feedback/huge_side_file/ex04" / NAME).with_suffix(".html").read_text()
    assert "What was put right before grading" in repaired


def test_a_method_that_python_cannot_read_costs_itself(course: Path) -> None:
    graded = nbformat.read(course / "autograded/a_bracket_in_a_method/ex04" / NAME, 4)
    cells = {one.metadata.nbgrader.grade_id: one for one in graded.cells if "nbgrader" in one.metadata}
    verdict = read_verdict(cells["test_bce_forward"])
    assert verdict is not None
    said = "It stops with SyntaxError: '(' was never closed. Python can't read this method."
    assert any(row.reason is not None and row.reason.text.startswith(said) for row in verdict.rows)
    assert [output.ename for output in cells["bce"].outputs] == ["SyntaxError"]
    assert "line " in cells["bce"].outputs[0].evalue


def test_a_linked_folder_earns_nothing_and_harms_nobody(course: Path, totals: dict) -> None:
    assert totals["linked_folder"] == 0
    assert "The folder was a link" in report(course, "linked_folder")
    assert (course / "submitted/as_it_should_be/ex04" / NAME).is_file()


def test_an_id_that_pages_would_take_for_markup_is_no_student(course: Path, totals: dict) -> None:
    assert not [name for name in totals if "<" in name]
    assert (course / "submitted/<img src=x onerror=alert(1)>/ex04" / NAME).is_file()


def test_one_command_lists_what_was_repaired_refused_and_left_out(course: Path) -> None:
    (course / "submitted/text/ex04").mkdir(parents=True)
    (course / "submitted/text/ex04" / f"{NAME}.txt").touch()
    command = [sys.executable, "-m", "nbjudge", "intake", "ex04", f"--root={course}"]
    done = commands.run(command, ROOT)
    assert done.returncode == 0, done.stderr
    shutil.rmtree(course / "submitted/text")
    lines = {line.split()[0]: line for line in done.stdout.splitlines() if line.split()}
    assert "\trepaired\tThe cell test_bce_forward was missing; it was put back." in lines["deleted_test"]
    assert "\trefused\tThe file is empty." in lines["empty"]
    assert "\tno grade\tthere is no notebook (.ipynb) in the folder" in lines["text"]
    assert "as_it_should_be" not in lines
    assert "can't hold" in lines["nobody"]
    assert "300" not in lines  # as which the rest of an id would begin a line


def test_no_link_is_followed_and_nothing_is_lost(course: Path) -> None:
    assert not (course / "autograded/link_to_file/ex04/data.txt").exists()
    assert not (course / "autograded/link_to_folder/ex04/data").exists()
    assert (course / "submitted/link_to_file/ex04/data.txt").is_symlink()
    assert (course / "submitted/huge_side_file/ex04/big.bin").stat().st_size == 21 * 2**20
    assert not [path for path in (course / "autograded").rglob("*") if path.is_symlink() or path.is_fifo()]


def test_what_was_repaired_is_said_again_when_it_is_graded_again(course: Path, nbgrader: Callable) -> None:
    before = [report(course, student) for student in ("browser_copy", "link_to_file")]
    nbgrader("autograde", "ex04", "--force", "--student=[bl]*_*o*", root=course)
    assert [report(course, student) for student in ("browser_copy", "link_to_file")] == before


def test_a_source_that_changed_after_the_release_stops_with_one_sentence(course: Path, nbgrader: Callable) -> None:
    notebook = read(SOURCE)
    graded_cells(notebook)["test_sigmoid"].source += "\n# changed"
    nbformat.write(notebook, course / "source/ex04" / NAME)
    done = nbgrader("autograde", "ex04", "--force", "--student=half", root=course, fails=True)
    assert "Nothing was graded: test_sigmoid in" in done.stderr
    assert "Traceback" not in done.stderr
    shutil.copy(SOURCE, course / "source/ex04" / NAME)
