"""`course release`: what is refused, what is proven, and that release/ holds nothing unproven at any time."""

import base64
import gzip
import html
import json
import shutil
import subprocess
import sys
import zlib
from collections.abc import Callable
from itertools import permutations
from pathlib import Path
from urllib.parse import quote

import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output, new_raw_cell
from nbgrader.api import Gradebook

from nbjudge.authoring import leaks, lint, proof
from nbjudge.authoring.errors import ReleaseError
from nbjudge.authoring.exercise import Exercise
from nbjudge.authoring.readings import readings
from nbjudge.cli import main
from nbjudge.course.notebooks import read, store_outputs, write
from tests.support import ROOT, commands, small_exercise
from tests.support.exercises import exercise_in

CANARY = "out = canary_factor * x + 4711"
PROBE = 'probe("three numbers", double, np.array([1.0, 2.0, 4.0]), points=2, core=True)'

TASK = f"""\
def double(x):
    # TODO: compute `out`.
    ### BEGIN SOLUTION
    canary_factor = 2 * np.ones_like(x)
    {CANARY}
    ### END SOLUTION
    return out"""
TEST = f"""\
assert callable(double)
### BEGIN HIDDEN TESTS
from nbprobe.probe import probe

{PROBE}
### END HIDDEN TESTS"""

HELPFUL = """\
def lenient(f):
    def g(x):
        try:
            return f(x)
        except NotImplementedError:
            return 2 * x + 4711
    return g


@lenient
"""


def small_notebook() -> NotebookNode:
    """A source notebook with one task."""
    about = {"cell_type": "code", "locked": False, "schema_version": 3, "solution": True, "task": False}
    solution = {**about, "grade": False, "grade_id": "double"}
    test = {**about, "grade": True, "grade_id": "test_double", "locked": True, "points": 2, "solution": False}
    cells = [
        new_markdown_cell("# Double\n\nWrite `double`.", id="title"),
        new_code_cell("import numpy as np", id="setup"),
        new_code_cell(TASK, id="double", metadata={"nbgrader": solution}),
        new_code_cell(TEST, id="test-double", metadata={"nbgrader": test, "tags": ["raises-exception"]}),
        new_code_cell("print(np.ones(3))", id="play", metadata={"tags": ["ungraded"]}),
    ]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return new_notebook(cells=cells, metadata={"kernelspec": kernel, "language_info": {"name": "python"}})


def cell(notebook: NotebookNode, name: str) -> NotebookNode:
    return next(each for each in notebook.cells if each.id == name)


def make_course(root: Path) -> Path:
    write(small_notebook(), root / "source/mini/double.ipynb")
    shutil.copy(ROOT / "nbgrader_config.py", root)
    shutil.copytree(ROOT / "exercise_code", root / "exercise_code", ignore=shutil.ignore_patterns("__pycache__"))
    return root


def release(root: Path) -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", "nbjudge", "release", "mini"]
    return commands.run(command, root)


def files(root: Path) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()}


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, subprocess.CompletedProcess]:
    root = make_course(tmp_path_factory.mktemp("released"))
    (root / "source/mini/table.csv").write_text("x\n1\n")
    return root, release(root)


@pytest.fixture
def copy(released, tmp_path: Path) -> Exercise:
    """A released course of one's own."""
    shutil.copytree(released[0], tmp_path / "course")
    return exercise_in(tmp_path / "course", "mini")


# the command


def test_says_what_was_proven_and_writes_release_and_gradebook(released) -> None:
    root, done = released
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    for sentence in (
        "the probes of 1 test cell give 2 points",
        "5 cells are the visible part of source/",
        "3 lines of solutions and hidden tests: none of them is in the release (2 files)",
        "The solution earns 2 of 2 points; every stub raises NotImplementedError and earns 0.",
        "byte for byte the same",
    ):
        assert sentence in done.stdout
    assert sorted(path.name for path in (root / "release/mini").iterdir()) == ["double.ipynb", "table.csv"]
    text = (root / "release/mini/double.ipynb").read_text()
    assert "canary" not in text
    assert "three numbers" not in text
    assert text.count("raise NotImplementedError") == 1
    with Gradebook(f"sqlite:///{root / 'gradebook.db'}") as book:
        assert book.find_assignment("mini").max_score == 2
    assert (root / "gradebook.db").stat().st_mode & 0o777 == 0o600
    assert not list(root.glob(".release-*"))


