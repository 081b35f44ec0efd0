"""What authors get wrong, or their tools: one sentence each, and no traceback."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from traitlets.config import Config
from typer.testing import CliRunner

from nbjudge.authoring.leaks import telling
from nbjudge.authoring.lint import identity_mistakes, notebook_mistakes
from nbjudge.cli import application
from nbjudge.course.errors import CourseError
from nbjudge.course.notebooks import KERNEL, read
from nbjudge.course.regions import delimiters_of
from tests.support import ROOT
from tests.support.small_exercise import doubling

app = application()
NAME = "source/ex/1_double.ipynb"


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "nbgrader_config.py").write_text("import nbjudge\nc = get_config()\nnbjudge.configure(c)\n")
    doubling(tmp_path / NAME)
    return tmp_path


def change(course: Path, edit: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    document = json.loads((course / NAME).read_text())
    edit(document)
    (course / NAME).write_text(json.dumps(document))
    return document


def outputs(course: Path) -> str:
    """What `course outputs` ends with; "" if all is well."""
    before = (course / NAME).read_bytes()
    done = CliRunner().invoke(app, ["outputs", "ex"])
    if done.exception is None:
        return ""
    assert isinstance(done.exception, CourseError), done.exception
    assert (course / NAME).read_bytes() == before, "the file is left as it was"
    return str(done.exception)


def first_code(document: dict[str, Any], text: str) -> None:
    document["cells"].insert(0, {"cell_type": "code", "id": "first", "metadata": {}, "source": text, "outputs": []})
    document["cells"][0]["execution_count"] = None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("1 / 0", "the cell first of {} fails: ZeroDivisionError: division by zero"),
        ("raise KeyError('a\\nb')", "the cell first of {} fails: KeyError: 'a\\nb'"),
        ("def f(:", "the cell first of {} fails: SyntaxError: invalid syntax"),
        ("import os\nos._exit(1)", "the kernel died while it ran {}"),
    ],
)
def test_a_cell_that_fails_is_named(course: Path, text: str, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nbjudge.authoring.answers_file.write", lambda *_: None)
    change(course, lambda document: first_code(document, text))
    assert outputs(course).startswith(said.format(course / NAME))


@pytest.mark.parametrize("kernel", [{}, {"name": "my-env", "display_name": "My env", "language": "python"}])
def test_a_kernel_of_ones_own_machine_becomes_that_of_students(course: Path, kernel: dict[str, str]) -> None:
    change(course, lambda document: document["metadata"].update(kernelspec=kernel))
    assert outputs(course) == ""
    assert read(course / NAME).metadata.kernelspec == KERNEL


def test_the_release_has_the_kernel_of_students(course: Path, nbgrader) -> None:
    kernel = {"name": "my-env", "display_name": "My env", "language": "python"}
    change(course, lambda document: document["metadata"].update(kernelspec=kernel))
    nbgrader("generate_assignment", "ex", root=course)
    assert read(course / "release/ex/1_double.ipynb").metadata.kernelspec == KERNEL
    assert read(course / NAME).metadata.kernelspec == kernel


def test_another_language_is_named(course: Path) -> None:
    change(course, lambda document: document["metadata"].update(kernelspec={"name": "ir", "language": "R"}))
    assert "is a notebook for R, and only Python can be graded" in outputs(course)


def test_cells_without_ids_get_some_that_stay(course: Path) -> None:
    def without(document: dict[str, Any]) -> None:
        first_code(document, "x = 1")
        document["nbformat_minor"] = 4
        for cell in document["cells"]:
            cell.pop("id", None)

    change(course, without)
    assert identity_mistakes(course / NAME) == ["3 cells have no id; `course outputs` gives them some."]
    assert outputs(course) == ""
    ids = [cell.id for cell in read(course / NAME).cells]
    assert ids == ["cell-1", "f", "test-f"]
    assert outputs(course) == ""
    assert [cell.id for cell in read(course / NAME).cells] == ids


def test_an_old_format_becomes_the_newest(course: Path) -> None:
    def old(document: dict[str, Any]) -> None:
        cells = document.pop("cells")
        for cell in cells:
            cell["input"], cell["language"] = cell.pop("source"), "python"
            cell["prompt_number"] = cell.pop("execution_count")
            cell.pop("id")
        document |= {"nbformat": 3, "nbformat_minor": 0, "worksheets": [{"cells": cells, "metadata": {}}]}

    change(course, old)
    assert identity_mistakes(course / NAME) == [
        "it is of notebook format 3; `course outputs` brings it to the newest one."
    ]
    assert outputs(course) == ""
    assert [cell.id for cell in read(course / NAME).cells] == ["f", "test-f"]
    assert identity_mistakes(course / NAME) == []


def test_windows_line_ends_are_named_and_changed(course: Path) -> None:
    def windows(document: dict[str, Any]) -> None:
        for cell in document["cells"]:
            cell["source"] = "".join(cell["source"]).replace("\n", "\r\n")

    change(course, windows)
    said = notebook_mistakes(read(course / NAME), delimiters_of(Config()), "")
    assert any("its lines end as on Windows; `course outputs` changes that" in sentence for sentence in said)
    assert outputs(course) == ""
    assert all("\r" not in cell.source for cell in read(course / NAME).cells)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"{}", '{"cells": "ä"}'.encode("cp1252")])
def test_a_file_that_is_no_notebook_is_named(course: Path, content: bytes) -> None:
    (course / NAME).write_bytes(content)
    for command in ("outputs", "release"):
        done = CliRunner().invoke(app, [command, "ex"])
        assert isinstance(done.exception, CourseError), (command, done.exception)
        assert f"{NAME}" in str(done.exception)


@pytest.mark.parametrize("line", ["finally:", "try:", "else:", "except ValueError:", "continue", "return"])
def test_a_keyword_alone_gives_nothing_away(line: str) -> None:
    assert telling(line) == "nothing"


def test_a_condition_gives_something_away() -> None:
    assert telling("elif x > 3 * y:") == "much"
    assert telling("except (ValueError, f(x) + 1):") == "much"


def test_our_own_notebook_is_in_order() -> None:
    assert read(ROOT / "source/ex04/1_simple_classifier.ipynb").metadata.kernelspec == KERNEL
