"""What is kept of wrong tasks: whole or not at all, within its bound, and read as what a stranger may have written."""

import json
import zlib
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from nbjudge.judging import kept_evidence
from nbjudge.judging.kept_evidence import MAX_BYTES, MAX_TEXT, keep, read
from nbjudge.judging.oracle import Answers
from nbjudge.judging.seen import Seen, depends_on_catalogue
from nbprobe.answers import Answers as Checks
from nbprobe.reason import Reason
from nbprobe.wire import encode

ONE = {"points": 1.0, "core": False, "rtol": 1e-5, "advice": "", "sentences": {}}
RIGHT = [{"name": "a", "value": encode(2.0), **ONE}, {"name": "b", "value": encode(4.0), **ONE}]
ANSWERS = Answers(
    solution={"test_f": RIGHT},
    points={"test_f": 2.0},
    misconceptions={"test_f": []},
    fragile={"test_f": [("Nearly.", [{"name": "a", "value": encode(2.5)}, {"name": "b", "value": encode(4.0)}])]},
    visible={"test_f": Checks(RIGHT, [], [], 2.0)},
    made_from="",
)


def seen(*raws: dict[str, Any], stopped: Reason | None = None) -> Seen:
    return Seen.of("test_f", ANSWERS, list(raws), stopped, [])


WRONG = seen({"name": "a", "value": encode(7.0)}, {"name": "b", "error": "ValueError", "message": "x"})


@pytest.fixture
def course(tmp_path: Path) -> Any:
    """As much of a course as keeping asks for."""
    return SimpleNamespace(
        evidence=lambda student, assignment: tmp_path / assignment / "evidence" / f"{student}.evidence",
        notebooks=lambda assignment: [Path("one.ipynb"), Path("two.ipynb")],
    )


def path_of(course: Any) -> Path:
    return course.evidence("ada", "ex")


def test_what_is_kept_comes_back_and_is_judged_to_the_same(course: Any) -> None:
    own = Seen.of("test_f", ANSWERS, WRONG.hidden, Reason("Stopped at 3.", "Stopped."), RIGHT)
    keep(course, "ada", "ex", "one", {"test_f": own})
    (back,) = read(path_of(course)).tests.values()
    assert back == own
    assert back.verdict("test_f", ANSWERS) == own.verdict("test_f", ANSWERS)


def test_a_second_call_that_gave_the_same_is_kept_once(course: Any) -> None:
    value = {"value": encode(list(range(500)))}
    own = seen({"name": "a", **value, "otherwise": value}, {"name": "b", **value, "otherwise": {"value": encode(1)}})
    keep(course, "ada", "ex", "one", {"test_f": own})
    assert read(path_of(course)).tests["one", "test_f"] == own
    assert json.dumps(own.as_data()).count("499") == 2


def test_a_regrade_replaces_it_and_nothing_wrong_removes_it(course: Any) -> None:
    keep(course, "ada", "ex", "one", {"test_f": WRONG})
    keep(course, "ada", "ex", "two", {"test_g": WRONG})
    assert set(read(path_of(course)).tests) == {("one", "test_f"), ("two", "test_g")}
    keep(course, "ada", "ex", "one", {})
    assert set(read(path_of(course)).tests) == {("two", "test_g")}
    keep(course, "ada", "ex", "two", {})
    assert not path_of(course).exists()


def test_what_no_judgement_reads_is_not_kept() -> None:
    lie = {"value": encode(1.0), "points": 20, "otherwise": {"otherwise": {}, "value": encode(1.0)}}
    own = seen({"name": "a", **lie}, {"name": "a", **lie}, {"name": "a", **lie}, {"name": "other", **lie})
    assert len(own.hidden) == 2
    assert set(own.hidden[0]) == {"name", "value", "otherwise"}
    assert set(own.hidden[0]["otherwise"]) == {"value"}
    stops = seen({"name": "a", "error": "E" * 900, "message": "m" * 10**6, "value": "v" * 10**6})
    assert len(json.dumps(stops.hidden)) < 1000


def test_what_has_no_room_is_dropped_as_a_whole_and_named(course: Any) -> None:
    noise = "".join(chr(48 + (number * 7919) % 71) for number in range(10**6))
    large = [Seen("", [{"name": "a", "value": noise[:size]}], None, []) for size in (100_000, 900_000, 3 * 10**6)]
    tests = {"test_f": WRONG, **{f"large{number}": each for number, each in enumerate(large)}}
    keep(course, "ada", "ex", "one", tests)
    assert path_of(course).stat().st_size <= MAX_BYTES
    kept = read(path_of(course))
    assert kept.tests["one", "test_f"] == WRONG
    assert kept.dropped | set(kept.tests) == {("one", name) for name in tests}
    assert not kept.dropped & set(kept.tests)
    keep(course, "ada", "ex", "one", {"test_f": WRONG})
    assert not read(path_of(course)).dropped