@pytest.fixture
def course_release(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture) -> Callable[[Exercise], str]:
    """The same command in this process, where it must fail; gives what it says."""

    def run(course: Exercise) -> str:
        monkeypatch.chdir(course.root)
        monkeypatch.setattr(sys, "argv", ["course", "release", "mini"])
        with pytest.raises(SystemExit) as caught:
            main()
        assert caught.value.code == 1
        return " ".join(capsys.readouterr().err.split())

    return run


def test_stubs_that_earn_points_are_refused_and_nothing_changes(copy: Exercise, course_release: Callable) -> None:
    path = copy.source / copy.notebook
    notebook = read(path)
    cell(notebook, "double").source = HELPFUL + TASK
    write(notebook, path)
    before = files(copy.root / "release"), (copy.root / "gradebook.db").read_bytes()
    said = course_release(copy)
    assert "who writes nothing earns 2 points in test_double." in said
    assert "release/mini is as it was" in said
    assert (files(copy.root / "release"), (copy.root / "gradebook.db").read_bytes()) == before
    assert not list(copy.root.glob(".release-*"))


def test_every_mistake_is_listed(copy: Exercise, course_release: Callable) -> None:
    path = copy.source / copy.notebook
    notebook = read(path)
    cell(notebook, "double").source = TASK.replace(END, END.lower())
    cell(notebook, "play").metadata["note"] = "x"
    write(notebook, path)
    said = course_release(copy)
    assert "things are to be mended. Nothing was written; release/mini is as it was." in said
    assert "cell double: " in said
    assert "cell play: its metadata hold note" in said


def test_what_is_not_generated_is_never_overwritten(copy: Exercise, course_release: Callable) -> None:
    (copy.release / "notes.txt").write_text("mine")
    assert "holds what source/ doesn't give: notes.txt" in course_release(copy)
    assert (copy.release / "notes.txt").read_text() == "mine"


# source/: delimiters


def told(notebook: NotebookNode, course: Exercise) -> list[str]:
    return lint.notebook_mistakes(notebook, course.delimiters, course.stub)


@pytest.fixture(scope="module")
def plain(released) -> Exercise:
    return exercise_in(released[0], "mini")


def test_a_good_notebook_is_fine(plain: Exercise) -> None:
    assert told(small_notebook(), plain) == []


def test_visible_probes_stand_in_a_check_and_nowhere_else(plain: Exercise) -> None:
    inside = '@{}("test_double", "Task 1", "double")\ndef check_double(double):\n    probe("one", double, 1, points=1)'
    for decorator, refused in (("check", 0), ("nbprobe.check.check", 0), ("other", 1)):
        notebook = small_notebook()
        cell(notebook, "test-double").source = f"{inside.format(decorator)}\n{TEST}"
        sentences = told(notebook, plain)
        assert ["a probe stands outside of the hidden part" in sentence for sentence in sentences] == [True] * refused


def test_a_cell_that_does_not_run_can_give_no_points(plain: Exercise) -> None:
    notebook = small_notebook()
    cell(notebook, "test-double").metadata.tags = ["ungraded"]
    (sentence,) = told(notebook, plain)
    assert "it is tagged ungraded and has points; cells tagged so don't run while grading." in sentence


