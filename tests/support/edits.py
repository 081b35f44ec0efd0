"""Edits of a right notebook that keep what it means: what students and their editors do to one without a thought."""

import copy
from collections.abc import Callable
from random import Random
from typing import Any

Cell = dict[str, Any]
Edit = Callable[[list[Cell], Random], None]
ANSWERS = ("bce", "classifier", "optimizer", "solver")

EDITS: dict[str, Edit] = {}


def edit(change: Edit) -> Edit:
    EDITS[change.__name__] = change
    return change


def mark_of(cell: Cell) -> str:
    return str(cell["metadata"].get("nbgrader", {}).get("grade_id", ""))


def code(text: str) -> Cell:
    return {"cell_type": "code", "metadata": {}, "source": text, "outputs": [], "execution_count": None}


def place_of(cells: list[Cell], mark: str) -> int | None:
    """Where the last cell with this mark is, if it still holds a class."""
    places = [place for place, cell in enumerate(cells) if mark_of(cell) == mark and "class " in cell["source"]]
    return places[-1] if places else None


def drawn(cells: list[Cell], rng: Random) -> int | None:
    return place_of(cells, rng.choice(ANSWERS))


def has_halves(cells: list[Cell]) -> bool:
    """Whether one is in two parts now, which have to stay together."""
    return any(cell["cell_type"] == "code" and cell["source"].startswith("    def ") for cell in cells)


@edit
def split_in_jupyterlab(cells: list[Cell], rng: Random) -> None:
    """Both halves have the mark."""
    _split(cells, rng, keep_mark=True)


@edit
def split_in_vs_code(cells: list[Cell], rng: Random) -> None:
    """Only the first half has the mark."""
    _split(cells, rng, keep_mark=False)


def _split(cells: list[Cell], rng: Random, keep_mark: bool) -> None:
    place = drawn(cells, rng)
    if place is None:
        return
    text = cells[place]["source"]
    starts = [at for at in range(len(text)) if text.startswith("\n    def ", at)]
    if len(starts) < 2 or text.count("\nclass "):
        return
    at = rng.choice(starts[1:])
    second = copy.deepcopy(cells[place])
    cells[place]["source"], second["source"] = text[:at].rstrip("\n"), text[at + 1 :]
    if not keep_mark:
        second["metadata"] = {}
        second["id"] = f"half{rng.randrange(10**6)}"
    cells.insert(place + 1, second)


@edit
def join_with_the_cell_before(cells: list[Cell], rng: Random) -> None:
    _join(cells, rng, -1)


@edit
def join_with_the_cell_after(cells: list[Cell], rng: Random) -> None:
    _join(cells, rng, 1)


def _join(cells: list[Cell], rng: Random, step: int) -> None:
    """With the next code cell; the joined cell has what one of them had, as the editor likes."""
    place = drawn(cells, rng)
    if place is None or has_halves(cells):
        return
    other = place + step
    while 0 <= other < len(cells) and cells[other]["cell_type"] != "code":
        other += step
    if not 0 <= other < len(cells):
        return
    first, second = min(place, other), max(place, other)
    joined = cells[rng.choice((first, second))]
    joined["source"] = cells[first]["source"] + "\n\n" + cells[second]["source"]
    keep, drop = rng.choice(((first, second), (second, first)))
    cells[keep] = joined
    del cells[drop]


@edit
def all_classes_in_the_first_answer(cells: list[Cell], rng: Random) -> None:
    _gather(cells, rng, lambda texts, first: cells[first].update(source="\n\n\n".join(texts)), keep_first=True)


@edit
def all_classes_in_a_cell_of_their_own(cells: list[Cell], rng: Random) -> None:
    _gather(cells, rng, lambda texts, first: cells.insert(first, code("\n\n\n".join(texts))), keep_first=False)


def _gather(cells: list[Cell], rng: Random, put: Callable[[list[str], int], None], keep_first: bool) -> None:
    places = [place_of(cells, mark) for mark in ANSWERS]
    if None in places or has_halves(cells) or places != sorted(places, key=lambda place: place or 0):
        return
    found = [place for place in places if place is not None]
    texts = [cells[place]["source"] for place in found]
    if any(text.count("\nclass ") or not text.startswith("class ") for text in texts):
        return
    how = rng.choice(("delete", "empty", "comment"))
    for place in reversed(found[1:] if keep_first else found):
        if how == "delete":
            del cells[place]
        else:
            cells[place]["source"] = "" if how == "empty" else "# see above"
    put(texts, found[0])


