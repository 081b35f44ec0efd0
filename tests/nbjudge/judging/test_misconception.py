"""Misconceptions: lines replaced in the solution, and the catalogue in which they stand."""

from pathlib import Path

import pytest

from nbjudge.judging.misconception import Misconception, MisconceptionError, catalogue

SOLUTIONS = {"one": "def f(x):\n    if x:\n        y = 2 * x\n    return y", "other": "z = 1"}
MODULE = "from nbjudge.judging.misconception import Misconception\n"
ONE = 'Misconception("test_f", "You tripled.", {"return 2 * x": "return 3 * x"})'


def replacing(replaced: dict[str, str]) -> Misconception:
    return Misconception("test_f", "This sentence helps.", replaced)


def test_replaces_a_whole_line_and_keeps_its_indentation() -> None:
    changed = replacing({"y = 2 * x": "y = x\ny = 3 * y", "return y": "return -y"}).applied_to(SOLUTIONS)
    assert changed == {"one": "def f(x):\n    if x:\n        y = x\n        y = 3 * y\n    return -y"}


def test_refuses_a_line_that_is_not_there() -> None:
    with pytest.raises(MisconceptionError, match="no solution cell has the line 'y = 2'"):
        replacing({"y = 2": "y = 3"}).applied_to(SOLUTIONS)


def test_a_catalogue_is_a_module_or_a_package_or_nothing(tmp_path: Path) -> None:
    assert catalogue(None) == []
    module = tmp_path / "ex01.py"
    module.write_text(f"{MODULE}CATALOGUE = [{ONE}]")
    package = tmp_path / "ex-02" / "__init__.py"
    package.parent.mkdir()
    package.write_text("from .one import TRIPLED\nCATALOGUE = [TRIPLED]")
    (package.parent / "one.py").write_text(f"{MODULE}TRIPLED = {ONE}")
    assert [wrong.sentence for file in (module, package) for wrong in catalogue(file)] == ["You tripled."] * 2


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("CATALOGUE = [", "SyntaxError: '[' was never closed"),
        ("import no_such_module", "ModuleNotFoundError: No module named 'no_such_module'"),
        ("import sys\nsys.exit(3)", "SystemExit: 3"),
        (f"{MODULE}CATALOGUE = [{ONE}, 7]", "TypeError: entry 2 of CATALOGUE is no Misconception, but 7"),
        ("CATALOGUE = []\nEQUIVALENT = ['x']", "TypeError: entry 1 of EQUIVALENT is no Equivalent, but 'x'"),
        ("CATALOGUE = 7", "TypeError: 'int' object is not iterable"),
        ("CATALOG = []", "AttributeError: module 'misconceptions_ex01' has no attribute 'CATALOGUE'"),
    ],
)
def test_a_catalogue_that_cannot_be_read_is_refused_with_one_sentence(text: str, reason: str, tmp_path: Path) -> None:
    (tmp_path / "ex01.py").write_text(text)
    with pytest.raises(MisconceptionError) as caught:
        catalogue(tmp_path / "ex01.py")
    assert str(caught.value) == f"the misconceptions in {tmp_path / 'ex01.py'} can't be read: {reason}"