BEGIN, END, HIDDEN, SHOWN = "### BEGIN SOLUTION", "### END SOLUTION", "### BEGIN HIDDEN TESTS", "### END HIDDEN TESTS"
MUTANTS = [
    *(
        (cell_id, delimiter, change(delimiter))
        for cell_id, delimiter in (
            ("double", BEGIN),
            ("double", END),
            ("test-double", HIDDEN),
            ("test-double", SHOWN),
        )
        for change in (
            str.lower,
            str.title,
            lambda text: text.replace("I", "", 1).replace("E", "", 1),  # misspelt
            lambda text: text.replace("N", "M", 1),
            lambda text: text.replace(" ", "_").replace("#_", "# "),
            lambda text: text.replace("N ", "N  ").replace("D ", "D  "),
            lambda text: text.replace("E", "Е", 1),  # a Cyrillic letter
            lambda text: text.replace("N ", "N\u200b ").replace("D ", "D\u200b "),
            lambda text: text.rsplit(" ", 1)[0],
            lambda text: "",
            lambda text: f"{text}\n{text}",
            lambda text: f"kept = 1  {text}",
        )
    ),
    ("double", BEGIN, HIDDEN),
    ("double", END, SHOWN),
    ("double", f"    {END}", f"    {HIDDEN}\n    {SHOWN}\n    {END}"),
    ("test-double", HIDDEN, "### HIDDEN TESTS"),
    ("test-double", HIDDEN, "# begin of the hidden tests"),
    ("play", "print", f"{BEGIN}\n{END}\nprint"),
    ("play", "print", f"{HIDDEN}\n{SHOWN}\nprint"),
    ("play", "print", "# Begin solution\nprint"),
    ("title", "Write", f"{BEGIN}\n{END}\nWrite"),
    ("title", "Write", "Begin Solution\nWrite"),
    ("title", "Write", "<!-- BEGIN HIDDEN TESTS -->\nWrite"),
]


@pytest.mark.parametrize(("where", "old", "new"), MUTANTS, ids=lambda text: repr(text)[1:-1].replace(" ", "_"))
def test_a_wrong_delimiter_is_refused_with_its_cell(where: str, old: str, new: str, plain: Exercise) -> None:
    notebook = small_notebook()
    broken = cell(notebook, where)
    assert old in broken.source
    broken.source = broken.source.replace(old, new, 1)
    sentences = told(notebook, plain)
    assert any(f"cell {leaks.name_of(broken)}: " in sentence for sentence in sentences), sentences


@pytest.mark.parametrize(
    "text",
    [
        "# the beginning of the solution is a minus",
        "# In the end, solutions differ by a factor of two and nobody minds",
        "# tests\nx = 1",
        'print("the end")',
    ],
)
def test_ordinary_words_are_no_delimiters(text: str, plain: Exercise) -> None:
    notebook = small_notebook()
    cell(notebook, "play").source = text
    assert told(notebook, plain) == []


# source/: what else reaches students

PICTURE = {"image/png": "iVBORw0KGgo="}


def change(where: str, **parts: object) -> Callable[[NotebookNode], None]:
    def apply(notebook: NotebookNode) -> None:
        cell(notebook, where).update(parts)

    return apply


def metadata(where: str, **parts: object) -> Callable[[NotebookNode], None]:
    return lambda notebook: cell(notebook, where).metadata.update(parts)


def about(where: str, **parts: object) -> Callable[[NotebookNode], None]:
    return lambda notebook: cell(notebook, where).metadata.nbgrader.update(parts)


@pytest.mark.parametrize(
    ("plant", "name"),
    [
        (change("title", source=f"Hint: `{CANARY}`"), "title"),
        (change("play", source=f"x, canary_factor = 1, 2\nif x:\n\t{CANARY.replace(' ', '')}"), "play"),
        (change("play", source=f"x = {CANARY.split('= ')[1]}"), "play"),
        (change("play", source=PROBE.replace('"', "'")), "play"),
        (change("play", source=f"# {base64.b64encode(CANARY.encode()).decode()}"), "play"),
        (change("play", source=TASK.replace(BEGIN, "").replace(END, "")), "play"),
        (change("test-double", source=f"{PROBE}\n{TEST}"), "test_double"),
        (change("title", attachments={"a.png": {"text/plain": CANARY}}), "title"),
        (change("title", attachments={"a.png": {"image/png": base64.b64encode(CANARY.encode()).decode()}}), "title"),
        (change("double", attachments={"a.png": PICTURE}), "double"),
        (change("test-double", attachments={"a.png": PICTURE}), "test_double"),
        (metadata("double", note="ask me"), "double"),
        (metadata("play", tags=["ungraded", CANARY]), "play"),
        (metadata("title", collapsed=True), "title"),
        (about("double", comment="ask me"), "double"),
        (about("test-double", points="two"), "test_double"),
        (about("test-double", grade_id="double"), "double is the grade_id of 2 cells"),
        (lambda notebook: notebook.cells.append(new_raw_cell("x", id="raw")), "raw"),
        (lambda notebook: notebook.metadata.update(solution="here"), "solution"),
        (lambda notebook: notebook.metadata.language_info.update(version="3.11.7"), "language_info.version"),
    ],
)
def test_what_would_reach_students_is_refused(plant: Callable, name: str, plain: Exercise) -> None:
    notebook = small_notebook()
    plant(notebook)
    sentences = told(notebook, plain)
    assert any(name in sentence for sentence in sentences), sentences
    assert all(sentence.endswith(".") and "\n" not in sentence for sentence in sentences)


