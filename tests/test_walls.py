"""The engine knows nothing of this course: what the import contracts don't see."""

import re
from pathlib import Path

import pytest

from tests.support import ROOT

OURS = re.compile(r"ex04|\bTUM\b|simple.classifier|LICENSE|\bdocs/", re.IGNORECASE)
FILES = [
    path
    for package in ("nbprobe", "nbjudge")
    for path in sorted((ROOT / package).rglob("*"))
    if path.is_file() and path.suffix not in (".pyc", ".png")
]


@pytest.mark.parametrize("path", FILES, ids=[str(path.relative_to(ROOT)) for path in FILES])
def test_no_file_of_the_engine_names_this_course(path: Path) -> None:
    assert not OURS.findall(path.read_text(encoding="utf-8"))
