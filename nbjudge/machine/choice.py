"""What a course's choice of a wall makes of the finding about the sandbox."""

from nbjudge.course.isolation import LANDLOCK, NAMESPACES, NONE
from nbjudge.machine.finding import FAILS, GRADING, LIMITED, Finding

SETTING = 'c.SandboxedExecute.isolation = "{}"   # in nbgrader_config.py'


def with_choice(finding: Finding, isolation: str, wall: str) -> Finding:
    """The finding about the sandbox, where a course has chosen a wall, or none.

    Parameters
    ----------
    isolation
        What the course says: "sandbox" (the best that there is), "namespaces", "landlock" or "none".
    wall
        The best that there is, or "".
    """
    if isolation == NONE:
        says = "this course grades without walls: what is handed in can do everything that you can do"
        line = "" if not wall else SETTING.format("sandbox")
        return Finding(finding.part, LIMITED, says, line)
    if isolation == NAMESPACES and wall == LANDLOCK:
        says = f"{finding.says}; and this course takes no other wall than namespaces"
        return Finding(finding.part, FAILS, says, finding.line or SETTING.format("sandbox"), (GRADING,))
    return finding
