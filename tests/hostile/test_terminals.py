"""What somebody made up reaches a terminal, a log, a table or a CSV file as letters, and nothing else."""

import csv
import io
import json
import logging
import subprocess
import sys
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import pytest
from rich.table import Table
from rich.text import Text
from traitlets.config import Config
from typer.testing import CliRunner

from nbjudge import cli, configure
from nbjudge.batch.ledger import Outcome
from nbjudge.batch.worker import Task, grade
from nbjudge.commands import some
from nbjudge.commands.summary import Summary
from nbjudge.course.characters import BLANK, JOINERS, printable, printable_lines
from nbjudge.course.console import Console, print_json
from nbjudge.course.errors import CourseError
from nbjudge.course.notebooks import graded_cells, read, write
from nbjudge.course.student_ids import OF_EVERY_OBJECT, SAFE, UNGRADED_ID, can_be_id
from nbjudge.pages.clean import seen
from nbjudge.pages.markup import clean_html, clean_markdown, visible
from nbjudge.results import csv_files
from tests.support import ROOT, SOURCE, classes, commands, gradebooks, short_course
from tests.support.downloads import Course, notebook

ORDERS = "\x1b]0;owned\x07\x1b[2J\x1b[38m\x9b31m\x08\r\x7f"
TURNED = "\u202egpj\u202c\u2066x\u2069\u200f\u061c\ufeff\u2028\U000e0041"
EVIL = f"m{ORDERS}{TURNED}[red]:smile:[/]y"
IN_AN_ID = "m\x1b7\x07\x9b\u202e\u2066y"


def assert_harmless(text: str, lines: bool = True) -> None:
    left = text.replace("\n", "") if lines else text
    assert all(letter.isprintable() or letter in JOINERS for letter in left), ascii(text)


@pytest.fixture
def console(monkeypatch: pytest.MonkeyPatch) -> Console:
    monkeypatch.setenv("COLUMNS", "200")
    return Console()


def assert_harmless_rows(text: str) -> None:
    """Tabs are between cells and not in them: each line has as many as the first, or it is a sentence."""
    assert_harmless(text.replace("\t", ""))
    tabs = {line.count("\t") for line in text.splitlines()}
    assert len(tabs - {0}) <= 1, text


def printed(console: Console, *things: object) -> str:
    with console.capture() as capture:
        for thing in things:
            console.print(thing)
    return capture.get()


def test_whatever_is_printed_no_letter_is_an_order(console: Console) -> None:
    table = Table(EVIL, title=EVIL, caption=EVIL)
    table.add_row(EVIL)
    table.add_row(Text(EVIL, style="red"))
    said = printed(console, EVIL, Text(EVIL), Text.assemble(("a", "red"), EVIL), table, [EVIL], Path(EVIL))
    assert_harmless(said)
    assert said.count("[red]:smile:[/]y") == 10  # it is no markup either


def test_columns_are_as_wide_as_what_is_shown(console: Console) -> None:
    table = Table("a", "b")
    table.add_row(EVIL, "x")
    table.add_row("plain", "x")
    assert len({line.rindex("│") for line in printed(console, table).splitlines() if "│" in line}) == 1


def test_colours_of_our_own_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    assert printed(Console(), Text("red\x1b[0m", style="red")) == "\x1b[31mred?[0m\x1b[0m\n"


def test_there_is_one_console_and_nobody_prints_beside_it() -> None:
    """ruff holds the code to it: this is what it is told."""
    options = ["--select", "T20,TID251", "--config", ROOT / "pyproject.toml", "--output-format", "concise"]
    done = subprocess.run(
        [Path(sys.executable).with_name("ruff"), "check", *options, "--stdin-filename", ROOT / "nbjudge/new.py", "-"],
        input='import typer\nfrom rich.console import Console\n\nprint("x")\ntyper.echo("x")\n',
        capture_output=True,
        text=True,
    )
    assert {line.split(":")[1] for line in done.stdout.splitlines() if ": T" in line} == {"2", "4", "5"}


def test_names_in_json_are_escaped(capsys: pytest.CaptureFixture) -> None:
    print_json({EVIL: EVIL})
    out = capsys.readouterr().out
    assert_harmless(out)
    assert json.loads(out) == {EVIL: EVIL}


