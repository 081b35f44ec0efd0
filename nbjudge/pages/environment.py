"""How our own pages are made of templates: everything is escaped, and nothing on them turns text around."""

from functools import cache
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from nbjudge.pages.markup import visible

TEMPLATES = Path(__file__).parent / "templates"


@cache  # one page is made after the other, and templates are compiled once
def environment(*folders: Path) -> jinja2.Environment:
    """For templates in these folders, and for those that all pages share."""
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader([*folders, TEMPLATES / "shared"]),
        autoescape=True,
        finalize=_seen,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@cache
def styles(page: str) -> str:
    """The style sheet of a page: what is its own, after what all pages share."""
    return "\n".join(
        (TEMPLATES / folder / f"{name}.css").read_text(encoding="utf-8")
        for folder, name in (("shared", "look"), (page, "page"))
    )


def _seen(value: Any) -> Any:
    """What a template is about to write, without characters that can't be seen or turn text around."""
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value
