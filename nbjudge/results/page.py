"""Makes HTML of what a report says, by the templates in ``templates/report``. No script, nothing from the network."""

from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from nbjudge.pages.markup import visible
from nbjudge.results.formats import duration, number, percent, signed

MARK = '<meta name="generator" content="course report">'


def render(template: str, **contents: Any) -> str:
    """The page; all that isn't the template's own is escaped."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates" / "report"),
        autoescape=True,
        finalize=_seen,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {function.__name__: function for function in (number, percent, signed, duration)}
    return environment.get_template(template).render(mark=Markup(MARK), **contents)


def _seen(value: Any) -> Any:
    """What the template is about to write, without characters that can't be seen or turn text around."""
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value
