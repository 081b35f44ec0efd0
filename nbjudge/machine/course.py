"""The course here: whether its configuration works and switches the grader on, and who can write to its folder."""

import os
import shlex
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import make_url

from nbjudge.course.config_files import CONFIG, beside, config_files
from nbjudge.course.course import Course
from nbjudge.course.errors import CourseError
from nbjudge.course.sharing import how_to_share
from nbjudge.course.student_ids import UNGRADED
from nbjudge.course.switched_on import require_switched_on
from nbjudge.course.timestamps import TIMESTAMP, is_none_or_a_time
from nbjudge.course.untrusted_folder import IsLinkError
from nbjudge.intake.other_writers import other_writers, others_at, owner_of
from nbjudge.machine import settings
from nbjudge.machine.finding import FAILS, GRADING, LIMITED, UNSEEN, WORKS, Facts, Finding

CALLS = "import nbjudge; nbjudge.configure(c)"


def look(root: str | None) -> dict[str, Any]:
    facts: dict[str, Any] = {"here": str(Path.cwd()), "is_open": os.access(".", os.R_OK | os.X_OK)}
    facts |= {"is_course": settings.is_course(), "error": ""}
    if not facts["is_course"]:
        return facts
    try:
        course = settings.read(root)
    except settings.SettingsError as error:
        return {**facts, "error": str(error)}
    try:
        require_switched_on(course.config)
        switched_off = ""
    except CourseError as error:
        switched_off = str(error)
    about = course.root.stat()
    return {
        **facts,
        "switched_off": switched_off,
        "calls_configure": "nbjudge" in str(course.config.Autograde.get("exporter_class", "")),
        "beside": beside(config_files(Path.cwd(), course.root)),
        "isolation": str(course.config.SandboxedExecute.get("isolation", "sandbox")),
        "root": str(course.root.resolve()),
        "owner": owner_of(course.root),
        "is_for_all": bool(about.st_mode & stat.S_ISVTX),
        "knows_users": hasattr(os, "geteuid"),
        "writable": os.access(course.root, os.W_OK | os.X_OK),
        "how_to_share": how_to_share(course),
        "submitted": str(course.top_of_submitted) if course.top_of_submitted.is_dir() else "",
        **_writers(course),
        "not_listed": list(_not_listed(course)),
    }


def _writers(course: Course) -> dict[str, list[list[str]]]:
    """Places that others can write to, each with who they are: yours, and what was handed in."""
    places = [course.root, Path.cwd(), Path.cwd() / CONFIG, course.source("any").parent]
    places += [course.source(name) for name in course.assignments()]
    url = make_url(course.db_url)
    places += [Path(url.database)] if url.get_backend_name() == "sqlite" and url.database else []
    top = course.top_of_submitted if course.top_of_submitted.is_dir() else course.root
    yours = [(place, others_at(place, course, top)) for place in dict.fromkeys(places) if place.exists()]
    handed_in: list[tuple[Path, str]] = []
    if course.top_of_submitted.is_dir():
        folders = [
            str(course.submitted(student, name)) for name in course.assignments() for student in course.students(name)
        ]
        handed_in = list(other_writers(course, folders or [str(course.top_of_submitted)]))
    return {
        "writers": [[str(place), others] for place, others in yours if others],
        "writers_of_submitted": [[str(place), others] for place, others in handed_in],
    }


def _not_listed(course: Course) -> Iterator[tuple[str, str, str]]:
    """Each place at which formgrader's lists of submissions may end, why, and what to type.

    formgrader reads names of folders and ``timestamp.txt`` in ``submitted/`` itself, and not the copy that is graded.
    It goes through links, and into folders that may be entered and not listed.
    """
    for assignment in course.assignments():
        for student in course.students(assignment):
            place = course.submitted(student, assignment)
            if UNGRADED.search(student):
                yield str(place.parent), "isn't called as a student's id can be; rename it", ""
                continue
            try:
                with course.open_submitted(student, assignment) as folder:
                    if not is_none_or_a_time(folder):
                        yield str(place / TIMESTAMP), "holds no time", shlex.join(["rm", "-r", str(place / TIMESTAMP)])
            except IsLinkError as error:
                yield error.filename, "is a link", shlex.join(["rm", error.filename])
            except PermissionError:
                yield str(place), "is closed to you", ""
            except OSError:
                continue


def judged(facts: Facts) -> list[Finding]:
    if not facts["is_open"]:
        return [Finding("course", FAILS, f"you may not look into {facts['here']}", needed_for=(GRADING,))]
    if not facts["is_course"]:
        says = f"{facts['here']} is none: it has no {CONFIG}. What belongs to a course isn't looked at"
        return [Finding("course", UNSEEN, says)]
    if facts["error"]:
        says = f"can't be read: {facts['error'].rstrip('.')}"
        return [Finding(CONFIG, FAILS, says, needed_for=(GRADING,))]
    return [_of_configuration(facts), *_of_folder(facts), *_of_submitted(facts)]


def _of_configuration(facts: Facts) -> Finding:
    if facts["switched_off"] and not facts["calls_configure"]:
        return Finding(CONFIG, FAILS, "doesn't switch the grader on; the line below does", CALLS, (GRADING,))
    if facts["switched_off"]:
        return Finding(CONFIG, FAILS, facts["switched_off"].rstrip("."), needed_for=(GRADING,))
    if facts["beside"]:
        return Finding(CONFIG, LIMITED, f"switches the grader on; {facts['beside'][0].rstrip('.')}")
    return Finding(CONFIG, WORKS, "switches the grader on")


def _of_folder(facts: Facts) -> list[Finding]:
    root, owner = facts["root"], facts["owner"]
    found = []
    if not facts["writable"]:
        says = f"{root} belongs to {owner}, and you can't write to it. {facts['how_to_share'].rstrip('.')}"
        found.append(Finding("course folder", FAILS, says, needed_for=(GRADING,)))
    if facts["writers"] and facts["is_for_all"]:
        says = f"{root} is a place for everybody's files; give the course a folder of its own"
        found.append(Finding("course folder", FAILS, says, needed_for=(GRADING,)))
    elif facts["writers"]:
        place, others = facts["writers"][0]
        more = f" (and to {len(facts['writers']) - 1} more places)" if len(facts["writers"]) > 1 else ""
        says = f"{others} can write to {place}{more}, and so change what is graded by"
        found.append(Finding("course folder", FAILS, says, f"chmod -R go-w {root}", (GRADING,)))
    if not found and not facts["knows_users"]:
        return [Finding("course folder", UNSEEN, f"{root}; who else can write to it isn't read on this system")]
    return found or [Finding("course folder", WORKS, f"{root} belongs to {owner}, and nobody else can write to it")]


def _of_submitted(facts: Facts) -> list[Finding]:
    found = []
    if facts["not_listed"]:
        place, why, line = facts["not_listed"][0]
        more = f" (and {len(facts['not_listed']) - 1} more)" if len(facts["not_listed"]) > 1 else ""
        found.append(Finding("submissions", LIMITED, f"formgrader's lists may end at {place}{more}, which {why}", line))
    if not facts["submitted"] or not facts["knows_users"]:
        return found
    if facts["writers_of_submitted"]:
        place, others = facts["writers_of_submitted"][0]
        says = f"{others} can write to {place}; nbgrader autograde refuses, course autograde takes a copy first"
        found.append(Finding("submissions", LIMITED, says, f"chmod -R go-w {facts['submitted']}"))
    return found or [Finding("submissions", WORKS, f"nobody else can write to {facts['submitted']}")]
