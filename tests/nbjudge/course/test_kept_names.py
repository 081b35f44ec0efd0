"""Each file of a student's has one name beside a graded notebook, by which its own is known again."""

from pathlib import PurePath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbjudge.course.kept_names import KEPT, handed_in_name, kept_name

PIECE = st.sampled_from(["a", ".", "..a", ".py", ".PY", ".so", KEPT, ".handed-in", ".txt", "b c", "matplotlibrc", "\n"])
NAME = st.lists(PIECE, min_size=1, max_size=4).map("".join).filter(lambda name: name not in (".", ".."))
PATH = st.lists(NAME, min_size=1, max_size=3).map(lambda names: PurePath(*names))


@given(PATH)
def test_each_has_its_own_back(path: PurePath) -> None:
    assert handed_in_name(kept_name(path)) == path


@given(PATH)
def test_nothing_is_a_module_or_the_settings_of_a_program(path: PurePath) -> None:
    kept = kept_name(path)
    assert all(name.endswith(KEPT) for name in kept.parts if name.startswith("."))
    assert kept.suffix.lower() not in (".py", ".so")
    assert "matplotlibrc" not in kept.parts


@pytest.mark.parametrize(
    "path", ["data.csv", "data/x.txt", "tox.ini.txt", "my_setup.cfg", "my.json", f"notes{KEPT}", f"a{KEPT}/b{KEPT}"]
)
def test_others_keep_theirs(path: str) -> None:
    assert kept_name(PurePath(path)) == handed_in_name(PurePath(path)) == PurePath(path)
