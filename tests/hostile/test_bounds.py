"""What the trusted side reads of one submission: what lies at a bound of docs/security.md is taken, one more isn't."""

import base64
import json
import re
import shutil
import struct
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path, PurePath

import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from nbgrader.coursedir import CourseDirectory

from nbjudge.course.course import Course
from nbjudge.course.kept_names import handed_in_name
from nbjudge.intake.reading import RefusedError, SubmittedCell, read_cells
from nbjudge.intake.rebuild import RebuiltNotebook
from nbjudge.intake.submission_folder import take
from nbjudge.pages.attachments import Pictures, with_pictures
from nbjudge.pages.clean import LEFT_OUT, Clean, Shorten, clean_image, clean_text
from nbjudge.pages.clean import Budget as Room
from nbjudge.pages.images import END, PNG
from nbjudge.pages.markup import clean_markdown
from nbjudge.sandbox.channel import Channel, ChannelError
from nbprobe.errors import FormError
from nbprobe.wire import decode
from tests.support import SOURCE
from tests.support.downloads import NAME, moodle, notebook, zipped
from tests.support.downloads import Course as Term

MB = 2**20


def filled(size: int, beginning: str, end: str, filler: str = "x") -> bytes:
    return (beginning + filler * (size - len(beginning) - len(end)) + end).encode()


NOTEBOOKS: dict[str, Callable[[int], bytes]] = {
    "larger than 20 MB": lambda more: filled(20 * MB + more, '{"cells": [], "x": "', '"}'),
    # each of its two strings counts as 8 bytes, and these are 7 and 3 long
    "too many parts": lambda more: filled(10 * MB + more + 10 - 16, '{"cells": [], "x": ', "1}", " "),
    "has 1001 cells": lambda more: json.dumps({"cells": [{}] * (1000 + more)}).encode(),
}


@pytest.mark.parametrize("said", NOTEBOOKS)
def test_a_notebook_is_read_up_to_its_bound(tmp_path: Path, said: str) -> None:
    path = tmp_path / NAME
    path.write_bytes(NOTEBOOKS[said](0))
    assert len(read_cells(path)) in (0, 1000)
    path.write_bytes(NOTEBOOKS[said](1))
    with pytest.raises(RefusedError, match=said):
        read_cells(path)


def sparse(path: Path, size: int) -> None:
    with path.open("wb") as file:
        file.truncate(size)


FILES: dict[str, tuple[dict[str, int], dict[str, int]]] = {
    "there are more than 200 files": ({f"{number:03}": 0 for number in range(200)}, {"more": 0}),
    "it is larger than 20 MB": ({"a": 20 * MB}, {"more": 20 * MB + 1}),
    "the files are larger than 32 MB together": ({"a": 16 * MB, "b": 16 * MB}, {"more": 1}),
    # notebooks are names that are looked at, and no files that are copied; the first name is the notebook itself
    "What comes after the first 1000 files": ({f"{number:03}.ipynb": 0 for number in range(999)}, {"more": 0}),
}


@pytest.mark.parametrize("said", FILES)
def test_files_beside_a_notebook_are_copied_up_to_their_bound(tmp_path: Path, said: str) -> None:
    shutil.copytree(SOURCE.parent, tmp_path / "source/ex04")
    folder = tmp_path / "submitted/ada/ex04"
    folder.mkdir(parents=True)
    shutil.copy(SOURCE, folder)
    course, (within, beyond) = Course(CourseDirectory(root=str(tmp_path))), FILES[said]
    for number, files in enumerate((within, beyond)):
        for name, size in files.items():
            sparse(folder / name, size)
        copy = tmp_path / f"copy {number}"
        copy.mkdir()
        repairs = [repair.text for repair in take(course, "ada", "ex04", copy).repairs]
        assert len(repairs) == number
        assert (said in str(repairs)) == bool(number)
        copied = {str(handed_in_name(PurePath(path.name))) for path in copy.iterdir()}
        assert "more" not in copied
        kept = {name for name in within if not name.endswith(".ipynb")}
        assert kept <= copied


def fed(*lines: bytes, cells: Sequence[int] = (1,)) -> Channel:
    channel = Channel(cells)
    for line in lines:
        channel.feed(line + b"\n")
    return channel


