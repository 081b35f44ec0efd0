"""Downloads as learning platforms and students make them, and a course that collects them."""

import io
import json
import shutil
import struct
import warnings
import zipfile
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from nbjudge.cli import application
from nbjudge.course.errors import CourseError
from tests.support import ROOT

app = application()
NAME = "1_simple_classifier.ipynb"
NOON = (2026, 5, 10, 12, 0, 0)
EVENING = (2026, 5, 10, 20, 0, 0)
NEXT_DAY = (2026, 5, 11, 9, 0, 0)
ROSTER = "student_id,lms_id,name,submitted\nge11abc,123456,Änne Müller,\nge22def,,Jane Mueller,2026-05-12 01:00\n"


def notebook(text: str, task: str = "bce") -> bytes:
    cell = {"cell_type": "code", "metadata": {"nbgrader": {"grade_id": task}}, "source": text}
    cell |= {"outputs": [], "execution_count": None}
    return json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 4}).encode()


def text_of(path: Path) -> str:
    return json.loads(path.read_bytes())["cells"][0]["source"]


def zipped(*entries: tuple, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip file of entries (name, content, time, mode)."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content, *more in entries:
            info = zipfile.ZipInfo(name, more[0] if more else NOON)
            info.compress_type, info.external_attr = method, (more[1] if len(more) > 1 else 0) << 16
            with warnings.catch_warnings():  # of names that come twice
                warnings.simplefilter("ignore", UserWarning)
                archive.writestr(info, content)
    return file.getvalue()


def raw(entries: list[tuple[bytes, bytes]]) -> bytes:
    """A zip file of empty files (name, additions in the table of contents), as no program would write it."""
    files, table = io.BytesIO(), io.BytesIO()
    for name, extra in entries:
        place = files.tell()
        files.write(struct.pack("<IHHHHHIIIHH", 0x04034B50, 20, 0x800, 0, 0, 33, 0, 0, 0, len(name), 0) + name)
        about = (0x02014B50, 20, 20, 0x800, 0, 0, 33, 0, 0, 0, len(name), len(extra), 0, 0, 0, 0, place)
        table.write(struct.pack("<IHHHHHHIIIHHHHHII", *about) + name + extra)
    end = (0x06054B50, 0, 0, len(entries), len(entries), table.tell(), files.tell(), 0)
    return files.getvalue() + table.getvalue() + struct.pack("<IHHHHIIH", *end)


def moodle(name: str, number: int, path: str = NAME) -> str:
    return f"{name}_{number}_assignsubmission_file_/{path}"


class Course:
    """A course in a folder, and the command in it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        (root / "source/ex04").mkdir(parents=True)
        (root / "source/ex04" / NAME).write_bytes(notebook("solution"))
        shutil.copy(ROOT / "nbgrader_config.py", root)
        (root.parent / "downloads").mkdir()

    def download(self, name: str, content: bytes) -> Path:
        path = self.root.parent / "downloads" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return path

    def collect(self, *arguments: Any, code: int | None = 0) -> list[dict[str, Any]]:
        done = CliRunner().invoke(app, ["collect", "ex04", *map(str, arguments), "--json", "--timezone", "UTC"])
        if isinstance(done.exception, CourseError):
            raise done.exception
        assert code in (None, done.exit_code), done.output
        return json.loads(done.stdout)

    def submitted(self) -> dict[str, str]:
        """Each student's submission, in the words of the notebook."""
        return {path.parts[-3]: text_of(path) for path in self.root.glob(f"submitted/*/ex04/{NAME}")}

    def earlier(self, student: str) -> set[str]:
        return {text_of(path) for path in self.root.glob(f"earlier/{student}/ex04/*/{NAME}")}

    def tree(self) -> dict[str, bytes]:
        """All files but the list of names for the way back, which has a test of its own."""
        files = [path for path in sorted(self.root.parent.rglob("*")) if path.is_file()]
        return {str(path): path.read_bytes() for path in files if path != self.root / "collected/ex04.json"}


def status(lines: list[dict], name: str) -> tuple[str, str]:
    return next((line["status"], line["said"]) for line in lines if name in line["file"])