def test_course_outputs_stores_what_was_printed_in_pieces_as_one(tmp_path: Path) -> None:
    """A slow machine prints so; the file has the same bytes as on a fast one."""
    slowly = "import sys, time\nfor piece in 'abc':\n    print(piece, end='', flush=True); time.sleep(0.3)\n"
    slowly += "print('!', file=sys.stderr)"
    path = small_exercise.doubling(tmp_path / "double.ipynb", new_code_cell(slowly))
    store_outputs(path)
    stored = [(output.name, output.text) for output in read(path).cells[0].outputs]
    assert stored == [("stdout", "abc"), ("stderr", "!\n")]


def test_course_outputs_takes_away_what_was_refused(plain: Exercise, tmp_path: Path) -> None:
    notebook = small_notebook()
    notebook.metadata.language_info.update(version="3.11.7")
    notebook.metadata["toc"] = {}
    cell(notebook, "play").metadata["scrolled"] = True
    assert len(told(notebook, plain)) == 2
    write(notebook, tmp_path / "double.ipynb")
    store_outputs(tmp_path / "double.ipynb")
    assert told(read(tmp_path / "double.ipynb"), plain) == []


@pytest.mark.parametrize(
    "name",
    ["solutions.py", "double.ipynb~", ".git/config", ".env", "notes.html", "data.npz", "deep/old.ipynb", ".x.csv"],
)
def test_only_data_and_pictures_may_lie_beside_the_notebook(name: str, copy: Exercise) -> None:
    (copy.source / name).parent.mkdir(exist_ok=True)
    (copy.source / name).write_text("x = 1")
    with pytest.raises(ReleaseError, match="would go to students") as caught:
        proof.check_source(copy)
    assert name in str(caught.value)


def test_links_beside_the_notebook_are_refused(copy: Exercise, tmp_path: Path) -> None:
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret/file.txt").write_text("x")
    (copy.source / "link.txt").symlink_to("/etc/passwd")
    (copy.source / "folder").symlink_to(tmp_path / "secret")
    with pytest.raises(ReleaseError) as caught:
        proof.check_source(copy)
    assert len(caught.value.reasons) == 2
    assert all("is a link" in reason for reason in caught.value.reasons)


def test_cells_need_ids_of_their_own(copy: Exercise) -> None:
    path = copy.source / copy.notebook
    content = json.loads(path.read_text())
    content["cells"][4]["id"] = "title"
    del content["cells"][1]["id"]
    path.write_text(json.dumps(content))
    assert lint.identity_mistakes(path) == [
        "title is the id of 2 cells; each needs its own.",
        "1 cells have no id; `course outputs` gives them some.",
    ]


# the release: the proof doesn't trust the checks of source/, nor nbgrader


def in_release(mutate: Callable[[NotebookNode], None]) -> Callable[[Exercise], None]:
    def plant(course: Exercise) -> None:
        path = course.release / course.notebook
        notebook = read(path)
        mutate(notebook)
        write(notebook, path)

    return plant


def in_file(name: str, data: bytes) -> Callable[[Exercise], None]:
    def plant(course: Exercise) -> None:
        for folder in (course.source, course.release):
            (folder / name).write_bytes(data)

    return plant


