"""What commands print: in a terminal of 80 columns, in a pipe, and as JSON."""

import json
import re
import shlex
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
from nbgrader.api import Comment, Gradebook
from rich.cells import cell_len

from nbjudge.course.graded import Repair, write_verdict
from nbprobe.reason import Reason
from nbprobe.verdict import Row, Verdict
from tests.support.gradebooks import DUE, NOTEBOOK, Course, write
from tests.support.terminals import COMMAND, Said, environment_with, in_a_pipe, in_a_terminal

COLOUR = re.compile(r"\x1b\[[\d;]*m")
DRAWN = re.compile(r"[\u2500-\u257f]")
REASON = "It stops with ValueError: operands could not be broadcast together with shapes (64,1) and (64,64) (64,1)."
VERDICT = Verdict(
    [
        Row("64 predictions", "wrong", 0.0, 2.0, Reason(REASON)),
        Row("one prediction", "right", 1.0, 1.0),
        Row("input as it was", "remark", 0.0, 0.0, Reason("Your function changes its input.")),
    ],
    1.0,
    3.0,
    "You averaged over the batch. Return one loss per sample; the mean is taken later, in the solver.",
)


@pytest.fixture(scope="module")
def klass(tmp_path_factory: pytest.TempPathFactory, empty_gradebook: Path) -> Course:
    """Five students: repaired, refused, with points by hand, waiting for a grade, and absent."""
    course = Course(tmp_path_factory.mktemp("class"), empty_gradebook)
    course.add("ada", (1.0, 2.0), first_name="Ada", last_name="King, Countess of Lovelace and many other places")
    course.add("ben-with-an-id-that-is-long", (0.0, 0.0), refused="The file is no notebook: it isn't JSON. " * 3)
    course.add("cem", (1.0, 2.0), manual=(2.5, None))
    course.add("absent")
    course.add("emil", (0.0, 2.0), needs=True)
    with course.book as book:
        book.add_solution_cell("b", NOTEBOOK, "ex04")
        notebook = book.find_submission_notebook(NOTEBOOK, "ex04", "cem")
        notebook.comments.append(
            Comment(cell_id=book.find_solution_cell("b", NOTEBOOK, "ex04").id, manual_comment="Well\nseen.")
        )
        book.db.commit()
    write(course.root / "submitted/waits/ex04" / f"{NOTEBOOK}.ipynb", "{}")
    for student in ("ada", "ben-with-an-id-that-is-long", "cem", "emil"):
        write(course.root / "submitted" / student / "ex04" / f"{NOTEBOOK}.ipynb", "{}")
    cell = {"cell_type": "code", "source": "", "metadata": {"nbgrader": {"grade_id": "test_b", "grade": True}}}
    write_verdict(cell, VERDICT)
    repair = Repair("The file ada (1).ipynb was graded as 1_simple_classifier.ipynb. Please keep its name." * 2)
    about = {"intake": {"repaired": [repair.as_data()]}}
    graded = json.dumps({"cells": [cell], "metadata": about})
    write(course.root / "autograded/ada/ex04" / f"{NOTEBOOK}.ipynb", graded)
    return course


TABLES = {
    "table": ["table", "ex04"],
    "intake": ["intake", "ex04"],
    "collect": ["collect", "ex04", "downloads", "--dry-run"],
    "due": ["due", "ex04"],
    "show": ["show", "ex04", "ada"],
}


@pytest.fixture(scope="module")
def folder(klass: Course) -> Path:
    name = "a rather long name of a file that nobody would want to see cut off in the middle of it.pdf"
    write(klass.root / "downloads/zoe" / name, "no notebook")
    return klass.root


@pytest.fixture(scope="module", params=TABLES)
def words(request: pytest.FixtureRequest) -> list[str]:
    return TABLES[request.param]


def said_by(said: Said) -> str:
    return re.sub(r"\s+", "", COLOUR.sub("", said.out))


