"""The outer wall: the command that starts a process which sees Python and nothing of the course."""

import importlib.util
import os
import pwd
import shutil
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from nbjudge.course.errors import CourseError

INSIDE = Path(__file__).parent / "inside"
HOME = "/submission"
"""Where the notebook runs, in there."""
UID = 1000
"""What the process takes itself for, in there."""
SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
SETTINGS = ("/etc/ld.so.cache", "/etc/localtime", "/etc/alternatives")
STAGES = ("/mnt", "/media", "/srv", "/opt")
FIRST_UNUSED = 61000


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
            "bubblewrap is missing, and without it the code of students would run with your rights; "
            "install the system package bubblewrap (Debian, Ubuntu: apt-get install bubblewrap)."
        )
    return program


def places(modules: Iterable[str]) -> list[Path]:
    """Folders that hold Python and those of ``modules`` that lie elsewhere, to be seen in the sandbox."""
    shown = [Path(sys.prefix).resolve(), Path(sys.base_prefix).resolve(), Path(sys.executable).resolve().parent.parent]
    for name in sorted({each.partition(".")[0] for each in modules}):
        spec = importlib.util.find_spec(name)
        if spec is not None and spec.submodule_search_locations:
            shown += [Path(each).resolve() for each in spec.submodule_search_locations]
    shown = [each for each in dict.fromkeys(shown) if not each.is_relative_to("/usr")]
    return outermost(shown)


def outermost(folders: Sequence[Path]) -> list[Path]:
    """Those that lie in none of the others."""
    return [each for each in folders if not any(each != other and each.is_relative_to(other) for other in folders)]


def scratch(shown: Iterable[Path]) -> str:
    """Folder for temporary files, in there: one that covers nothing of what is shown."""
    return "/tmp" if not _within("/tmp", shown) else "/var/tmp"


def command(program: Sequence[str], shown: Sequence[Path], hidden: Sequence[Path]) -> list[str]:
    """Words of the command that runs ``program`` in a sandbox; as root, it gives up root's rights first.

    Parameters
    ----------
    program
        What to run in there.
    shown
        Folders that are visible, read-only, at their own paths.
    hidden
        Folders that are empty in there, also where they lie in a visible one.
    """
    if os.geteuid() != 0:
        return ["env", "-i", *_bubblewrap([(each, each) for each in shown], hidden), *program]
    needed = [*shown, INSIDE]
    stage = next((each for each in STAGES if Path(each).is_dir() and not _within(each, needed)), None)
    if stage is None:
        raise SandboxError(
            f"none of the folders {', '.join(STAGES)} can be used to show Python to the sandbox; make one."
        )
    # Root's own folders can't be read by the user that the sandbox runs as. So root shows them at another place,
    # in a view of the file system that nobody else has, and that ends with the process.
    script = 'mount -t tmpfs -o mode=755,size=1m sandbox "$0"; '
    script += " ".join(f'mkdir "$0/{i}"; mount --rbind "${{{i + 1}}}" "$0/{i}";' for i in range(len(needed)))
    script = f'set -e; {script} shift {len(needed)}; exec "$@"'
    staged = [(Path(stage, str(number)), place) for number, place in enumerate(shown)]
    uid = str(_unused_uid())
    return [
        *("unshare", "--mount", "--propagation", "private", "sh", "-c", script, stage, *map(str, needed)),
        *("setpriv", "--reuid", uid, "--regid", uid, "--clear-groups", "--bounding-set", "-all", "env", "-i"),
        *_bubblewrap(staged, hidden, inside=Path(stage, str(len(shown)))),
        *program,
    ]


def _bubblewrap(shown: Sequence[tuple[Path, Path]], hidden: Sequence[Path], inside: Path = INSIDE) -> list[str]:
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
    for source, place in shown:
        words += ["--ro-bind", str(source), str(place)]
    emptied = [each for each in hidden if any(each.is_relative_to(place) for _, place in [*shown, ("", Path("/usr"))])]
    for each in emptied:
        words += ["--size", "4096", "--tmpfs", str(each)]
    for source, place in shown:  # those within an emptied folder are visible again
        if any(place != each and place.is_relative_to(each) for each in emptied):
            words += ["--ro-bind", str(source), str(place)]
    words += [item for each in emptied for item in ("--remount-ro", str(each))]
    words += ["--ro-bind", str(inside), "/inside/inside", "--ro-bind", str(inside / "passwd"), "/etc/passwd"]
    place_for_files = scratch(place for _, place in shown)
    words += ["--proc", "/proc", "--dev", "/dev", "--size", str(32 * 2**20), "--tmpfs", place_for_files, "--dir", HOME]
    words += ["--remount-ro", "/dev", "--remount-ro", "/", "--chdir", "/"]
    for name, value in {**ENVIRONMENT, "MPLCONFIGDIR": place_for_files, "TMPDIR": place_for_files}.items():
        words += ["--setenv", name, value]
    return words


# A process with several threads can't be forked safely, and several submissions at a time use all cores anyway.
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")

ENVIRONMENT = {
    "PATH": f"{Path(sys.executable).parent}:/usr/local/bin:/usr/bin:/bin",
    "HOME": HOME,
    "LANG": "C.UTF-8",
    "NBGRADER_EXECUTION": "autograde",
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",
    **ONE_THREAD,
}


def _within(place: str, folders: Iterable[Path]) -> bool:
    return any(each.is_relative_to(place) for each in folders)


def _unused_uid() -> int:
    taken = {each.pw_uid for each in pwd.getpwall()}
    return next(uid for uid in range(FIRST_UNUSED, 65000) if uid not in taken)
