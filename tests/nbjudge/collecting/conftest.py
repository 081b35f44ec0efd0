"""A course to collect for."""

from pathlib import Path

import pytest

from tests.support.downloads import Course


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Course:
    course = Course(tmp_path / "course")
    monkeypatch.chdir(course.root)
    return course