LINES: dict[str, Callable[[int], list[bytes]]] = {
    "a cell puts out 24 MB": lambda more: [filled(24 * MB + more, '"', '"')],
    "a notebook puts out 96 MB": lambda more: [filled(24 * MB - 1, '"', '"')] * 4 + [b""] * more,
    "8 MB outside of strings": lambda more: [filled(8 * MB - 256 + more, "", "", " ")],
}


@pytest.mark.parametrize("bound", LINES)
def test_what_a_notebook_puts_out_is_read_up_to_its_bound(bound: str) -> None:
    fed(*LINES[bound](0))
    with pytest.raises(ChannelError, match="puts out too much"):
        fed(*LINES[bound](1))


def test_outputs_are_read_up_to_their_number_and_that_of_their_forms() -> None:
    cells = range(6)
    data = {f"text/x{number}": "" for number in range(21)}
    outputs = [{"output_type": "display_data", "data": data, "metadata": {}}, *[{**STREAM} for _ in range(1000)]]
    lines = [json.dumps({"start": cell}) + "\n" + json.dumps({"cell": cell, "outputs": outputs}) for cell in cells]
    channel = fed(*map(str.encode, lines), cells=list(cells))
    assert [len(channel.results[cell].outputs) for cell in cells] == [1000] * 5 + [0]
    assert list(channel.results[0].outputs[0]["data"]) == list(data)[:20]


STREAM = {"output_type": "stream", "name": "stdout", "text": "x"}


def png(width: int, height: int, size: int = 0) -> str:
    """In base64, ``size`` characters long if that is asked for; what its pixels are nobody looks at."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I4s", len(content), kind) + content + b"\0" * 4

    header = PNG + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    pixels = b"\0" * max(1, size // 4 * 3 - len(header) - 12 - len(END))
    return base64.b64encode(header + chunk(b"IDAT", pixels) + END).decode()


def shown(*outputs: NotebookNode) -> list[NotebookNode]:
    """What a page shows of outputs, each that of a cell."""
    cells = [new_code_cell(outputs=[output]) for output in outputs]
    return [cell.outputs for cell in Clean().preprocess(new_notebook(cells=cells), {})[0].cells]


def test_a_page_shows_so_many_outputs() -> None:
    kept = shown(*[new_output("display_data", {"text/plain": "x"})] * 3001)
    assert [len(outputs) for outputs in kept] == [1] * 3000 + [0]


def test_a_page_shows_so_many_characters() -> None:
    kept = shown(*[new_output("stream", text="x" * 250_000)] * 4, new_output("stream", text="y"))
    assert [outputs[0]["text"] for outputs in kept] == ["x" * 250_000] * 4 + [""]


def test_a_page_shows_so_many_changes_of_colour() -> None:
    text, room = "\x1b[31mx\x1b[0m" * 5000, Room()
    assert clean_text(text, room) == text
    assert clean_text("\x1b[31my", room) == "y"


def test_a_page_shows_so_much_markup() -> None:
    kept = shown(
        *[new_output("display_data", {"text/html": f"<i>{'x' * 99_993}</i>"})] * 4,
        new_output("display_data", {"text/latex": "y"}),
    )
    assert [outputs[0]["data"].get("text/html", "")[:4] for outputs in kept] == ["<i>x"] * 4 + [""]
    assert kept[4][0]["data"] == {"text/plain": LEFT_OUT}


@pytest.mark.parametrize(
    ("within", "beyond"),
    [
        ([png(8000, 5000)] * 12 + [png(4000, 5000)], png(1, 1)),
        ([png(1, 1, 8 * MB)] * 4, png(1, 1)),
    ],
    ids=["500 million pixels", "32 MB"],
)
def test_a_page_shows_so_much_of_pictures(within: list[str], beyond: str) -> None:
    room = Room()
    assert [clean_image("image/png", picture, room) for picture in within] == within
    assert clean_image("image/png", beyond, room) == ""
    assert clean_image("image/png", beyond, Room()) == beyond


@pytest.mark.parametrize(
    ("within", "beyond"),
    [
        ([png(1, 1)] * 50, png(1, 1)),
        ([png(1, 1, 4 * MB)] * 2, png(1, 1)),
        ([png(10_000, 2000)] * 5, png(1, 1)),
    ],
    ids=["50", "8 MB", "100 million pixels"],
)
def test_written_answers_keep_so_many_pictures(within: list[str], beyond: str) -> None:
    pictures = [*within, beyond]
    text = " ".join(f"![](attachment:{number})" for number in range(len(pictures)))
    attachments = {str(number): {"image/png": picture} for number, picture in enumerate(pictures)}
    _, kept = with_pictures(text, attachments, str, Pictures())
    assert [each["image/png"] for each in kept.values()] == within
    _, kept = with_pictures("![](attachment:0)", {"0": {"image/png": beyond}}, str, Pictures())
    assert kept


@pytest.mark.parametrize(
    "text",
    [
        lambda more: "*x*" + "y" * (20_000 - 3 + more),
        lambda more: "*x* " + r"\begin{matrix}\end{matrix} " * (100 + more),
        lambda more: "*x* " * 1000 + "*" * more,
    ],
    ids=["20,000 characters", "100 environments", "2,000 stars"],
)
def test_a_text_cell_is_rendered_up_to_its_bound(text: Callable[[int], str]) -> None:
    assert "<em>x</em>" in clean_markdown(text(0))
    assert "<em>" not in clean_markdown(text(1))


def test_text_cells_together_are_rendered_up_to_their_bound() -> None:
    answers = [SubmittedCell(False, f"*x*{'y' * 19_997}", id=f"a{number}") for number in range(5)]
    rebuilt = RebuiltNotebook(new_notebook(cells=[new_markdown_cell("a")]), [*answers, SubmittedCell(False, "*z*")], {})
    text = "".join(cell.source for cell in rebuilt.notebook.cells)
    assert re.findall("<em>.</em>", text) == ["<em>x</em>"] * 5
    assert "*z*" in text


def numbers(many: int, step: int) -> list[dict[str, str]]:
    """As a process of a student's publishes them. Multiples of 2**61 - 1 have all the same hash."""
    return [{"kind": "number", "data": str(each * step)} for each in range(many)]