def in_package(name: str, text: str) -> Callable[[Exercise], None]:
    def plant(course: Exercise) -> None:
        path = course.root / "exercise_code" / name
        path.write_text((path.read_text() if path.exists() else "") + text)

    return plant


def png(text: bytes) -> bytes:
    """A picture with a compressed remark (without checksums: nobody looks at it)."""
    chunk = b"zTXtComment\0\0" + zlib.compress(text)
    return b"\x89PNG\r\n\x1a\n" + len(chunk).to_bytes(4, "big") + chunk + b"\0\0\0\0"


encoded = base64.encodebytes(b"a picture, " * 9 + CANARY.encode()).decode()
outputs = [new_output("display_data", {"image/png": encoded})]
SPOTS = [
    pytest.param(in_release(change("title", source=CANARY)), "title", id="markdown"),
    pytest.param(in_release(change("double", source=TASK)), "double", id="the solution itself"),
    pytest.param(in_release(change("play", source=CANARY)), "play", id="code"),
    pytest.param(in_release(change("test-double", source=TEST)), "test_double", id="hidden tests"),
    pytest.param(in_release(change("play", outputs=[new_output("stream", text=CANARY)])), "play", id="printed"),
    pytest.param(in_release(change("play", outputs=outputs)), "play", id="picture in outputs"),
    pytest.param(in_release(metadata("play", x=CANARY)), "play", id="cell metadata"),
    pytest.param(in_release(metadata("play", tags=[CANARY])), "play", id="tags"),
    pytest.param(in_release(about("double", x=CANARY)), "double", id="nbgrader metadata"),
    pytest.param(in_release(about("double", checksum=CANARY)), "double", id="checksum"),
    pytest.param(in_release(change("title", attachments={"a": PICTURE})), "title", id="attachments"),
    pytest.param(in_release(change("play", id="x" + CANARY[:3])), "play", id="cell id"),
    pytest.param(in_release(lambda nb: nb.metadata.update(x=CANARY)), "metadata", id="notebook metadata"),
    pytest.param(in_release(lambda nb: nb.cells.append(new_code_cell(CANARY))), "6 cells", id="a further cell"),
    pytest.param(in_file("a.txt", CANARY.encode()), "a.txt", id="text file"),
    pytest.param(in_file("a.txt", CANARY.encode("utf-16")), "a.txt", id="text file in UTF-16"),
    pytest.param(in_file("a.csv", gzip.compress(CANARY.encode())), "a.csv", id="compressed file"),
    pytest.param(in_file("a.png", png(CANARY.encode())), "a.png", id="remark in a picture"),
    pytest.param(in_file("a.md", json.dumps({"x": PROBE}).encode()), "a.md", id="JSON"),
    pytest.param(lambda c: (c.release / "b.txt").write_text("x"), "b.txt", id="a further file"),
    pytest.param(lambda c: (c.release / "table.csv").write_text("x\n2\n"), "table.csv", id="another file"),
    pytest.param(lambda c: (c.release / "table.csv").unlink(), "table.csv", id="a file is missing"),
    pytest.param(lambda c: (c.release / c.notebook).unlink(), "double.ipynb", id="the notebook is missing"),
    pytest.param(in_package("data.py", f"\n# {CANARY}\n"), "exercise_code/data.py", id="comment in exercise_code"),
    pytest.param(in_package("curves.py", f'\nx = """\n{PROBE}"""\n'), "exercise_code/curves.py", id="exercise_code"),
    pytest.param(in_package("new.py", encoded), "exercise_code/new.py", id="base64 in exercise_code"),
    pytest.param(in_package("solution.txt", "x"), "exercise_code/solution.txt", id="no module"),
]


@pytest.mark.parametrize(("plant", "name"), SPOTS)
def test_the_proof_finds_a_leak_wherever_it_is(plant: Callable[[Exercise], None], name: str, copy: Exercise) -> None:
    assert proof.prove(copy, copy.release)
    plant(copy)
    with pytest.raises(ReleaseError) as caught:
        proof.prove(copy, copy.release)
    assert any(name in reason for reason in caught.value.reasons), caught.value.reasons


