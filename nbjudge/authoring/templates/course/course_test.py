"""The course itself: its configuration can be read, and what it promises to students is there."""

from pathlib import Path

import pytest

from nbjudge.authoring.parts import Bundle, package_files, part
from nbjudge.course.course import Course

ROOT = Path(__file__).parent.parent


def test_what_students_get_beside_the_notebook_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    course = Course.here()
    parts = Bundle(config=course.config)
    assert all(package_files(course, package) for package in parts.packages)
    assert all(part(course, name) for name in (parts.requirements, *parts.files))
