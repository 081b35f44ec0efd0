"""Where a new entry comes into a catalogue: the file is whole and readable, or stays as it was."""

import sys
from pathlib import Path

import pytest

from nbjudge.course.errors import CourseError
from nbjudge.judging.misconception import Misconception, catalogue
from nbjudge.mistakes.catalogue_file import add, place_for
from nbjudge.mistakes.draft import as_code

HEAD = "from nbjudge.judging.misconception import Misconception\n\n"
ENTRY = 'Misconception("test_a", "One.", {"x = 1": "x = 2"})'
NEW = Misconception("test_a", "New.", {"x = 1": 'x = "3"\ny = 4'})


def put(folder: Path, **files: str) -> Path:
    folder.mkdir()
    for name, text in files.items():
        (folder / f"{name}.py").write_text(text)
    return folder / "__init__.py"


def fresh(file: Path) -> list[Misconception]:
    """The catalogue as a new process reads it."""
    for name in [name for name in sys.modules if name.startswith("misconceptions_ex05")]:
        del sys.modules[name]
    return catalogue(file)


def added(file: Path) -> tuple[Path, int]:
    place = place_for(file, "test_a")
    before = fresh(file)
    line = add(file, place, as_code(NEW), NEW)
    after = fresh(file)
    assert [way for way in after if way not in before] == [NEW]
    assert len(after) == len(before) + 1
    assert place.path.read_text().split("\n")[line - 1].strip() == "Misconception("
    return place.path, line


@pytest.mark.parametrize(
    "text",
    [
        f"CATALOGUE = [\n    {ENTRY},\n]\n",
        "CATALOGUE = [\n]\n",
        "CATALOGUE = []\n",
        f"EQUIVALENT = []\nREDUNDANT: list = []\nCATALOGUE = [\n    {ENTRY.replace('_a', '_b')},\n]\n",
        f"CATALOGUE = [{ENTRY}]\n",
        f"CATALOGUE = [\n    {ENTRY}\n]",
        f"CATALOGUE: list[Misconception] = [\n    {ENTRY},  # why\n\n]\nCATALOGUE += [{ENTRY.replace('One', 'Two')}]\n",
        f"A = {ENTRY}\nif A:\n    CATALOGUE = [A]\n",
    ],
)
def test_a_module_gets_it_at_the_end_of_its_list(tmp_path: Path, text: str) -> None:
    file = tmp_path / "ex05.py"
    file.write_text(HEAD + text)
    assert added(file)[0] == file


def test_a_package_gets_it_where_most_about_the_test_stands(tmp_path: Path) -> None:
    two = f"B = [\n    {ENTRY.replace('_a', '_b')},\n]\nA = [\n    {ENTRY},\n    {ENTRY.replace('One', 'Two')},\n]\n"
    one = f"MORE = [\n    {ENTRY.replace('One', 'Three')},\n]\n"
    joins = "from . import one, two\n\nCATALOGUE = [*one.MORE, *two.A, *two.B]\n"
    file = put(tmp_path / "ex05", __init__=joins, one=HEAD + one, two=HEAD + two)
    assert added(file) == (tmp_path / "ex05/two.py", 9)


TROUBLE = {
    "there is no list of misconceptions": "CATALOGUE = ()\n",
    "doesn't import Misconception": f"from nbjudge.judging import misconception as m\nCATALOGUE = [m.{ENTRY}]\n",
    "doesn't come into the catalogue": f"{HEAD}A = [{ENTRY}]\nCATALOGUE = tuple(A)\n",
    "can't be read": "CATALOGUE = [\n",
}


@pytest.mark.parametrize("said", TROUBLE)
def test_what_cannot_be_added_changes_nothing(tmp_path: Path, said: str) -> None:
    file = tmp_path / "ex05.py"
    file.write_text(TROUBLE[said])
    with pytest.raises(CourseError, match=said):
        add(file, place_for(file, "test_a"), as_code(NEW), NEW)
    assert file.read_text() == TROUBLE[said]
    assert [path.name for path in tmp_path.iterdir() if path.suffix] == ["ex05.py"]
