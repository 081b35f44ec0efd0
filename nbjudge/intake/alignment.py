"""Finds the cells of notebooks without ids again: by what stands around them."""

from collections.abc import Sequence
from itertools import pairwise

from nbformat import NotebookNode

from nbjudge.intake.reading import SubmittedCell


def aligned(source: Sequence[NotebookNode], shown: Sequence[str], submitted: Sequence[SubmittedCell]) -> dict[int, int]:
    """Places of the instructor's unmarked code cells, each with the number of the submitted cell that it became.

    Where ids tell which cell is which, this says nothing. Else cells with a mark or an unchanged text are known; if
    between two of these stand as many changed code cells as were there, they are the same in this order.

    Parameters
    ----------
    shown
        Of each cell of ``source``, the text that students got, without blanks around it.
    """
    ids = {cell.id for cell in source}
    if any(cell.id in ids for cell in submitted if cell.id and not cell.grade_id):
        return {}
    pairs = zip(source, shown, strict=True)
    keys = [cell.metadata.get("nbgrader", {}).get("grade_id") or text for cell, text in pairs]
    numbers: dict[str, list[int]] = {}
    for number, one in enumerate(submitted):
        numbers.setdefault(one.grade_id or one.text.strip(), []).append(number)
    anchors, last = [(-1, -1)], -1
    for place, key in enumerate(keys):
        later = next((number for number in numbers.get(key, []) if number > last), None)
        if later is not None:
            last = later
            anchors.append((place, later))
    anchors.append((len(source), len(submitted)))
    found: dict[int, int] = {}
    for (place, number), (next_place, next_number) in pairwise(anchors):
        gone = [each for each in range(place + 1, next_place) if _is_free(source[each])]
        come = [each for each in range(number + 1, next_number) if _is_new(submitted[each])]
        if len(gone) == len(come):
            found |= dict(zip(gone, come, strict=True))
    return found


def _is_free(cell: NotebookNode) -> bool:
    return cell.cell_type == "code" and "nbgrader" not in cell.metadata


def _is_new(cell: SubmittedCell) -> bool:
    return cell.is_code and not cell.grade_id and bool(cell.text.strip())
