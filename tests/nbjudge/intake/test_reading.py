"""The reader of submitted files."""

import gc
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nbjudge.intake.reading import RefusedError, read_cells
from nbjudge.sandbox import untrusted_json


@settings(max_examples=300, deadline=None)
@given(
    st.binary(max_size=200)
    | st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.dictionaries(
                st.sampled_from(["cells", "metadata", "nbgrader", "grade_id", "source", "id", "worksheets"]), inner
            )
        ),
        max_leaves=20,
    ).map(lambda value: json.dumps({"cells": [value]} if not isinstance(value, dict) else value).encode())
)
def test_any_file_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "fuzzed.ipynb"
    path.write_bytes(content)
    try:
        cells = read_cells(path)
    except RefusedError:
        return
    assert all(isinstance(cell.text, str) and isinstance(cell.grade_id, str) for cell in cells)


@pytest.mark.parametrize("end", [chr(code) for code in range(0x3000) if len(f"{chr(code)}a".splitlines()) == 2])
def test_more_lines_than_anybody_writes_are_refused(end: str, tmp_path: Path) -> None:
    """Each takes several bytes in what is graded, which could then not be read beside all others."""
    path = tmp_path / "a.ipynb"
    path.write_text(json.dumps({"cells": [{"cell_type": "code", "source": end * 60_000}] * 2}))
    with pytest.raises(RefusedError, match="more than 100000 lines"):
        read_cells(path)


def test_millions_of_parts_are_not_looked_through_again_and_again(tmp_path: Path) -> None:
    """Ten copies of such a notebook took twenty seconds, nearly all of them for looking for garbage among them."""
    path = tmp_path / "x.ipynb"
    path.write_text(f'{{"cells": [], "more": [{",".join(["[]"] * 300_000)}]}}')
    collections: list[str] = []

    def note(phase: str, about: dict[str, int]) -> None:
        collections.append(phase)

    gc.callbacks.append(note)
    try:
        read_cells(path)
        untrusted_json.loads(path.read_text())
    finally:
        gc.callbacks.remove(note)
    assert gc.isenabled()
    assert len(collections) < 50
    with pytest.raises(ValueError, match="Expecting value"):
        untrusted_json.parsed("[")
    assert gc.isenabled()
