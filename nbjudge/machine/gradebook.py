"""The gradebook: whether it can be opened, and is of the form that this nbgrader needs. Nothing is made or changed."""

import os
import sqlite3
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import URL, Connection, Engine, create_engine, inspect, make_url, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

from nbjudge.course import gradebook_form
from nbjudge.course.errors import database_said
from nbjudge.course.sharing import how_to_share
from nbjudge.machine import settings
from nbjudge.machine.finding import FAILS, GRADING, UNSEEN, WORKS, Facts, Finding

SECONDS = 10
"""How long a database may take to answer."""
KINDS = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


def look(root: str | None) -> dict[str, Any]:
    if not settings.is_course():
        return {"is_course": False}
    try:
        course = settings.read(root)
    except settings.SettingsError:
        return {"is_course": True, "readable": False}
    how = how_to_share(course) if os.access(course.root, os.W_OK) else "See the course folder"  # where it was said
    facts: dict[str, Any] = {"is_course": True, "readable": True, "how_to_share": how}
    try:
        url = make_url(course.db_url)
    except (SQLAlchemyError, ValueError) as error:
        return {**facts, "kind": "", "address": "", "exists": True, "error": database_said(error)}
    facts["kind"] = KINDS.get(url.get_backend_name(), url.get_backend_name())
    facts["address"] = url.render_as_string(hide_password=True)
    if facts["kind"] == "SQLite":
        path = Path(url.database or "")
        is_file = path.is_file()
        facts |= {"address": str(path), "exists": is_file, "error": "" if is_file or not path.exists() else "no file"}
        facts["writable"] = os.access(path.parent, os.W_OK) and (not is_file or os.access(path, os.W_OK))
        if not is_file:
            return facts
    return {**facts, "exists": True, **_opened(url)}


def _opened(url: URL) -> dict[str, Any]:
    """What the database itself says."""
    facts: dict[str, Any] = {"error": "", "version": "", "needed": gradebook_form.needed()}
    try:
        with _engine(url).connect() as connection:
            facts |= _asked(connection)
    except (SQLAlchemyError, sqlite3.Error, ImportError) as error:
        facts["error"] = database_said(error)
    return facts


def _engine(url: URL) -> Engine:
    if url.get_backend_name() != "sqlite":
        return create_engine(url, poolclass=NullPool, connect_args={"connect_timeout": SECONDS})
    place = (
        f"file:{quote(str(Path(url.database or '').absolute()))}?mode=ro"  # else it would be made where there is none
    )
    return create_engine(
        "sqlite://", creator=lambda: sqlite3.connect(place, uri=True, timeout=SECONDS), poolclass=NullPool
    )


def _asked(connection: Connection) -> dict[str, Any]:
    tables = inspect(connection).get_table_names()
    facts: dict[str, Any] = {"tables": len(tables)}
    if "alembic_version" in tables:
        facts["version"] = connection.execute(text("SELECT version_num FROM alembic_version")).scalar() or ""
    if connection.dialect.name == "sqlite":
        said = connection.execute(text("PRAGMA quick_check(1)")).scalar()
        facts["error"] = "" if said == "ok" else f"it is damaged: {' '.join(str(said).split())}"
    return facts


def judged(facts: Facts) -> list[Finding]:
    if not facts["is_course"]:
        return []
    if not facts["readable"]:
        return [Finding("gradebook", UNSEEN, "can't be looked for without the configuration")]
    says = f"{facts['kind']}, {facts['address']}" if facts["kind"] else "no database"
    if facts["error"]:
        says = f"{says}: it can't be opened ({facts['error'].rstrip('.')})"
        line = (
            f"mv {facts['address']} {facts['address']}.damaged   # and put a backup in its place"
            if _is_damaged(facts)
            else ""
        )
        return [Finding("gradebook", FAILS, says, line, (GRADING,))]
    if not facts.get("writable", True):
        says = f"{says}: you can't write to it. {facts['how_to_share'].rstrip('.')}"
        return [Finding("gradebook", FAILS, says, needed_for=(GRADING,))]
    if not facts["exists"] or not facts["tables"]:
        return [Finding("gradebook", WORKS, f"{says}: there is none yet; the first release makes it")]
    if facts["version"] != facts["needed"]:
        says += f": of another version of nbgrader ({facts['version'] or 'none'}, and {facts['needed']} is needed)"
        return [Finding("gradebook", FAILS, f"{says}; make a copy of it first", "nbgrader db upgrade", (GRADING,))]
    return [Finding("gradebook", WORKS, f"{says}, version {facts['version']}")]


def _is_damaged(facts: Facts) -> bool:
    return facts["kind"] == "SQLite" and any(
        word in facts["error"] for word in ("malformed", "not a database", "damaged")
    )
