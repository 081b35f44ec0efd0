"""Which form of a gradebook this nbgrader needs."""

import ast
from pathlib import Path

from nbgrader.dbutil import ALEMBIC_DIR


def needed() -> str:
    """The revision on which no other one builds. alembic would say so, too; its import is a tenth of a start.

    Raises
    ------
    ValueError
        If there isn't exactly one.
    """
    builds_on = {}
    for path in Path(ALEMBIC_DIR, "versions").glob("*.py"):
        statements = ast.parse(path.read_text(encoding="utf-8")).body
        named = {
            target.id: statement.value.value
            for statement in statements
            if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Constant)
            for target in statement.targets
            if isinstance(target, ast.Name)
        }
        builds_on[named["revision"]] = named["down_revision"]
    (newest,) = builds_on.keys() - set(builds_on.values())
    return str(newest)