@edit
def in_a_new_cell_above(cells: list[Cell], rng: Random) -> None:
    """The marked cell goes, or stays empty."""
    place = drawn(cells, rng)
    if place is None or has_halves(cells):
        return
    text = cells[place]["source"]
    if rng.random() < 0.5:
        del cells[place]
    else:
        cells[place]["source"] = rng.choice(("", "# above", "x = 1"))
    cells.insert(place, code(text))


@edit
def copy_of_a_cell(cells: list[Cell], rng: Random) -> None:
    place = rng.randrange(len(cells))
    if not has_halves(cells):
        cells.insert(place + 1, copy.deepcopy(cells[place]))


@edit
def answers_first(cells: list[Cell], rng: Random) -> None:
    """All answers are moved to just behind the set-up cell."""
    moved = [cell for cell in cells if mark_of(cell) in ANSWERS and "\nchecks" not in cell["source"]]
    first = next((place for place, cell in enumerate(cells) if "import numpy" in cell["source"]), None)
    if first is None or any(cells.index(cell) < first for cell in moved) or cells[first] in moved:
        return
    if has_halves(cells):
        return
    for cell in moved:
        cells.remove(cell)
    cells[first + 1 : first + 1] = moved


@edit
def tests_last(cells: list[Cell], rng: Random) -> None:
    moved = [cell for cell in cells if mark_of(cell).startswith("test") and "class " not in cell["source"]]
    for cell in moved:
        cells.remove(cell)
    cells += moved


@edit
def without_marks(cells: list[Cell], rng: Random) -> None:
    place = rng.randrange(len(cells))
    cells[place]["metadata"] = {}


@edit
def without_ids(cells: list[Cell], rng: Random) -> None:
    for cell in cells:
        cell.pop("id", None)


@edit
def saved_by_databricks(cells: list[Cell], rng: Random) -> None:
    """Metadata of its own in place of all other, and no ids."""
    for number, cell in enumerate(cells):
        cell["metadata"] = {"application/vnd.databricks.v1+cell": {"title": "", "nuid": f"{number:032x}"}}
        cell.pop("id", None)


@edit
def saved_by_colab(cells: list[Cell], rng: Random) -> None:
    for number, cell in enumerate(cells):
        cell["metadata"] |= {"id": f"c{number:011}", "colab": {"base_uri": "x"}}
        cell.pop("id", None)


@edit
def saved_by_pycharm(cells: list[Cell], rng: Random) -> None:
    for cell in cells:
        cell["metadata"] |= {"pycharm": {"name": "#%%\n"}}
        cell["source"] = cell["source"] + "\n"


@edit
def saved_by_vs_code(cells: list[Cell], rng: Random) -> None:
    for number, cell in enumerate(cells):
        cell["id"] = f"{number:08x}"
        cell["metadata"] |= {"vscode": {"languageId": "python"}}


@edit
def windows_lines(cells: list[Cell], rng: Random) -> None:
    cell = rng.choice(cells)
    cell["source"] = cell["source"].replace("\n", "\r\n")


@edit
def a_scratch_cell(cells: list[Cell], rng: Random) -> None:
    text = rng.choice(("x = 1\nx", "    1 + 1", "import math", "# to do", "def helper():\n    return 1"))
    cells.insert(rng.randrange(len(cells) + 1), code(text))


@edit
def a_line_in_the_setup(cells: list[Cell], rng: Random) -> None:
    for cell in cells:
        if "import numpy as np\n" in cell["source"]:
            cell["source"] = cell["source"].replace("import numpy as np\n", "import numpy as np, math\n")
            return


@edit
def notes(cells: list[Cell], rng: Random) -> None:
    place = rng.randrange(len(cells) + 1)
    cells.insert(place, {"cell_type": "markdown", "metadata": {}, "source": "## My notes\n\n`class BCE:` is easy"})
