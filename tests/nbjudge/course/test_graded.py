"""The one reader of graded notebooks."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from nbjudge.course.graded import (
    OWN,
    Repair,
    is_unfinished,
    read_graded,
    read_isolation,
    read_submission,
    read_verdict,
    write_verdict,
)
from nbjudge.course.isolation import sentences
from nbprobe.errors import FormError
from nbprobe.reason import Reason
from nbprobe.verdict import Row, Verdict

VERDICT = Verdict([Row("64 samples", "wrong", 0.0, 3.0, Reason("why"))], 0.0, 3.0)
REPAIR = Repair("The file ada.ipynb was set aside: it is a link.", "A file was set aside: it is a link.")


def cell(name: str, source: Any = "", **about: bool) -> dict[str, Any]:
    return {"cell_type": "code", "source": source, "metadata": {"nbgrader": {"grade_id": name, **about}}}


def notebook(verdict: Verdict | None = None, **metadata: Any) -> dict[str, Any]:
    test = cell("test_f", grade=True)
    if verdict:
        write_verdict(test, verdict)
    return {"cells": [cell("f", ["def f(x):\n", "    return x"], solution=True), test], "metadata": metadata}


def write(path: Path, content: Any, mode: int = 0o444) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    path.chmod(mode)
    return path


def test_all_that_grading_wrote_is_read(tmp_path: Path) -> None:
    intake = {"repaired": [REPAIR.as_data()], "refused": "no"}
    graded = read_graded(write(tmp_path / "a.ipynb", notebook(VERDICT, intake=intake, stopped=["time"])))
    assert graded is not None
    assert graded.verdicts == {("a", "test_f"): VERDICT}
    assert graded.answers == {("a", "f"): "def f(x):\n    return x"}
    assert (graded.repaired, graded.refused, graded.stopped) == ([REPAIR], "no", ["time"])


def test_a_submission_of_two_notebooks_is_read_as_one(tmp_path: Path) -> None:
    intake = {"repaired": [REPAIR.as_data()]}
    for name, stopped in (("a", ["time"]), ("b", ["memory"])):
        write(tmp_path / f"ada/ex01/{name}.ipynb", notebook(VERDICT, intake=intake, stopped=stopped))
    graded = read_submission(tmp_path / "ada/ex01")
    assert graded is not None
    assert list(graded.verdicts) == [("a", "test_f"), ("b", "test_f")]
    assert (graded.repaired, graded.stopped) == ([REPAIR], ["time", "memory"])


@pytest.mark.parametrize(
    ("walls", "weakest"),
    [
        (["namespaces", "namespaces"], "namespaces"),
        (["namespaces", "landlock"], "landlock"),
        (["none", "namespaces"], "none"),
        (["namespaces", None], "namespaces"),
        ([None, None], ""),
        (["granite", {"a": 1}], ""),
    ],
)
def test_a_submission_ran_behind_its_weakest_wall(walls: list[Any], weakest: str, tmp_path: Path) -> None:
    folder = tmp_path / "ada/ex01"
    for name, wall in zip("ab", walls, strict=True):
        about = {} if wall is None else {"isolation": wall}
        write(folder / f"{name}.ipynb", notebook(VERDICT, **about))
    graded = read_submission(folder)
    assert graded is not None
    assert graded.isolation == read_isolation(folder) == weakest


@pytest.mark.parametrize("indent", [1, None])
def test_the_wall_is_said_by_the_notebook_and_by_nothing_in_it(indent: int | None, tmp_path: Path) -> None:
    """In whatever form it was written."""
    forged = '\n "metadata": {"isolation": "none"}, "nbformat": 4}'
    cell = {"cell_type": "code", "source": forged, "metadata": {"metadata": {"isolation": "none"}}, "outputs": []}
    whole = {"cells": [cell], "metadata": {"isolation": "landlock"}, "nbformat": 4, "nbformat_minor": 5}
    folder = tmp_path / "ada/ex01"
    folder.mkdir(parents=True)
    (folder / "a.ipynb").write_text(json.dumps(whole, indent=indent))
    assert read_isolation(folder) == "landlock"


def test_which_walls_there_were_is_one_sentence_each() -> None:
    assert sentences(["", ""]) == []
    assert sentences(["namespaces", "", "none", "namespaces", "landlock"]) == [
        "1 submission ran without walls: what was handed in could do everything that whoever graded it can do.",
        "1 submission ran behind Landlock and a list of allowed system calls, without namespaces.",
        "2 submissions ran in namespaces of their own.",
    ]


def test_a_notebook_of_version_1_0_has_no_verdicts_and_its_repairs_are_sentences(tmp_path: Path) -> None:
    sentences = ["The file ada.ipynb was set aside: it is a link."]
    graded = read_graded(write(tmp_path / "a.ipynb", notebook(intake={"repaired": sentences})))
    assert graded is not None
    assert graded.verdicts == {}
    assert [repair.text for repair in graded.repaired] == sentences
    assert "ada" not in graded.repaired[0].general


def test_links_are_not_followed(tmp_path: Path) -> None:
    secret = write(tmp_path / "ben/ex01/a.ipynb", notebook(VERDICT, intake={"refused": "secret"}))
    (tmp_path / "ada/ex01").mkdir(parents=True)
    (tmp_path / "ada/ex01/a.ipynb").symlink_to(secret)
    (tmp_path / "cem").symlink_to(tmp_path / "ben")
    (tmp_path / "dia").mkdir()
    (tmp_path / "dia/ex01").symlink_to(tmp_path / "ben/ex01")
    assert read_submission(tmp_path / "ben/ex01") is not None
    assert read_graded(tmp_path / "ada/ex01/a.ipynb") is None
    for student in ("ada", "cem", "dia", "nobody"):
        assert read_submission(tmp_path / student / "ex01") is None


def test_what_is_no_file_or_too_large_is_passed_over(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.ipynb")
    (tmp_path / "folder.ipynb").mkdir()
    for name in ("pipe.ipynb", "folder.ipynb", "nothing.ipynb"):
        assert read_graded(tmp_path / name) is None
    path = write(tmp_path / "a.ipynb", notebook(VERDICT))
    assert read_graded(path, at_most=100) is None
    assert read_graded(path, at_most=None) is not None


@pytest.mark.parametrize(
    "content",
    [
        '{"cells": [1, 2',
        "[" * 100_000,
        "[]",
        "\x00",
        {},
        {"metadata": None},
        {"metadata": {"intake": 1}},
        {"metadata": {"intake": {"repaired": 1}}},
        {"metadata": {}, "cells": [1]},
        {"metadata": {}, "cells": [{"metadata": {"nbgrader": {"solution": True}}}]},
    ],
)
def test_a_damaged_notebook_costs_no_other_one(tmp_path: Path, content: Any) -> None:
    write(tmp_path / "ada/ex01/a.ipynb", content)
    write(tmp_path / "ada/ex01/b.ipynb", notebook(VERDICT))
    assert read_graded(tmp_path / "ada/ex01/a.ipynb") is None
    graded = read_submission(tmp_path / "ada/ex01")
    assert graded is not None
    assert list(graded.verdicts) == [("b", "test_f")]


@pytest.mark.parametrize("ours", [None, 1, [], {}, {"verdict": 1}, {"verdict": {"rows": []}}])
def test_a_damaged_verdict_or_repair_costs_no_other_one(tmp_path: Path, ours: Any) -> None:
    content = notebook(VERDICT, intake={"repaired": [1, {"text": "a"}, REPAIR.as_data()]})
    other = cell("test_g", grade=True)
    other["metadata"]["nbjudge"] = ours
    content["cells"].append(other)
    assert read_verdict(other) is None
    graded = read_graded(write(tmp_path / "a.ipynb", content))
    assert graded is not None
    assert list(graded.verdicts) == [("a", "test_f")]
    assert graded.repaired == [REPAIR]


def test_what_a_killed_grading_left_is_known_by_its_mark_and_its_mode(tmp_path: Path) -> None:
    cases = {
        "marked": (notebook(unfinished=True), 0o644, True),
        "torn": ('{"cells": [1, 2', 0o644, True),
        "done": (notebook(), 0o644, False),
        "torn later": ('{"cells": [1, 2', 0o444, False),
    }
    for name, (content, mode, expected) in cases.items():
        write(tmp_path / name / "a.ipynb", content, mode)
        assert is_unfinished(tmp_path / name) == expected, name
        assert (read_submission(tmp_path / name) is None) == expected, name
    (tmp_path / "empty").mkdir()
    assert is_unfinished(tmp_path / "empty")


def test_a_repair_is_general_by_default_and_nothing_else_is_one() -> None:
    assert Repair("The cell f is missing.").as_data() == dict.fromkeys(("text", "general"), "The cell f is missing.")
    assert Repair.from_data(REPAIR.as_data()) == REPAIR
    for data in (None, 1, {}, {"text": "a"}, {"text": 1, "general": "a"}):
        with pytest.raises(FormError):
            Repair.from_data(data)


def test_what_a_student_wrote_beside_the_answers_is_compared_too(tmp_path: Path) -> None:
    content = notebook(VERDICT)
    for name in ("added-3", "more-1", "title"):
        own = cell("", f"text of {name}")
        content["cells"].append(own | {"id": name, "metadata": {}})
    write(tmp_path / "ada/ex01/a.ipynb", content)
    write(tmp_path / "ada/ex01/my_helper.py", "text of a module")
    graded = read_submission(tmp_path / "ada/ex01")
    assert graded is not None
    assert graded.answers["a", OWN] == "text of added-3\ntext of more-1\ntext of a module"
