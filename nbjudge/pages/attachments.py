"""Pictures in written answers, and beside the instructor's text: all that may be shown goes into the page itself."""

import base64
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from markupsafe import Markup
from nbformat import NotebookNode

from nbjudge.pages.clean import IMAGES, Budget, clean_image

KINDS = {"image/png": "png", "image/jpeg": "jpg"}
PASTED = re.compile(
    r"!\[[^\[\]\n]{0,500}\]\((?:attachment:([^)\n]{1,500})|data:(image/(?:png|jpeg));base64,([A-Za-z0-9+/=]+))\)"
)
"""As JupyterLab puts a pasted picture into a text, and as Colab does."""
OURS = re.compile(r"^!\[picture (\d+)\]\(attachment:(picture-\d+\.(?:png|jpg))\)$", re.MULTILINE)
BESIDE = re.compile(r"!\[([^\]\n]*)\]\(([\w./-]+\.(?:png|jpe?g))\)", re.IGNORECASE)
MAX_PICTURES = 50
"""Of all written answers of a notebook; further references stay text."""
LEFT_OUT = "(a picture that can't be shown was left out)"


@dataclass
class Pictures:
    """What the pictures in all answers of one notebook may be together. Pages show each twice."""

    budget: Budget = field(default_factory=lambda: Budget(pictures=8 * 2**20, pixels=100_000_000))
    left: int = MAX_PICTURES


def with_pictures(
    text: str, attachments: Mapping[str, Any], clean: Callable[[str], str], pictures: Pictures
) -> tuple[str, dict[str, dict[str, str]]]:
    """A student's markdown, cleaned, in which each pasted picture stands by itself.

    Parameters
    ----------
    attachments
        Of the cell as it was handed in: anything.
    clean
        What makes the text between pictures harmless.

    Returns
    -------
    the text, and the attachments of the cell that it is for
    """
    parts, kept, end = list[str](), dict[str, dict[str, str]](), 0
    for match in islice(PASTED.finditer(text), pictures.left):
        pictures.left -= 1
        parts.append(clean(text[end : match.start()]))
        end = match.end()
        own = {match[2]: match[3]} if match[2] else attachments.get(match[1], attachments.get(unquote(match[1])))
        kind, picture = _picture(own, pictures.budget)
        if picture:
            name = f"picture-{len(kept) + 1}.{KINDS[kind]}"
            kept[name] = {kind: picture}
            parts.append(f"![picture {len(kept)}](attachment:{name})")
        else:
            parts.append(LEFT_OUT)
    parts.append(clean(text[end:]))
    return "\n\n".join(part for part in parts if part.strip()), kept


def _picture(attachment: Any, budget: Budget) -> tuple[str, str]:
    for kind in KINDS:
        data = attachment.get(kind) if isinstance(attachment, Mapping) else None
        if isinstance(data, str) and (picture := clean_image(kind, data, budget)):
            return kind, picture
    return "", ""


def as_html(cell: NotebookNode, rendered: Callable[[str], Markup]) -> Markup:
    """The markdown of a cell that ``with_pictures`` made, with its pictures."""
    parts, end = list[Markup](), 0
    for match in OURS.finditer(cell.source):
        parts.append(rendered(cell.source[end : match.start()]))
        for kind, data in cell.get("attachments", {}).get(match[2], {}).items():
            parts.append(Markup('<img src="data:{};base64,{}" alt="picture {}">').format(kind, data, match[1]))
        end = match.end()
    return Markup("").join([*parts, rendered(cell.source[end:])])


def with_files(text: str, folder: Path) -> str:
    """The instructor's markdown, with the pictures that lie beside the notebook in the text itself."""

    def embedded(match: re.Match[str]) -> str:
        path = folder / match[2]
        kind = "image/png" if path.suffix.lower() == ".png" else "image/jpeg"
        if ".." in path.parts or not path.is_file():
            return match[0]
        content, _ = IMAGES[kind](path.read_bytes())
        return f"![{match[1]}](data:{kind};base64,{base64.b64encode(content).decode()})" if content else match[0]

    return BESIDE.sub(embedded, text)
