"""A small course that is graded, once for all tests, and a copy of it for each."""

from pathlib import Path

import pytest

from tests.support.small_course import Course


@pytest.fixture(scope="session")
def small_course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    return Course(tmp_path_factory.mktemp("small"))


@pytest.fixture
def copied(small_course: Course, tmp_path: Path) -> Course:
    return Course.copied(small_course, tmp_path / "course")
