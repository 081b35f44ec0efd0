"""Each file of a student's has one name beside a graded notebook, by which its own is known again."""

from pathlib import PurePath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbjudge.course.kept_names import KEPT, handed_in_name, kept_folder, kept_name

PIECE = st.sampled_from(["a", ".", "..a", ".py", ".PY", ".so", KEPT, ".handed-in", ".txt", "b c", "matplotlibrc", "\n"])
NAME = st.lists(PIECE, min_size=1, max_size=4).map("".join).filter(lambda name: name not in (".", ".."))
PATH = st.lists(NAME, min_size=1, max_size=3).map(lambda names: PurePath(*names))
OBEYED = [
    *("helper.py", "A.PYC", "x.abi3.so", "x.pth", "matplotlibrc", "pylintrc.toml", "setup.cfg", "tox.ini", "Makefile"),
    *(".pdbrc", ".txt", "jupytext.yml", "nbdime_config.json", "Pipfile", "HEAD", "start.ipy"),
    *(
        "jupytext.json",
        "package.json",
        "CMakeLists.txt",
        "README.md",
        "x.html",
        "x.HTM",
        "x.svg",
        "x.xhtml",
        "x.xml",
        "timestamp.txt",
        "submission_secret.txt",
    ),
]


@given(PATH)
def test_each_has_its_own_back(path: PurePath) -> None:
    assert handed_in_name(kept_name(path)) == path
    assert kept_name(path).parent == kept_folder(path.parent)


@given(PATH)
def test_nothing_is_a_module_or_hidden(path: PurePath) -> None:
    kept = kept_name(path)
    assert all(name.endswith(KEPT) for name in kept.parts if name.startswith("."))
    assert kept.name.endswith(KEPT)


@pytest.mark.parametrize("name", OBEYED)
def test_what_a_program_may_obey_has_another_name(name: str) -> None:
    assert kept_name(PurePath("data", name)) == PurePath("data", name + KEPT)


def test_so_have_folders_that_are_looked_for() -> None:
    for folder in (".git", "x.dist-info", "x.py", f"x{KEPT}"):
        assert kept_name(PurePath(folder, "a.csv")) == PurePath(folder + KEPT, "a.csv")


@pytest.mark.parametrize(
    "path", ["data.csv", "data/x.TSV", "My Picture (2).JPG", "a/b/model.npz", "timestamp.txt", "submission_secret.txt"]
)
def test_data_and_what_is_nbgraders_keep_theirs(path: str) -> None:
    assert kept_name(PurePath(path)) == handed_in_name(PurePath(path)) == PurePath(path)
