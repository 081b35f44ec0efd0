"""nbgrader's exchange: the folder through which students fetch and hand in. Where they do otherwise, none is needed."""

import os
import stat
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from nbgrader.exchange import ExchangeFactory
from nbgrader.exchange.default import Exchange

from nbjudge.course.course import Course
from nbjudge.intake.other_writers import is_a_graders, others_at, owner_of
from nbjudge.machine import settings
from nbjudge.machine.finding import LIMITED, UNSEEN, WORKS, Facts, Finding

ALL = stat.S_IRWXU | stat.S_IRWXG | stat.S_IRWXO
FOLDERS = ("", "outbound", "inbound", "feedback")
"""What nbgrader makes for a course, below the course's own folder."""


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
        "strange": list(_strange(place, course)) if is_folder else [],
    }


def _strange(root: Path, course: Course) -> Iterator[tuple[str, str]]:
    """Each folder of this course's in the exchange that isn't as nbgrader makes it, and why.

    Whose it is decides who reads what is handed in by it, and what students fetch.
    """
    name = course.directory.course_id
    for place in [root / name / folder for folder in FOLDERS] if name else []:
        try:
            about = place.lstat()
        except OSError:  # there is none yet, or the one around it isn't to be entered
            continue
        if stat.S_ISLNK(about.st_mode):
            yield str(place), "is a link"
        elif not stat.S_ISDIR(about.st_mode):
            yield str(place), "is no folder"
        elif not is_a_graders(about.st_uid, course):
            yield str(place), f"belongs to {owner_of(place)}"
        elif place.name != "inbound" and (others := others_at(place, course, course.root)):
            yield str(place), f"can be written to by {others}"


def judged(facts: Facts) -> list[Finding]:
    if not facts["readable"]:
        return [Finding("exchange", UNSEEN, "can't be looked for without the configuration")]
    if facts["other"]:
        return [Finding("exchange", UNSEEN, f"is {facts['other']}")]
    root = facts["root"]
    if not facts["exists"]:
        if facts["chosen"]:
            says = f"there is no folder {root}, so nobody can fetch or hand in by it"
            return [Finding("exchange", LIMITED, says, f"sudo install -d -m 1777 {root}")]
        return [
            Finding("exchange", UNSEEN, f"there is none ({root}); for files that come in by downloads none is needed")
        ]
    if not facts["writable"]:
        says = f"you can't write to {root}, so you can neither release nor collect by it"
        return [Finding("exchange", LIMITED, says, f"sudo chmod 1777 {root}")]
    if facts["mode"] & ALL != ALL and not facts["shared"]:
        says = f"{root} isn't open to everybody, so students may not be able to hand in by it"
        return [Finding("exchange", LIMITED, says, f"sudo chmod 1777 {root}")]
    if facts["mode"] & stat.S_IWOTH and not facts["mode"] & stat.S_ISVTX:
        says = f"everybody can rename what is in {root}, and put a folder of their own in the place of a course's"
        return [Finding("exchange", LIMITED, says, f"sudo chmod +t {root}")]
    if facts["strange"]:
        (place, why), more = facts["strange"][0], len(facts["strange"]) - 1
        also = f" (so that {more} more {'is' if more == 1 else 'are'} not as nbgrader makes them, too)" if more else ""
        says = f"{place} {why}{also}, so another one may read what is handed in, and change what students fetch"
        return [Finding("exchange", LIMITED, says)]
    return [Finding("exchange", WORKS, f"{root} can be written to")]