def bomb() -> bytes:
    return zlib.compress(b'{"dropped":[],"tests":[' + b" " * (4 * MAX_TEXT) + b"]}")


DAMAGED = {
    "empty": b"",
    "no file of ours": b"hello",
    "cut off": zlib.compress(b'{"dropped":[],"tests":[]}')[:-5],
    "more behind it": zlib.compress(b'{"dropped":[],"tests":[]}') + b"x",
    "a bomb": bomb(),
    "deep": zlib.compress(b"[" * 100_000),
    "a long number": zlib.compress(b'{"dropped":[],"tests":[[["one","f"],{"expected":' + b"9" * 9000 + b"}]]}"),
    "no text": zlib.compress(b"\xff\xfe"),
    "another form": zlib.compress(b'{"dropped":1,"tests":{}}'),
    "tests without names": zlib.compress(b'{"dropped":[],"tests":[[[1,2],{}]]}'),
    "evidence of another form": zlib.compress(
        b'{"dropped":[],"tests":[[["one","f"],{"expected":"","hidden":[1],"visible":[]}]]}'
    ),
    "too large": b"x" * (MAX_BYTES + 1),
}


@pytest.mark.parametrize("form", DAMAGED)
def test_a_damaged_file_is_no_evidence_and_is_replaced(course: Any, form: str) -> None:
    path = path_of(course)
    path.parent.mkdir(parents=True)
    path.write_bytes(DAMAGED[form])
    kept = read(path)
    assert kept.is_damaged
    assert not kept.tests
    keep(course, "ada", "ex", "one", {"test_f": WRONG})
    assert read(path).tests == {("one", "test_f"): WRONG}


@pytest.mark.parametrize("gone", [False, True])
def test_a_link_is_not_followed(course: Any, tmp_path: Path, gone: bool) -> None:
    other = tmp_path / "other"
    other.write_bytes(kept_evidence._content({("one", "test_f"): WRONG}, []))
    before = other.read_bytes()
    path = path_of(course)
    path.parent.mkdir(parents=True)
    path.symlink_to(other)
    assert read(path).is_damaged
    keep(course, "ada", "ex", "one", {} if gone else {"test_f": seen()})
    assert other.read_bytes() == before
    assert not path.is_symlink()
    assert path.exists() != gone


HOSTILE = [
    {"name": "a", "value": {"kind": "array", "dtype": "<f8", "shape": [10**6, 10**6], "data": ""}},
    {"name": "a", "value": {"kind": "list", "data": [{"kind": "list", "data": []}] * 1000}},
    {"name": "a", "value": 3, "notes": {"x": 1}, "names": 3, "changed": "yes"},
    {"name": "a", "error": ["x"], "message": {"y": 2}, "cause": 7},
    {"name": "a", "value": {"kind": "number", "data": float("nan")}, "otherwise": "equal"},
    {"name": "a", "value": {"kind": "string", "data": "\ud800\x1b[2J"}},
    {"name": {"a": 1}, "value": None},
]


@pytest.mark.parametrize("raw", HOSTILE)
def test_whatever_a_process_published_is_kept_and_judged_as_nothing_but_data(course: Any, raw: dict) -> None:
    own = seen(raw)
    keep(course, "ada", "ex", "one", {"test_f": own})
    back = read(path_of(course)).tests["one", "test_f"]
    verdict = back.verdict("test_f", ANSWERS)
    assert verdict == own.verdict("test_f", ANSWERS)
    assert verdict.score == 0


def test_what_is_right_enough_depends_on_the_catalogue_and_what_is_right_does_not() -> None:
    def depends(number: float) -> bool:
        verdict = seen({"name": "a", "value": encode(number)}, RIGHT[1]).verdict("test_f", ANSWERS)
        return depends_on_catalogue(verdict, "test_f", ANSWERS)

    assert depends(2.4)
    assert depends(9.0)
    assert not depends(2.0)


def test_answers_to_other_probes_are_told_apart() -> None:
    other = ANSWERS.model_copy(update={"solution": {"test_f": [*RIGHT[:1], {**RIGHT[1], "value": encode(5.0)}]}})
    assert WRONG.is_of("test_f", ANSWERS)
    assert not WRONG.is_of("test_f", other)
