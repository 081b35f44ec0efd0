"""One assignment of a course: where its files are, and what nbgrader cuts out of them."""

import os
from dataclasses import dataclass
from pathlib import Path

from nbformat import NotebookNode
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import ClearSolutions
from traitlets.config import Config
from traitlets.config.loader import PyFileConfigLoader

import exercise_code
from nbjudge.course import notebooks
from nbjudge.course.regions import Kind, kinds

CONFIG = "nbgrader_config.py"


class ReleaseError(Exception):
    """Nothing was published. ``reasons`` has a sentence for each thing to mend."""

    def __init__(self, *reasons: str) -> None:
        super().__init__(" ".join(reasons))
        self.reasons = reasons


@dataclass(frozen=True)
class Exercise:
    """What has to be known of a course to hand out one assignment."""

    root: Path
    assignment: str
    notebook: str
    source: Path
    release: Path
    delimiters: list[Kind]
    stub: str
    paths: CourseDirectory

    @classmethod
    def load(cls, root: Path, assignment: str) -> "Exercise":
        """The assignment as nbgrader's configuration in ``root`` describes it.

        Raises
        ------
        ReleaseError
            If there is no configuration, no such assignment, or not one notebook in it.
        """
        root = root.resolve()
        if not (root / CONFIG).is_file():
            raise ReleaseError(f"there is no {CONFIG} here; run this in the course folder.")
        config: Config = PyFileConfigLoader(CONFIG, path=str(root)).load_config()
        config.CourseDirectory.root = str(root)
        paths = CourseDirectory(config=config)
        if assignment != Path(assignment).name or assignment.startswith("."):
            raise ReleaseError(f"{assignment} can't be the name of an assignment.")
        where, to = (_place(paths, step, assignment) for step in (paths.source_directory, paths.release_directory))
        found = sorted(path.name for path in where.glob("*.ipynb"))
        if len(found) != 1:
            raise ReleaseError(f"{os.path.relpath(where, root)} should hold one notebook, but it holds {len(found)}.")
        stub = ClearSolutions(config=config).code_stub["python"]
        return cls(root, assignment, found[0], where, to, kinds(config), stub, paths)

    def place(self, step: str) -> Path:
        """Where nbgrader puts the assignment if ``step`` is the folder for it."""
        return _place(self.paths, step, self.assignment)

    def show(self, path: Path) -> str:
        """``path`` as seen from the course folder."""
        return os.path.relpath(path, self.root)


def _place(paths: CourseDirectory, step: str, assignment: str) -> Path:
    return Path(os.path.normpath(paths.format_path(step, ".", assignment)))


def package(root: Path) -> Path:
    """The folder of exercise_code that students of this course get."""
    own = root / "exercise_code"
    return own if own.is_dir() else Path(exercise_code.__file__).parent


def package_files(root: Path) -> list[Path]:
    """What students get of exercise_code.

    Raises
    ------
    ReleaseError
        If something lies there that is no module.
    """
    folder = package(root)
    files = [path for path in sorted(folder.rglob("*")) if "__pycache__" not in path.parts and not path.is_dir()]
    odd = [path for path in files if path.suffix != ".py" or path.is_symlink() or path.name.startswith(".")]
    if odd:
        raise ReleaseError(
            *(f"{os.path.relpath(path, root)} doesn't belong there; students would get it." for path in odd)
        )
    return files


def read(path: Path, course: Exercise) -> NotebookNode:
    """The notebook at ``path``.

    Raises
    ------
    ReleaseError
        If it can't be read.
    """
    try:
        return notebooks.read(path)
    except Exception as error:
        raise ReleaseError(f"{course.show(path)} can't be read as a notebook: {str(error).splitlines()[0]}") from error
