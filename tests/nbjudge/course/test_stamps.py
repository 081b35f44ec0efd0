"""A file that was changed is never taken for what it was, however fast the change came."""

import os
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from nbjudge.course import notebooks, stamps
from nbjudge.course.stamps import GRANULARITY, stamp


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "nb.ipynb"
    path.write_text(nbformat.writes(new_notebook(cells=[new_code_cell("x = 0", id="a")])))
    return path


def test_as_long_as_times_can_not_tell_a_change_nothing_is_said(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert stamp(file) is None
    monkeypatch.setattr("time.time_ns", lambda: file.stat().st_ctime_ns + GRANULARITY)
    assert stamp(file)
    assert stamp(file) == stamp(file)
    assert stamp(file.parent / "missing") == ()


def test_a_change_that_keeps_size_and_time_is_seen(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.time_ns", lambda: file.stat().st_ctime_ns + GRANULARITY)
    before, about = stamp(file), file.stat()
    file.write_text(file.read_text().replace("x = 0", "x = 1"))
    os.utime(file, ns=(about.st_atime_ns, about.st_mtime_ns))
    while file.stat().st_ctime_ns == about.st_ctime_ns:  # the clock of a file system is slow
        os.utime(file, ns=(about.st_atime_ns, about.st_mtime_ns))
    assert file.stat().st_size == about.st_size
    assert stamp(file) != before


def test_a_notebook_that_was_just_written_is_read_each_time(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stamps, "told_apart", lambda _: (0,))  # both changes between two ticks of the clock
    assert notebooks.read_again(file).cells[0].source == "x = 0"
    file.write_text(file.read_text().replace("x = 0", "x = 1"))
    assert notebooks.read_again(file).cells[0].source == "x = 1"
    monkeypatch.setattr(stamps, "GRANULARITY", -GRANULARITY)
    assert notebooks.read_again(file) is not notebooks.read_again(file)
    file.write_text(file.read_text().replace("x = 1", "x = 2"))
    assert notebooks.read_again(file).cells[0].source == "x = 1"  # so the times are what it goes by
