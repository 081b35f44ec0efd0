"""A split or copied cell, of which Validate says nothing that helps."""

import json
from pathlib import Path

import pytest
from nbformat import from_dict
from nbgrader.preprocessors import CheckCellMetadata

from exercise_code import __version__, require_version
from nbprobe.own_notebook import PATH, repeated_cells
from tests.support import RELEASE, ROOT


@pytest.fixture
def split(tmp_path: Path) -> Path:
    """The notebook, with the first answer split in JupyterLab: both halves have its mark."""
    notebook = json.loads(RELEASE.read_text())
    place = next(n for n, cell in enumerate(notebook["cells"]) if cell["id"] == "bce")
    notebook["cells"].insert(place, {**notebook["cells"][place], "id": "half", "source": "class BCE(Loss):"})
    path = tmp_path / RELEASE.name
    path.write_text(json.dumps(notebook))
    return path


def test_the_set_up_cell_says_what_validate_does_not(
    split: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    monkeypatch.setenv(PATH, str(split))
    require_version(__version__)
    said = capsys.readouterr().out
    assert said.startswith("The cell bce is there 2 times, split or copied.")
    assert "Edit, Merge Selected Cells" in said
    with pytest.raises(Exception, match="metadata may be corrupted"):
        CheckCellMetadata().preprocess(from_dict(json.loads(split.read_text())), {})
    assert "metadata may be corrupted" in said
    assert "metadata may be corrupted" in (ROOT / "docs/working.md").read_text()


@pytest.mark.parametrize("content", [RELEASE.read_bytes(), b"", b"[]", b'{"cells": [1]}', None])
def test_otherwise_nothing_is_said(
    content: bytes | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    path = tmp_path / "a.ipynb"
    if content is not None:
        path.write_bytes(content)
    assert repeated_cells(path) == {}
    monkeypatch.setenv(PATH, str(path))
    require_version(__version__)
    monkeypatch.delenv(PATH)
    require_version(__version__)
    assert capsys.readouterr().out == ""
