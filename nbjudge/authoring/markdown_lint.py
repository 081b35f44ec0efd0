"""Looks at the texts of a notebook: links that lead nowhere, pictures that aren't there, formulas without an end."""

import re
from collections.abc import Collection, Iterator
from pathlib import PurePosixPath
from urllib.parse import unquote

from nbformat import NotebookNode

from nbjudge.authoring.leaks import name_of

BLOCK = re.compile(r"^ *(```+|~~~+).*?^ *\1", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"(`+)(?!`).*?(?<!`)\1(?!`)", re.DOTALL)
"""In code nothing is a link or a formula; in a block of it, nothing is a heading."""
LINK = re.compile(r"\]\((?:<([^>\n]+)>|([^()\s]+(?:\([^()\s]*\)[^()\s]*)*))[^)\n]*\)|(?:src|href)=\"([^\"\n]+)\"")
HEADING = re.compile(r"^#{1,6} +(.+?) *#*$", re.MULTILINE)
ELSEWHERE = re.compile(r"[a-z][a-z0-9+.-]*:|//|/|\.\./", re.IGNORECASE)
"""How an address begins that leads out of the folder of the notebook."""


def mistakes(notebook: NotebookNode, beside: Collection[str]) -> Iterator[str]:
    """What is wrong with the texts of a notebook; each sentence names the cell.

    Parameters
    ----------
    beside : files that students get beside the notebook, and the other notebooks
    """
    texts = {name_of(cell): BLOCK.sub(_blank, cell.source) for cell in notebook.cells if cell.cell_type == "markdown"}
    headings = [heading for text in texts.values() for heading in HEADING.findall(text)]
    anchors = {heading.replace("`", "").replace(" ", "-") for heading in headings}
    attached = {name for cell in notebook.cells for name in cell.get("attachments", {})}
    for name, whole in texts.items():
        text = CODE.sub(_blank, whole)
        for match in LINK.finditer(text):
            line, address = text.count("\n", 0, match.start()) + 1, unquote(next(filter(None, match.groups())))
            where = f"cell {name}: line {line} leads to {address!r}"
            if address.startswith("#"):
                if address[1:] not in anchors:
                    yield f"{where}, but there is no such heading; write its words with - in place of blanks."
            elif address.startswith("attachment:"):
                if address.removeprefix("attachment:") not in attached:
                    yield f"{where}, but no such picture is attached to the cell."
            elif not ELSEWHERE.match(address) and str(PurePosixPath(address.split("#")[0])) not in beside:
                yield f"{where}, but there is no such file beside the notebook."
        for number, paragraph in _paragraphs(text):
            if re.sub(r"\\.", "", paragraph).count("$") % 2:
                yield f"cell {name}: line {number}: a formula has no second $; for the sign, write \\$."


def _blank(match: re.Match[str]) -> str:
    """As many lines, without the code."""
    return "\n" * match[0].count("\n")


def _paragraphs(text: str) -> Iterator[tuple[int, str]]:
    """The number of the first line of each paragraph, and the paragraph."""
    number = 1
    for paragraph in re.split(r"(\n\s*\n)", text):
        if paragraph.strip():
            yield number, paragraph
        number += paragraph.count("\n")