def test_what_is_too_much_to_search_is_a_doubt(copy: Exercise) -> None:
    (copy.root / "exercise_code/noise.py").write_bytes(b"x\x9c\xff" * 10_001 + zlib.compress(CANARY.encode()))
    facts = proof.prove(copy, copy.release)
    assert [fact.split(" that ")[0] for fact in facts if isinstance(fact, proof.Doubt)] == [
        "So much is packed in exercise_code/noise.py"
    ]


def test_a_text_behind_several_wrappings_is_found_whatever_stands_before_it() -> None:
    """What escapes leave as it is comes again behind other wrappings."""
    picture = base64.b64encode(b"\x89PNG...." + zlib.compress(CANARY.encode())).decode()
    for text in ("a", "a\n", "a\n&amp;", "a\n&lt;<b>", "a\n&lt;<b>%41"):
        notebook = json.dumps({"source": text, "image/png": picture}).encode()
        assert any(CANARY in reading for reading in readings(notebook, depth=2)), text


WRAPPINGS: dict[str, Callable[[str], str]] = {
    "json": lambda text: json.dumps({"a": ["\n", text]}),
    "html": lambda text: f"<pre>{html.escape(text).replace(' ', '&nbsp;<b></b>')}</pre>",
    "url": lambda text: quote(text),
    "base64": lambda text: "data:text/plain;base64," + base64.encodebytes(f"\n{text}".encode()).decode(),
    "hex": lambda text: text.encode().hex(),
    "repr": lambda text: repr([text]),
    "escapes": lambda text: "".join(f"\\u{ord(letter):04x}" for letter in text),
}


@pytest.mark.parametrize("names", list(permutations(WRAPPINGS, 2)), ids=" in ".join)
def test_wrapped_twice_it_is_still_found(names: tuple[str, str]) -> None:
    wanted, _ = leaks.secrets(small_notebook(), exercise_in(ROOT, "ex04").delimiters)
    for line in (CANARY, PROBE):
        text = line
        for name in names:
            text = WRAPPINGS[name](text)
        assert [secret.line for secret in leaks.find(wanted, f"before {text} after")] == [line]


@pytest.mark.parametrize(
    ("line", "grade"),
    [
        ("return y", "nothing"),
        ("import numpy as np", "nothing"),
        ("model = self.model", "nothing"),
        ("# see above", "nothing"),
        ("model = Classifier(num_features=2)", "little"),
        ("for x in range(100):", "little"),
        ("y = self.sigmoid(X @ self.W)", "much"),
        ("return 2 * (a - 3 * b)", "much"),
        ("# log(0) is infinite: keep away", "much"),
    ],
)
def test_how_much_a_line_gives_away(line: str, grade: str) -> None:
    assert leaks.telling(line) == grade


def test_a_solution_of_trivial_lines_counts_as_a_whole(plain: Exercise) -> None:
    notebook = small_notebook()
    cell(notebook, "double").source = "### BEGIN SOLUTION\nreturn np.double\n### END SOLUTION"
    assert told(notebook, plain) == []
    cell(notebook, "play").source = "def f():\n    return np.double"
    assert any("cell play: " in sentence for sentence in told(notebook, plain))


def test_a_solution_in_several_lines_is_found_in_one(plain: Exercise) -> None:
    notebook = small_notebook()
    text = "    out = (\n        x\n        + x\n        - 7\n    )"
    cell(notebook, "double").source = TASK.replace(f"    {CANARY}", text)
    cell(notebook, "play").source = "x = 1\nout = (x + x - 7)"
    assert any("cell play: " in sentence for sentence in told(notebook, plain))


# what is committed


def test_the_committed_release_is_proven_and_every_secret_of_it_would_be_found() -> None:
    course = exercise_in(ROOT, "ex04")
    assert proof.prove(course, course.release)
    wanted, _ = leaks.secrets(read(course.source / course.notebook), course.delimiters)
    assert len(wanted) > 90
    for secret in wanted:
        hiding = base64.b64encode(json.dumps(secret.line).encode())
        assert secret.line in [each.line for each in leaks.find(wanted, hiding)]
