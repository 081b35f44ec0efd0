"""What the file of a notebook may be called, and still be that notebook."""

import re
from collections.abc import Iterable

NOTEBOOK = re.compile(r"\.ipynb(\.(txt|json))?$", re.IGNORECASE)
"""Some browsers and editors append another ending."""
JSON = re.compile(r"(?<!\.checks)\.json$", re.IGNORECASE)
"""Some give it another one. Data may end so, too."""
COPY = re.compile(
    r"[\s_-]*(\(\d+\)|-?copy\s*\d*|-?kopie\s*\d*|[\s_-](solved|solution|done|final|fertig|gelöst|lösung))$"
    r"|^(copy of|kopie von)\s+"
)


def may_be(name: str, notebooks: Iterable[str]) -> bool:
    """Whether a file of this name may be one of the notebooks. What ends in ``.json`` must be called like it."""
    stems = {plain_stem(notebook) for notebook in notebooks}
    return bool(NOTEBOOK.search(name) or (JSON.search(name) and plain_stem(name) in stems))


def plain_stem(name: str) -> str:
    """The name of a notebook without what browsers and people add to the names of copies."""
    stem = JSON.sub("", NOTEBOOK.sub("", name)).lower().strip()
    while COPY.search(stem):
        stem = COPY.sub("", stem).strip()
    return re.sub(r"[\s_-]+", "_", stem)
