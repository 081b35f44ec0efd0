"""Whether a sandbox really starts, behind which wall, and what keeps the machine from having the first."""

import os
import re
import shutil
import sys
from pathlib import Path
from typing import Any

from nbjudge.course.isolation import NAMESPACES, NONE
from nbjudge.machine.choice import SETTING
from nbjudge.machine.finding import FAILS, GRADING, LIMITED, WORKS, Facts, Finding
from nbjudge.sandbox.bubblewrap import SandboxError
from nbjudge.sandbox.sandbox import Sandbox
from nbjudge.sandbox.users import FIRST
from nbjudge.sandbox.walls import Namespaces

KNOBS = {
    # each with what forbids namespaces, and what allows them
    "user.max_user_namespaces": ("0", "15000"),
    "kernel.unprivileged_userns_clone": ("0", "1"),
    "kernel.apparmor_restrict_unprivileged_userns": ("1", "0"),
}
FOR_ROOT, IN_DOCKER = ("user.max_user_namespaces",), "docker run --security-opt seccomp=unconfined …"
CONTAINERS = re.compile(r"docker|kubepods|containerd|libpod|lxc|garden")


def look() -> dict[str, Any]:
    """``wall`` is the best that there is, or ""; all that follows in the answer is about namespaces."""
    if sys.platform != "linux":
        return {"linux": False, "wall": ""}
    sandbox, said = Sandbox(), ""
    try:
        sandbox.start()
    except SandboxError as error:
        said = str(error)
    finally:
        sandbox.close()
    return {
        "linux": True,
        "wall": sandbox.wall,
        "said": said.removesuffix(" `course doctor` says more."),
        "missing": "" if sandbox.wall == NAMESPACES else Namespaces().missing(),
        "bubblewrap": shutil.which("bwrap") is not None,
        "knobs": {name: _read(f"/proc/sys/{name.replace('.', '/')}") for name in KNOBS},
        "container": _container(),
        "root": os.geteuid() == 0,
        "root_in_a_namespace": os.geteuid() == 0 and not _is_mapped(FIRST),
    }


def _read(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""


def _container() -> str:
    """What kind of container this is in; "" if it seems to be in none."""
    if Path("/.dockerenv").exists():
        return "Docker"
    if Path("/run/.containerenv").exists():
        return "Podman"
    if "KUBERNETES_SERVICE_HOST" in os.environ:
        return "Kubernetes"
    named = re.search(r"(?:^|\0)container=([^\0]+)", _read("/proc/1/environ"))
    found = named[1] if named else next(iter(CONTAINERS.findall(_read("/proc/1/cgroup"))), "")
    return str(found)


def _is_mapped(user: int) -> bool:
    """Whether this process can become a user: one who is root in a namespace may know only itself."""
    ranges = (map(int, line.split()) for line in _read("/proc/self/uid_map").splitlines())
    return any(first <= user < first + count for first, _, count in ranges)


def judged(facts: Facts) -> list[Finding]:
    if not facts["linux"]:
        says = "there are walls around the code of students on Linux only; the line below lets you grade without any"
        return [Finding("sandbox", FAILS, says, SETTING.format(NONE), (GRADING,))]
    if facts["wall"] == NAMESPACES:
        who = "a user that nobody else is" if facts["root"] else "you, and sees none of your files"
        return [Finding("sandbox", WORKS, f"starts, in namespaces of its own; it runs as {who}")]
    cause, line = _cause(facts)
    if facts["wall"]:
        says = f"starts behind the second wall, Landlock; the first can't be had: {cause}"
        return [Finding("sandbox", LIMITED, says, line)]
    if not cause:  # a wall that can be had, and still it doesn't start
        return [Finding("sandbox", FAILS, _one_line(facts["said"]), needed_for=(GRADING,))]
    says = f"doesn't start: {cause}; nor is there the second wall, Landlock"
    return [Finding("sandbox", FAILS, says, line, (GRADING,))]


def _cause(facts: Facts) -> tuple[str, str]:
    """What keeps this machine from having namespaces, and the line that allows them; "" where nothing does."""
    if not facts["missing"]:
        return "", ""
    for name, (forbids, allows) in KNOBS.items():
        if facts["knobs"][name] == forbids and (name in FOR_ROOT or not facts["root"]):
            return f"{name} is {forbids}, so namespaces are forbidden", f"sudo sysctl {name}={allows}"
    if not facts["bubblewrap"]:
        return "bubblewrap is missing", ""
    if "namespaces" not in facts["missing"]:
        return _one_line(facts["missing"]), ""  # it is something else, and says what to do
    if facts["container"]:
        line = f"{IN_DOCKER}   # and apparmor=unconfined" if facts["container"].lower() == "docker" else ""
        return f"this is a container ({facts['container']}), which forbids them", line
    if facts["root_in_a_namespace"]:
        return "you are root only within a namespace, which has no other users; run as an ordinary user", ""
    return _one_line(facts["missing"]), ""


def _one_line(sentences: str) -> str:
    return " ".join(sentences.split()).rstrip(".")
