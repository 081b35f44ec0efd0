"""One zip file with all that students need: the release, exercise_code, the environment, a README of its own."""

import io
import re
import zipfile
from pathlib import Path

import jinja2

from nbjudge.authoring import leaks, proof
from nbjudge.authoring import lint as source
from nbjudge.authoring.exercise import Exercise, ReleaseError, package, package_files, read
from nbjudge.course.files import is_zip_with, whole_file

ROOTS = {"ipykernel", "jupyterlab", "matplotlib", "nbgrader", "numpy", "scikit-learn", "tqdm"}
"""What students need; nbgrader for the button Validate. What these need in turn, the lock knows."""
MARK = b"made by course bundle"
WHEN = (2026, 1, 1, 0, 0, 0)
"""The time of every file in the zip. Any will do, but JupyterLab shows how long ago it was."""
TEMPLATES = Path(__file__).parent / "templates" / "bundle"


def bundle(course: Exercise, target: Path) -> list[str]:
    """Write the zip file ``target``, and return what was proven about it.

    Raises
    ------
    ReleaseError
        If the release isn't what source/ gives, if something would leak, or if ``target`` is somebody else's file.
    """
    if target.exists() and not is_zip_with(MARK)(target):
        raise ReleaseError(f"{target} exists and was not made by this command; choose another place with --to.")
    if not (course.release / course.notebook).is_file():
        raise ReleaseError(f"there is no {course.show(course.release / course.notebook)}; run course release first.")
    facts = proof.prove(course, course.release)
    files = contents(course)
    wanted, _ = leaks.secrets(read(course.source / course.notebook, course), course.delimiters)
    if reasons := [f"{name} holds {each}." for name, data in files.items() for each in leaks.find(wanted, data)]:
        raise ReleaseError(*reasons)
    data = zipped(files)
    try:
        with whole_file(target, is_zip_with(MARK)) as file:
            file.write(data)
    except OSError as error:
        raise ReleaseError(f"{target} can't be written: {error.strerror}.") from error
    except ValueError as error:
        raise ReleaseError(str(error)) from error
    return [
        *facts,
        f"The same holds for each of the {len(files)} files in the zip.",
        f"{target}: {len(data) // 1000} kB, the same bytes at every run.",
    ]


def contents(course: Exercise) -> dict[str, bytes]:
    """What students get, by path in the zip.

    Raises
    ------
    ReleaseError
        If a part of it is missing.
    """
    beside = source.side_files(course.release, "")
    files = {path.as_posix(): (course.release / path).read_bytes() for path in beside}
    folder = package(course.root)
    for path in package_files(course.root):
        files[f"exercise_code/{path.relative_to(folder).as_posix()}"] = path.read_bytes()
    for name in ("LICENSE", "LICENSE-TEXT"):
        files[name] = _part(course, name).encode()
    environment = _part(course, "environment.yml")
    files["environment.yml"] = conda(environment).encode()
    files["requirements.txt"] = requirements(_part(course, "requirements.txt")).encode()
    files["README.md"] = readme(course, environment).encode()
    return {f"{course.assignment}/{name}": files[name] for name in sorted(files)}


def _part(course: Exercise, name: str) -> str:
    try:
        return (course.root / name).read_text(encoding="utf-8")
    except OSError:
        raise ReleaseError(f"{name} is missing in the course folder; students need it.") from None


def readme(course: Exercise, environment: str) -> str:
    """How to begin, from the template, and how to go on, from the student guide."""
    guide = _part(course, "docs/students.md")
    name = re.search(r"^name: (\S+)", environment, re.MULTILINE)
    title = read(course.release / course.notebook, course).cells[0].source.split("\n")[0].lstrip("# ")
    loader = jinja2.FileSystemLoader(TEMPLATES)
    pages = jinja2.Environment(loader=loader, undefined=jinja2.StrictUndefined, keep_trailing_newline=True)
    return pages.get_template("README.md.j2").render(
        assignment=course.assignment,
        environment=name[1] if name else course.assignment,
        guide=guide[guide.index("## Work") :].rstrip(),
        notebook=course.notebook,
        title=title,
    )


def conda(text: str) -> str:
    """The environment for conda: the course's own, with the packages of requirements.txt."""
    kept = [line for line in text.split("\n") if not line.startswith("#")]
    end = next(number for number, line in enumerate(kept) if line.strip() == "- pip:")
    return "\n".join([*kept[: end + 1], "      - -r requirements.txt", ""])


def requirements(lock: str) -> str:
    """The part of the lock that students need: ``ROOTS``, and whatever is there because of them.

    >>> requirements("a==1 --hash=x\\n    # via numpy\\nnumpy==2 --hash=y\\nb==3 --hash=z\\n    # via pytest\\n")
    'a==1 --hash=x\\nnumpy==2 --hash=y\\n'
    """
    blocks = re.split(r"\n(?=[\w.-]+==)", lock.strip())
    because = [(_name(block), set(re.findall(r"^    # +(?:via )?([\w.-]+)", block, re.MULTILINE))) for block in blocks]
    needed = set(ROOTS)
    while more := {name for name, parents in because if parents & needed} - needed:
        needed |= more
    kept = [block for block in blocks if _name(block) in needed]
    return "".join(f"{line}\n" for block in kept for line in block.split("\n") if not line.lstrip().startswith("#"))


def _name(block: str) -> str:
    return block.split("==")[0]


def zipped(files: dict[str, bytes]) -> bytes:
    """A zip file that depends on its contents only: no times, no modes, no compression that differs by version."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        archive.comment = MARK
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, WHEN)
            entry.create_system = 3  # Unix, also where it is made on Windows
            entry.external_attr = 0o100644 << 16
            archive.writestr(entry, files[name])
    return buffer.getvalue()