@pytest.mark.parametrize(
    "parts",
    [lambda more: numbers(2000 + more, 1), lambda more: numbers(100 + more, 2**61 - 1)],
    ids=["2,000 numbers", "100 of the same hash"],
)
def test_a_set_of_numbers_is_read_up_to_its_bound(parts: Callable[[int], list[dict[str, str]]]) -> None:
    assert len(decode({"kind": "set", "data": parts(0)})) in (100, 2000)
    with pytest.raises(FormError):
        decode({"kind": "set", "data": parts(1)})


def code_shown(*cells: str) -> list[str]:
    notebook = new_notebook(cells=[new_code_cell(cell) for cell in cells])
    return [cell.source for cell in Shorten().preprocess(notebook, {})[0].cells]


def test_a_page_shows_so_much_code() -> None:
    lines = "x" * 999 + "\n"
    assert code_shown(lines * 50) == [lines * 50]
    assert code_shown("x" * 1000) == ["x" * 1000]
    assert "the rest of the line isn't shown" in code_shown("x" * 1001)[0]
    *within, beyond = code_shown(*[lines * 50] * 4, "y")
    assert within == [lines * 50] * 4
    assert "y" not in beyond.partition("#")[0]
    assert len(code_shown(lines * 50 + "y")[0].partition("#")[0]) < 50_100


@pytest.mark.parametrize(
    ("within", "said"),
    [
        (lambda: [(f"{number}.txt", b"") for number in range(1999)], "there are more than 2000 files of one student"),
        (lambda: [(f"{number}/{NAME}", notebook(str(number))) for number in range(99)], "more than 100 notebooks"),
        (lambda: [(f"{number}/{NAME}", b"x" * 20 * MB) for number in range(4)], "unpack to more than 100 MB"),
    ],
    ids=["2,000 files", "100 notebooks", "100 MB"],
)
def test_of_a_student_so_much_is_collected(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, within: Callable[[], list], said: str
) -> None:
    for more in (False, True):
        term = Term(tmp_path / str(more) / "course")
        monkeypatch.chdir(term.root)
        entries = [(NAME, notebook("ada")), *within(), *[(f"more/{NAME}", b"y" * 20 * MB)] * more]
        content = zipped(*((moodle("Ada", 1, name), content) for name, content in entries), method=zipfile.ZIP_STORED)
        lines = term.collect(term.download("class.zip", content), code=None)
        assert (said in str(lines)) is more
