"""Makes HTML of what a report says, by the templates in ``templates/report``. No script, nothing from the network."""

from pathlib import Path
from typing import Any

from markupsafe import Markup

from nbjudge.pages.environment import environment
from nbjudge.results.formats import duration, number, percent, signed

MARK = '<meta name="generator" content="course report">'
TEMPLATES = Path(__file__).parent / "templates" / "report"


def render(template: str, **contents: Any) -> str:
    """The page; all that isn't the template's own is escaped."""
    own = environment(TEMPLATES)
    own.filters |= {function.__name__: function for function in (number, percent, signed, duration)}
    return own.get_template(template).render(mark=Markup(MARK), **contents)
