"""Whether the first wall can be put up, and if not, what keeps it from that, and whether there is the second."""

import os
import re
import shutil
from pathlib import Path
from typing import Any

from nbjudge.course.isolation import NAMESPACES
from nbjudge.machine import landlock
from nbjudge.machine.finding import FAILS, GRADING, LIMITED, WORKS, Facts, Finding
from nbjudge.sandbox.bubblewrap import SandboxError
from nbjudge.sandbox.sandbox import Sandbox
from nbjudge.sandbox.users import FIRST

KNOBS = {
    # each with what forbids namespaces, and what allows them
    "user.max_user_namespaces": ("0", "15000"),
    "kernel.unprivileged_userns_clone": ("0", "1"),
    "kernel.apparmor_restrict_unprivileged_userns": ("1", "0"),
}
CONTAINERS = re.compile(r"docker|kubepods|containerd|libpod|lxc|garden")
IN_DOCKER = "docker run --security-opt seccomp=unconfined --security-opt apparmor=unconfined …"


def look() -> dict[str, Any]:
    is_found, said = shutil.which("bwrap") is not None, ""
    if is_found:
        sandbox = Sandbox(isolation=NAMESPACES)
        try:
            sandbox.start()
        except SandboxError as error:
            said = str(error)
        finally:
            sandbox.close()
    starts = is_found and not said
    return {
        "bubblewrap": is_found,
        "starts": starts,
        "second": starts or landlock.look()["starts"],
        "said": said,
        "knobs": {name: _read(f"/proc/sys/{name.replace('.', '/')}") for name in KNOBS},
        "container": _container(),
        "root_in_a_namespace": os.geteuid() == 0 and not _is_mapped(FIRST),
        "root": os.geteuid() == 0,
    }


def _read(path: str) -> str:
    try:
        return Path(path).read_text(errors="replace").strip()
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
    if facts["starts"]:
        who = "as a user of its own" if facts["root"] else "as you, and sees none of your files"
        return [Finding("sandbox", WORKS, f"starts; it runs {who}")]
    cause, line = _cause(facts)
    if not facts["bubblewrap"]:
        says = cause or "isn't tried without bubblewrap"
    else:
        says = f"doesn't start: {cause or facts['said'].rstrip('.')}"
    if facts["second"]:
        return [Finding("sandbox", LIMITED, f"{says}; the second wall is taken", line)]
    return [Finding("sandbox", FAILS, says, line, (GRADING,))]


def _cause(facts: Facts) -> tuple[str, str]:
    """What keeps users from making namespaces, and the line that allows them; "" where nothing of the kind is seen."""
    for name, (forbids, allows) in KNOBS.items():
        if facts["knobs"][name] == forbids and not (facts["root"] and name != "user.max_user_namespaces"):
            return f"{name} is {forbids}, so nobody may make user namespaces", f"sudo sysctl {name}={allows}"
    if facts["said"] and "namespaces" not in facts["said"]:
        return "", ""  # it is something else, and says what to do itself
    if facts["bubblewrap"] and facts["container"]:
        line = IN_DOCKER if facts["container"].lower() == "docker" else ""
        return f"this is a container ({facts['container']}), which keeps its users from making namespaces", line
    if facts["root_in_a_namespace"]:
        return "you are root only in a user namespace, where no other user can be had; run as an ordinary user", ""
    return "", ""
