"""What the file of a notebook may be called, and still be that notebook."""

import re

NOTEBOOK = re.compile(r"\.ipynb(\.(txt|json))?$", re.IGNORECASE)
"""Some browsers and editors append another ending."""
COPY = re.compile(
    r"[\s_-]*(\(\d+\)|-?copy\s*\d*|-?kopie\s*\d*|[\s_-](solved|solution|done|final|fertig|gelöst|lösung))$"
    r"|^(copy of|kopie von)\s+"
)


def plain_stem(name: str) -> str:
    """The name of a notebook without what browsers and people add to the names of copies."""
    stem = NOTEBOOK.sub("", name).lower().strip()
    while COPY.search(stem):
        stem = COPY.sub("", stem).strip()
    return re.sub(r"[\s_-]+", "_", stem)
