"""The outer wall: the command that starts a process which sees Python and nothing of the course."""

import os
import shutil
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from nbjudge.course.errors import CourseError
from nbjudge.sandbox import users
from nbjudge.sandbox.view import ENVIRONMENT, View

INSIDE = Path(__file__).parent / "inside"
HOME = "/submission"
"""Where the notebook runs, in there."""
UID = 1000
"""What the process takes itself for, in there."""
SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
SETTINGS = ("/etc/ld.so.cache", "/etc/localtime", "/etc/alternatives")
STAGES = ("/mnt", "/media", "/srv", "/opt")


class SandboxError(CourseError):
    """The sandbox can't be used; the message says what to do."""


def find() -> str:
    """Path of the program ``bwrap``.

    Raises
    ------
    SandboxError
        If it isn't installed.
    """
    program = shutil.which("bwrap")
    if program is None:
        raise SandboxError(
            "bubblewrap is missing, and it makes the first wall around the code of students; "
            "install the system package bubblewrap (Debian, Ubuntu: apt-get install bubblewrap)."
        )
    return program


def command(program: Sequence[str], view: View, hidden: Sequence[Path], uid: int = users.FIRST) -> list[str]:
    """Words of the command that runs ``program`` in a sandbox; as root, it gives up root's rights first.

    Parameters
    ----------
    program
        What to run in there.
    view
        What is visible of Python.
    hidden
        Folders that are empty in there, also where they lie in a visible one.
    uid
        Who root becomes first.
    """
    if os.geteuid() != 0:
        return ["env", "-i", *_bubblewrap(view, [source for source, _ in view.shown], hidden), *program]
    needed = [*(source for source, _ in view.shown), INSIDE]
    stage = next((place for place in STAGES if Path(place).is_dir() and not _within(place, needed)), None)
    if stage is None:
        raise SandboxError(
            f"none of the folders {', '.join(STAGES)} can be used to show Python to the sandbox; make one."
        )
    # Root's own folders can't be read by the user that the sandbox runs as. So root shows them at another place,
    # in a view of the file system that nobody else has, and that ends with the process.
    script = 'mount -t tmpfs -o mode=755,size=1m sandbox "$0"; '
    script += " ".join(f'mkdir "$0/{i}"; mount --rbind "${{{i + 1}}}" "$0/{i}";' for i in range(len(needed)))
    script = f'set -e; {script} shift {len(needed)}; exec "$@"'
    *staged, inside = (Path(stage, str(number)) for number in range(len(needed)))
    return [
        *("unshare", "--mount", "--propagation", "private", "sh", "-c", script, stage, *map(str, needed)),
        *("setpriv", "--reuid", str(uid), "--regid", str(uid), "--clear-groups", "--bounding-set", "-all", "env", "-i"),
        *_bubblewrap(view, staged, hidden, inside),
        *program,
    ]


def _bubblewrap(view: View, readable: Sequence[Path], hidden: Sequence[Path], inside: Path = INSIDE) -> list[str]:
    """``readable``: where the user that the sandbox runs as can read each of the folders that are shown."""
    words = [find(), "--unshare-all", "--die-with-parent", "--new-session", "--hostname", "sandbox"]
    words += ["--uid", str(UID), "--gid", str(UID)]
    for place in map(Path, SYSTEM):
        if place.is_symlink():
            words += ["--symlink", os.readlink(place), str(place)]
        elif place.is_dir():
            words += ["--ro-bind", str(place), str(place)]
    for place in map(Path, SETTINGS):
        if place.exists():
            words += ["--ro-bind", str(place), str(place)]
    places = [place for _, place in view.shown]
    for source, place in zip(readable, places, strict=True):
        words += ["--ro-bind", str(source), str(place)]
    emptied = [
        place / folder.relative_to(source)
        for source, place in [*view.shown, (Path("/usr"), Path("/usr"))]
        for folder in hidden
        if folder.is_relative_to(source)
    ]
    for folder in emptied:
        words += ["--size", "4096", "--tmpfs", str(folder)]
    for source, place in zip(readable, places, strict=True):  # those within an emptied folder are visible again
        if any(place != folder and place.is_relative_to(folder) for folder in emptied):
            words += ["--ro-bind", str(source), str(place)]
    # an environment's own programs name the folder in which it was made
    programs = sorted({link.parent for link in view.links if any(link.is_relative_to(place) for place in places)})
    for folder in programs:
        words += ["--size", "4096", "--tmpfs", str(folder)]
    for place, target in view.links.items():
        words += ["--symlink", target, str(place)]
    words += [item for folder in [*emptied, *programs] for item in ("--remount-ro", str(folder))]
    if view.settings:
        words += ["--ro-bind", str(inside / view.settings), str(ENVIRONMENT / "pyvenv.cfg")]
    words += ["--ro-bind", str(inside), "/inside/inside"]
    for file, seen_as in (("passwd", "/etc/passwd"), ("fonts.conf", "/etc/fonts/fonts.conf")):
        words += ["--ro-bind", str(inside / file), seen_as]
    scratch = view.scratch()
    words += ["--proc", "/proc", "--dev", "/dev", "--size", str(32 * 2**20), "--tmpfs", scratch, "--dir", HOME]
    # it says the same, but gives no memory that nobody counts to who maps it
    words += ["--dev-bind", "/dev/full", "/dev/zero"]
    words += ["--remount-ro", "/dev", "--remount-ro", "/", "--chdir", "/"]
    for name, value in {**VARIABLES, **view.variables, "MPLCONFIGDIR": scratch, "TMPDIR": scratch}.items():
        words += ["--setenv", name, value]
    return words


def explained(line: str) -> str:
    """The last line that the sandbox said before it ended, and what to do about it."""
    if "Unknown option" in line:
        return f"this bubblewrap is too old ({line}); version 0.7 or newer is needed."
    if "shared libraries" in line:
        return (
            f"Python doesn't start in the sandbox ({line}): it sees /usr and {sys.prefix}, and not where this library "
            "lies; use a Python that is installed as a whole, from the system, conda or pyenv."
        )
    return (
        f"the sandbox doesn't start ({line}). The usual cause is a system that keeps ordinary users from making user "
        "namespaces: allow them (sysctl user.max_user_namespaces, and on Ubuntu "
        "kernel.apparmor_restrict_unprivileged_userns=0; in Docker, the option --security-opt)."
    )


# A process with several threads can't be forked safely, and several submissions at a time use all cores anyway.
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


@contextmanager
def one_thread() -> Iterator[None]:
    """What is imported meanwhile starts no threads of its own, so that this process can be forked."""
    before = {name: os.environ.get(name) for name in ONE_THREAD}
    os.environ.update(ONE_THREAD)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name)
            if value is not None:
                os.environ[name] = value


VARIABLES = {
    "HOME": HOME,
    "LANG": "C.UTF-8",
    "NBGRADER_EXECUTION": "autograde",
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",
    **ONE_THREAD,
}


def _within(place: str, folders: Iterable[Path]) -> bool:
    return any(folder.is_relative_to(place) for folder in folders)
