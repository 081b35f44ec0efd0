"""One zip file with all that students need: the release, the packages it imports, the environment, a README."""

import io
import zipfile
from collections.abc import Sequence
from pathlib import Path

import jinja2

from nbjudge.authoring import leaks, lint, proof
from nbjudge.authoring.errors import ReleaseError
from nbjudge.authoring.exercise import Exercise
from nbjudge.authoring.parts import LIBRARY, package_files, part
from nbjudge.course.errors import CourseError
from nbjudge.course.files import whole_file
from nbjudge.course.zip_files import is_zip_with

MARK = b"made by course bundle"
WHEN = (2026, 1, 1, 0, 0, 0)
"""The time of every file in the zip. Any will do, but JupyterLab shows how long ago it was."""
TEMPLATES = Path(__file__).parent / "templates" / "bundle"
SETTINGS = TEMPLATES / "settings"
"""Of the students' JupyterLab: no news, and none of nbgrader's pages for instructors."""


def bundle(exercises: Sequence[Exercise], target: Path) -> list[str]:
    """Write the zip file ``target``, and return what was proven about it.

    Raises
    ------
    ReleaseError
        If the release isn't what source/ gives, if something would leak, or if ``target`` is somebody else's file.
    """
    if target.exists() and not is_zip_with(MARK)(target):
        raise ReleaseError(f"{target} exists and was not made by this command; choose another place with --to.")
    for exercise in exercises:
        if not exercise.released_notebook.is_file():
            raise ReleaseError(f"there is no {exercise.show(exercise.released_notebook)}; run course release first.")
    facts = proof.of_all(lambda exercise: proof.prove(exercise, exercise.release), exercises)
    files = contents(exercises[0])
    proof.of_all(lambda exercise: _search(exercise, files), exercises)
    archive = zipped(files)
    try:
        with whole_file(target, is_zip_with(MARK)) as file:
            file.write(archive)
    except OSError as error:
        raise ReleaseError(f"{target} can't be written: {error.strerror}.") from error
    except CourseError as error:
        raise ReleaseError(str(error)) from error
    return [
        *facts,
        f"The same holds for each of the {len(files)} files in the zip.",
        f"{target}: {len(archive) // 1000} kB, the same bytes at every run.",
    ]


def _search(exercise: Exercise, files: dict[str, bytes]) -> list[str]:
    """
    Raises
    ------
    ReleaseError
        If one of the files holds a secret of the notebook. Other notebooks may begin with its solution.
    """
    secrets, _ = leaks.secrets(exercise.read_source(), exercise.delimiters)
    others = {f"{exercise.assignment}/{name}" for name in exercise.others}
    searched = {name: data for name, data in files.items() if name not in others}
    reasons = [f"{name} holds {secret}." for name, data in searched.items() for secret in leaks.find(secrets, data)]
    if reasons:
        raise ReleaseError(*reasons)
    return []


def contents(exercise: Exercise) -> dict[str, bytes]:
    """What students get, by path in the zip.

    Raises
    ------
    ReleaseError
        If a part of it is missing.
    """
    course, parts = exercise.course, exercise.parts
    paths = {path.as_posix(): exercise.release / path for path in lint.side_files(exercise.release)}
    for package in (*parts.packages, LIBRARY):
        paths |= package_files(course, package)
    texts = {name: part(course, name) for name in parts.files}
    texts["requirements.txt"] = part(course, parts.requirements)
    texts |= pages(exercise)
    paths |= {f"settings/{path.name}": path for path in SETTINGS.iterdir()}
    files = {name: path.read_bytes() for name, path in paths.items()}
    files |= {name: text.encode() for name, text in texts.items()}
    return {f"{exercise.assignment}/{name}": files[name] for name in sorted(files)}


def pages(exercise: Exercise) -> dict[str, str]:
    """README.md and environment.yml, from the templates."""
    parts = exercise.parts
    own = exercise.read_notebook(exercise.source_notebook).cells  # without what stands above each notebook
    first = own[0].source.split("\n")[0] if own else ""
    is_title = len(exercise.notebooks) == 1 and first.startswith("# ")
    loader = jinja2.FileSystemLoader(TEMPLATES)
    templates = jinja2.Environment(loader=loader, undefined=jinja2.StrictUndefined, keep_trailing_newline=True)
    return {
        name: templates.get_template(f"{name}.j2").render(
            assignment=exercise.assignment,
            environment=parts.environment or exercise.assignment,
            guide=part(exercise.course, parts.guide).rstrip() if parts.guide else "",
            notebooks=exercise.notebooks,
            packages=[*parts.packages, LIBRARY],
            title=first.lstrip("# ") if is_title else exercise.assignment,
        )
        for name in ("README.md", "environment.yml")
    }


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