def test_a_sentence_is_harmless_wherever_it_is_shown(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    assert_harmless(str(CourseError(f"{EVIL}\nand")))
    assert "\n" in str(CourseError(f"{EVIL}\nand"))

    def fail(*_: object) -> None:
        raise CourseError(EVIL)

    monkeypatch.setattr(cli, "application", lambda: fail)
    monkeypatch.setattr(cli.own_process, "begin", lambda: None)
    with pytest.raises(SystemExit):
        cli.main()
    assert_harmless(capsys.readouterr().err)


def test_names_in_persian_and_german_stay() -> None:
    assert printable("علی\u200cرضا Müller\xa0漢字") == "علی\u200cرضا Müller 漢字"
    assert printable("a\nb\tc") == "a b c"
    assert printable_lines("a\nb\x1b") == "a\nb?"


UNSEEN = [*BLANK, "\u034f", "\u180b", "\ufe0f", "\U000e0100"]


@pytest.mark.parametrize("letter", UNSEEN, ids=ascii)
def test_letters_that_show_nothing_make_no_second_student_and_are_not_printed(letter: str) -> None:
    assert letter not in printable(f"be{letter}n")
    assert not SAFE.fullmatch(f"be{letter}n")


def test_a_letter_has_no_more_marks_than_a_script_needs() -> None:
    assert printable("a" + "\u0335\u200d" * 30 + "b\u0301\u0323") == "a" + "\u0335\u200d" * 2 + "b\u0301\u0323"


def test_no_heap_of_marks_covers_a_page() -> None:
    heap = "a" + "\u0335" * 30 + "e\u0301"
    assert visible(heap) == "a" + "\u0335" * 4 + "e\u0301"
    assert seen(f"x = 1  # {heap}") == "x = 1  # a" + "\u0335" * 4 + r"\u0335" * 26 + "e\u0301"
    assert "\u0335" * 5 not in clean_html(f"<b>{heap}</b>") + clean_markdown(f"# {heap}")
    assert visible("".join(BLANK)) == " " * (len(BLANK) - 1), "U+FFFC goes, as it always did"


def test_no_cell_begins_with_a_formula_wherever_a_spreadsheet_splits_it() -> None:
    texts = ["=1+1", 'a;"=1+1;b', 'a; "" =1+1', '"=1+1;"-2;"']
    for delimiter in ",;":
        content = csv_files.encode([["x", csv_files.text_cell(text)] for text in texts]).decode()
        for cell in chain.from_iterable(csv.reader(io.StringIO(content, newline=""), delimiter=delimiter)):
            assert not cell.lstrip('" ').startswith(("=", "+", "-", "@")), cell


FORGED = "x\nex04: 300 graded in 12 s"


ELSEWHERE = [r"x\..\ben", "b%65n", "ben#", *OF_EVERY_OBJECT]
"""In formgrader these lead to another student or to an order, or empty its lists."""


@pytest.mark.parametrize(
    "student", [FORGED, "x\u2028y", "ben ", " ben", "\xa0ben", "<b>", "*", "b\udcffn", "b" * 129, *ELSEWHERE], ids=ascii
)
def test_an_id_that_nbgrader_would_take_for_another_is_left_out_and_named_in_one_line(
    student: str, capsys: pytest.CaptureFixture
) -> None:
    outcome = grade(Task("nowhere", (), "ex04", student, ()))
    assert (outcome.status, outcome.reason) == ("failed", UNGRADED_ID)
    summary = Summary(0)
    summary.add(outcome)
    summary.show("ex04", quiet=True, as_json=False)
    assert not any(line.startswith("ex04") for line in capsys.readouterr().err.splitlines())
    assert "\n" not in some([student])
    assert not can_be_id(student)


def test_the_summary_of_a_class(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture) -> None:
    summary = Summary(0)
    summary.add(Outcome(EVIL, "failed", EVIL))
    summary.show("ex04", quiet=False, as_json=False)
    summary.show("ex04", quiet=False, as_json=True)
    said = capsys.readouterr()
    assert_harmless(said.out + said.err)
    assert "[red]:smile:" in said.err


def test_files_that_are_collected(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    course = Course(tmp_path / "course")
    monkeypatch.chdir(course.root)
    name = EVIL.replace("/", "")
    folder = course.download(f"class/{name}/x.ipynb", notebook("x")).parents[1]
    course.download(f"class/m/{name}.ipynb", notebook("x"))
    course.download(f"class/m/{name}\nhonest  taken.tar.gz", b"")
    for options in ([], ["--json"]):
        done = CliRunner().invoke(cli.application(), ["collect", "ex04", str(folder), *options])
        assert done.exit_code == 1
        assert_harmless_rows(done.output)


def test_a_table_and_a_file_of_grades(tmp_path: Path, empty_gradebook: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    course = gradebooks.Course(tmp_path, empty_gradebook)
    student = EVIL.replace("/", "")
    course.add(student, (1.0, 1.0), first_name=EVIL, last_name=EVIL, email=f"{EVIL}@x")
    course.book.close()
    shown = CliRunner().invoke(cli.application(), ["show", "ex04", student])
    assert shown.exit_code == 0
    assert_harmless(shown.output)
    for command in ("table", "intake", "export", "report", "feedback"):
        done = CliRunner().invoke(cli.application(), [command, "ex04"])
        assert_harmless_rows(done.output)
    for layout in ("csv", "moodle", "canvas"):
        CliRunner().invoke(cli.application(), ["export", "ex04", "--layout", layout, "--to", "grades.csv"])
        for row in csv.reader(io.StringIO((tmp_path / "grades.csv").read_bytes().decode(), newline="")):
            for cell in row:
                assert_harmless(cell, lines=False)
        (tmp_path / "grades.csv").unlink()
    assert csv_files.text_cell("a\n=1") == "a =1"


@pytest.fixture
def records(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.chdir(tmp_path)
    before = logging.getLogRecordFactory()
    configure(Config())
    yield
    logging.setLogRecordFactory(before)


@pytest.mark.usefixtures("records")
def test_whoever_logs_and_however_it_is_written() -> None:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logging.Formatter("%(name)s %(message)s"))
    log = logging.Logger("anybody")
    log.addHandler(handler)
    log.warning("Converting %s", EVIL)
    log.warning(EVIL)
    try:
        raise OSError(EVIL)
    except OSError:
        log.exception("It failed: %r", 1)
    assert_harmless(stream.getvalue())
    assert "Traceback" in stream.getvalue()
    assert stream.getvalue().count("smile") == 3


def test_the_log_of_nbgrader_and_the_lines_of_course_autograde(tmp_path: Path) -> None:
    """A student's folder has a name that turns text around; both commands tell of it."""
    short_course.make(tmp_path)
    folder = tmp_path / "submitted" / IN_AN_ID / "ex04"
    folder.mkdir(parents=True)
    (folder / SOURCE.name).write_bytes((tmp_path / "release/ex04" / SOURCE.name).read_bytes()[:-1000])
    (folder / f"{IN_AN_ID}\nx").symlink_to("/etc")
    done = short_course.nbgrader(tmp_path, "autograde")
    assert "Converting notebook" in done.stderr
    assert "isn't a notebook" in done.stderr
    assert_harmless(done.stdout + done.stderr)
    ours = classes.run("course", "autograde", "ex04", "--force", course=tmp_path)
    assert "1 graded" in ours.stderr
    assert_harmless(ours.stdout + ours.stderr)
    listed = commands.run([sys.executable, "-m", "nbjudge", "intake", "ex04", "--root", tmp_path], ROOT)
    assert listed.returncode == 0, listed.stderr
    assert "refused" in listed.stdout
    assert_harmless_rows(listed.stdout)


def test_no_colour_keeps_pages_from_being_made(tmp_path: Path) -> None:
    short_course.make(tmp_path)
    notebook = read(tmp_path / "release/ex04" / SOURCE.name)
    codes = ["38", "48", "38;5", "38;2;1;2", "38;5;999", "1;38", "38;38", "9999"]
    graded_cells(notebook)["bce"].source = "".join(f"print('\\x1b[{code}mX')\n" for code in codes)
    write(notebook, tmp_path / "submitted/mallory/ex04" / SOURCE.name)
    for program in ("nbgrader", "course"):
        classes.run(program, "autograde", "ex04", "--force", course=tmp_path)
        if program == "nbgrader":
            classes.run("nbgrader", "generate_feedback", "ex04", "--force", course=tmp_path)
        else:
            words = [sys.executable, "-m", "nbjudge", "feedback", "ex04", "--root", tmp_path]
            assert commands.run(words, ROOT).returncode == 0
        page = tmp_path / "feedback/mallory/ex04" / f"{Path(SOURCE.name).stem}.html"
        assert page.read_text().count("X") >= len(codes)
        page.unlink()