def test_a_table_fits_a_terminal_of_80_columns_and_nothing_is_cut_off(folder: Path, words: list[str]) -> None:
    seen = in_a_terminal(*words, cwd=folder)
    assert "…" not in seen.out
    lines = COLOUR.sub("", seen.out).splitlines()
    tables = [line for line in lines if not line.startswith(("Next: ", "ex04 is due"))]
    assert max(map(cell_len, tables), default=0) <= 80
    if words[0] == "table":
        words_seen = said_by(seen)
        assert all(word in words_seen for word in ("Countess", "Lovelace", "places", "ben-with"))


def test_the_last_line_is_the_command_that_comes_next(folder: Path, words: list[str]) -> None:
    for said in (in_a_terminal(*words, cwd=folder), in_a_pipe(*words, cwd=folder)):
        last = COLOUR.sub("", (said.out + said.err)).strip().splitlines()[-1]
        assert re.match(r"Next: course [a-z]+ ex04", last), last


def test_colours_are_off_where_they_are_not_wanted(folder: Path, words: list[str]) -> None:
    coloured = re.compile(r"\x1b\[[\d;]*3\d")
    assert not coloured.search(in_a_terminal(*words, cwd=folder, NO_COLOR="1").out)
    assert "\x1b" not in in_a_terminal(*words, cwd=folder, TERM="dumb").out
    piped = in_a_pipe(*words, cwd=folder)
    assert "\x1b" not in piped.out + piped.err
    if words[0] in ("table", "intake", "collect"):
        assert coloured.search(in_a_terminal(*words, cwd=folder).out), "where they are wanted, they are on"


def test_a_pipe_gets_whole_lines_without_drawings(folder: Path, words: list[str]) -> None:
    piped = in_a_pipe(*words, cwd=folder, COLUMNS="40")
    assert not DRAWN.search(piped.out)
    if words[0] in ("table", "intake", "collect"):
        lines = piped.out.splitlines()
        assert len({line.count("\t") for line in lines}) == 1, "every line is a row, and a row has all its cells"
        assert len(lines) > 1
    whole = {"show": REASON, "intake": "Please keep its name.The file ada", "collect": "in the middle of it.pdf"}
    assert whole.get(words[0], "") in piped.out


def test_cut_and_grep_do_what_one_expects(folder: Path) -> None:
    script = f"{shlex.join(COMMAND)} table ex04 2>/dev/null | cut -f1,5 | grep -v student"
    done = subprocess.run(script, shell=True, cwd=folder, env=environment_with({}), capture_output=True, text=True)
    assert done.stdout == "ada\t3\nben-with-an-id-that-is-long\t0\ncem\t4.5\nemil\t2\nabsent\t\n"
    done = subprocess.run(
        f"{shlex.join(COMMAND)} table ex04 | head -1",
        shell=True,
        cwd=folder,
        env=environment_with({}),
        capture_output=True,
    )
    assert b"Traceback" not in done.stderr


def test_every_table_is_there_as_json(folder: Path) -> None:
    found = {name: in_a_pipe(*words, "--json", cwd=folder) for name, words in TABLES.items()}
    data = {name: json.loads(said.out) for name, said in found.items()}
    assert data["table"]["tasks"] == [
        {"name": "test_b", "number": "1", "title": "b", "points": 3.0, "plain": False},
        {"name": "test_a", "number": "2", "title": "a", "points": 2.0, "plain": False},
    ]
    students = {each["student"]: each for each in data["table"]["students"]}
    assert students["cem"]["points"] == {"test_b": 2.5, "test_a": 2.0}
    assert (students["cem"]["total"], students["absent"]["total"]) == (4.5, None)
    assert {(each["student"], each["what"]) for each in data["intake"]} == {
        ("ada", "repaired"),
        ("ben-with-an-id-that-is-long", "refused"),
        ("waits", "no grade"),
    }
    assert datetime.fromisoformat(data["due"]["due"]) == DUE.replace(tzinfo=UTC)
    assert data["due"]["extensions"] == {}
    assert [each["status"] for each in data["collect"]] == ["not taken"]


