"""The program that builds the sandbox."""

import re
import shutil
import subprocess
import sys
from typing import Any

from nbjudge.machine.finding import LIMITED, UNSEEN, WORKS, Facts, Finding

OLDEST = (0, 7)
INSTALL = "sudo apt-get install bubblewrap   # Debian, Ubuntu"
SECONDS = 10


def look() -> dict[str, Any]:
    program = shutil.which("bwrap") or ""
    said = ""
    if program:
        try:
            done = subprocess.run(
                [program, "--version"],
                capture_output=True,
                encoding="utf-8",
                errors="replace",
                timeout=SECONDS,
            )
            said = (done.stdout or done.stderr).strip()
        except (OSError, subprocess.SubprocessError) as error:
            said = str(error)
    return {"linux": sys.platform == "linux", "program": program, "said": said[:200]}


def judged(facts: Facts) -> list[Finding]:
    """Whether that is too little, the sandbox says: there may be another wall."""
    if not facts["linux"]:
        return [Finding("bubblewrap", UNSEEN, "is a program of Linux")]
    if not facts["program"]:
        return [Finding("bubblewrap", LIMITED, "isn't found; it makes the first wall around students' code", INSTALL)]
    version = re.fullmatch(r"bubblewrap (\d+)\.(\d+)\S*", facts["said"])
    if not version:
        says = f"{facts['program']} doesn't say its version ({facts['said'] or 'it says nothing'})"
        return [Finding("bubblewrap", LIMITED, says, INSTALL)]
    number = facts["said"].split()[1]
    if tuple(map(int, version.groups())) < OLDEST:
        says = f"{number} is too old; {'.'.join(map(str, OLDEST))} or newer is needed ({facts['program']})"
        return [Finding("bubblewrap", LIMITED, says, INSTALL)]
    return [Finding("bubblewrap", WORKS, f"{number} ({facts['program']})")]
