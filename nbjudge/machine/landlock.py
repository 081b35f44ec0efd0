"""Landlock: by it, the second wall is put up, also where there are no namespaces."""

from typing import Any

from nbjudge.course.isolation import LANDLOCK
from nbjudge.machine.finding import UNSEEN, WORKS, Facts, Finding
from nbjudge.sandbox.bubblewrap import SandboxError
from nbjudge.sandbox.sandbox import Sandbox
from nbjudge.sandbox.walls import Landlock


def look() -> dict[str, Any]:
    why = Landlock().missing()
    if why:
        return {"abi": 0, "starts": False, "why": why}
    from nbjudge.sandbox.inside import landlock  # which is Linux's

    sandbox = Sandbox(isolation=LANDLOCK)
    try:
        sandbox.start()
    except SandboxError as error:
        why = str(error)
    finally:
        sandbox.close()
    return {"abi": landlock.version(), "starts": not why, "why": why}


def judged(facts: Facts) -> list[Finding]:
    if facts["starts"]:
        return [Finding("second wall", WORKS, f"Landlock, ABI {facts['abi']}")]
    return [Finding("second wall", UNSEEN, f"can't be put up: {facts['why'].rstrip('.')}")]