def test_a_verdict_as_text(folder: Path) -> None:
    said = in_a_pipe("show", "ex04", "ada", cwd=folder).out
    assert said.startswith("ex04: ada (Ada King, Countess of Lovelace and many other places): 3 of 5 points, graded\n")
    assert "Repaired: The file ada (1).ipynb was graded as" in said
    assert f"1 · b: 1 of 3 points\n  {VERDICT.diagnosis}\n  ✗ 64 predictions 0/2\n      {REASON}\n" in said
    assert "2 · a: 2 of 2 points" in said
    said = in_a_pipe("show", "ex04", "cem", cwd=folder).out
    assert "1 · b: 2.5 of 3 points\n  Given by hand: 2.5; the automatic points are 1.\n" in said
    assert "Comment below b: Well seen.\n" in said
    said = in_a_pipe("show", "ex04", "ben-with-an-id-that-is-long", cwd=folder).out
    assert "0 of 5 points, refused\n" in said
    assert "Refused: The file is no notebook" in said
    said = in_a_pipe("show", "ex04", "emil", cwd=folder).out
    assert "It needs a manual grade." in said
    assert said.endswith("Next: jupyter lab\n")
    assert "missing" in in_a_pipe("show", "ex04", "absent", cwd=folder).out


def test_a_verdict_as_data(folder: Path) -> None:
    data = json.loads(in_a_pipe("show", "ex04", "ada", "--json", cwd=folder).out)
    assert (data["student"], data["total"], data["possible"], data["refused"]) == ("ada", 3.0, 5.0, "")
    task = data["tasks"][0]
    assert (task["name"], task["title"], task["points"], task["diagnosis"]) == ("test_b", "b", 1.0, VERDICT.diagnosis)
    assert task["rows"][0] == {
        "name": "64 predictions",
        "kind": "wrong",
        "points": 0.0,
        "maximum": 2.0,
        "reason": REASON,
        "contrast": None,
        "hidden": False,
    }
    (of_cem,) = json.loads(in_a_pipe("show", "ex04", "cem", "--json", cwd=folder).out)["comments"]
    assert of_cem == {"cell": "b", "comment": "Well\nseen."}


@pytest.mark.parametrize(
    ("student", "said"),
    [
        ("waits", "waits handed in ex04, but isn't graded yet; run course autograde ex04."),
        ("nobody", "the gradebook knows no student nobody"),
        ("../ada", "the gradebook knows no student ../ada"),
    ],
)
def test_somebody_who_has_no_verdict(folder: Path, student: str, said: str) -> None:
    done = in_a_pipe("show", "ex04", student, cwd=folder)
    assert done.code == 1
    assert said in done.err
    assert done.err.count("\n") == 1, "a sentence in a pipe is one line"


def test_more_tasks_than_fit_go_on_below(tmp_path: Path, empty_gradebook: Path) -> None:
    course = Course(tmp_path, empty_gradebook)
    course.add("ada", (1.0, 2.0))
    with course.book as book:
        for number in range(30):
            book.add_grade_cell(f"test_{number:02}", NOTEBOOK, "ex04", max_score=1, cell_type="code")
    seen = COLOUR.sub("", in_a_terminal("table", "ex04", cwd=tmp_path).out)
    assert max(map(cell_len, seen.splitlines())) <= 80
    heads = [line.split()[1:] for line in seen.splitlines() if line.split()[:1] == ["student"]]
    assert [int(number) for head in heads for number in head if number != "total"] == list(range(1, 33))
    assert [head[-1] for head in heads].count("total") == 1


def test_help_in_a_pipe_has_no_frames_and_nothing_is_cut_off(folder: Path) -> None:
    said = in_a_pipe("--help", cwd=folder).out
    assert not DRAWN.search(said)
    assert "..." not in said.replace("[ARGS]...", "")


def test_the_next_command_is_about_the_same_folder(folder: Path) -> None:
    elsewhere = in_a_pipe("show", "ex04", "ada", "--root", str(folder), cwd=folder).out
    assert elsewhere.endswith(f"Next: course feedback ex04 --root {folder}\n")


def test_gradebook_is_only_read(folder: Path) -> None:
    before = (folder / "gradebook.db").read_bytes()
    in_a_pipe("show", "ex04", "ada", cwd=folder)
    assert (folder / "gradebook.db").read_bytes() == before
    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}") as book:
        assert len(book.students) == 5
