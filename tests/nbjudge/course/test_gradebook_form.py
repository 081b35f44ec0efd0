"""The form of a gradebook that this nbgrader needs."""

from alembic.script import ScriptDirectory
from nbgrader.dbutil import ALEMBIC_DIR

from nbjudge.course import gradebook_form


def test_it_is_the_one_that_alembic_names() -> None:
    assert gradebook_form.needed() == ScriptDirectory(ALEMBIC_DIR).get_current_head()
