"""Walls that the import contracts in pyproject.toml don't see: what is named, and the few things that are allowed."""

import re
import sys
from pathlib import Path

import grimp
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


ALLOWED = {
    "nbprobe": {"IPython", "numpy"},
    "misconceptions": {"nbjudge.judging.misconception"},
    "sample_class": {"nbjudge.authoring.sample_class"},
}
"""All that these import beside the standard library and their own modules."""


@pytest.fixture(scope="module")
def imports() -> grimp.ImportGraph:
    return grimp.build_graph("nbjudge", *ALLOWED, include_external_packages=True, cache_dir=None)


@pytest.mark.parametrize("package", ALLOWED)
def test_nothing_but_what_is_allowed_is_imported(package: str, imports: grimp.ImportGraph) -> None:
    modules = {name for name in imports.modules if name.partition(".")[0] == package}
    imported = {name for module in modules for name in imports.find_modules_directly_imported_by(module)} - modules
    foreign = {name for name in imported if name.partition(".")[0] not in {*sys.stdlib_module_names, "__main__"}}
    assert foreign - ALLOWED[package] == set()
    assert modules
