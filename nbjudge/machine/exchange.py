"""nbgrader's exchange: the folder through which students fetch and hand in. Where they do otherwise, none is needed."""

import os
import stat
import sys
from pathlib import Path
from typing import Any

from nbgrader.exchange import ExchangeFactory
from nbgrader.exchange.default import Exchange

from nbjudge.machine import settings
from nbjudge.machine.finding import LIMITED, UNSEEN, WORKS, Facts, Finding

ALL = stat.S_IRWXU | stat.S_IRWXG | stat.S_IRWXO


def look(root: str | None) -> dict[str, Any]:
    if sys.platform == "win32":
        return {"readable": True, "other": "not available on Windows"}
    try:
        course = settings.read(root)
    except settings.SettingsError:
        return {"readable": False}
    factory = ExchangeFactory(parent=course.app)
    if not issubclass(factory.exchange, Exchange):
        return {"readable": True, "other": f"{factory.exchange.__name__}, which isn't nbgrader's own"}
    place = Path(factory.exchange(coursedir=course.directory, parent=course.app).root)
    is_folder = place.is_dir()
    return {
        "readable": True,
        "other": "",
        "root": str(place),
        "chosen": "root" in course.config.Exchange,
        "exists": is_folder,
        "writable": is_folder and os.access(place, os.R_OK | os.W_OK | os.X_OK),
        "mode": stat.S_IMODE(place.stat().st_mode) if is_folder else 0,
        "shared": bool(course.directory.groupshared),
    }


def judged(facts: Facts) -> list[Finding]:
    if not facts["readable"]:
        return [Finding("exchange", UNSEEN, "can't be looked for without the configuration")]
    if facts["other"]:
        return [Finding("exchange", UNSEEN, f"is {facts['other']}")]
    root = facts["root"]
    if not facts["exists"]:
        if facts["chosen"]:
            says = f"there is no folder {root}, so nobody can fetch or hand in by it"
            return [Finding("exchange", LIMITED, says, f"sudo install -d -m 777 {root}")]
        return [
            Finding("exchange", UNSEEN, f"there is none ({root}); for files that come in by downloads none is needed")
        ]
    if not facts["writable"]:
        says = f"you can't write to {root}, so you can neither release nor collect by it"
        return [Finding("exchange", LIMITED, says, f"sudo chmod 777 {root}")]
    if facts["mode"] & ALL != ALL and not facts["shared"]:
        says = f"{root} isn't open to everybody, so students may not be able to hand in by it"
        return [Finding("exchange", LIMITED, says, f"sudo chmod 777 {root}")]
    return [Finding("exchange", WORKS, f"{root} can be written to")]
